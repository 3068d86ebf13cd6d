"""What folders of models say: MLflow's description and example, environments, licences."""

import io
import json

import mlflow
import pandas
import pytest
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

from registry.models import Framework, Risk
from registry.reading import FactFile, Facts, read_facts

TABLE = pandas.DataFrame({"height": [1.0, 2.0, 3.0], "count": [1, 2, 3]})


def facts_of(files: dict[str, bytes | str]) -> Facts:
    contents = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
    return read_facts([FactFile(path, lambda data=data: io.BytesIO(data)) for path, data in contents.items()])


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> dict[str, bytes]:
    """A folder as MLflow writes it."""
    folder = tmp_path_factory.mktemp("mlflow") / "model"
    model = LogisticRegression().fit(TABLE, [0, 1, 1])
    signature = infer_signature(TABLE, model.predict(TABLE))
    pip = ["scikit-learn==1.9.1", "pandas==3.1.1"]
    mlflow.sklearn.save_model(model, folder, signature=signature, input_example=TABLE[:2], pip_requirements=pip,
                              serialization_format="cloudpickle")  # fmt: skip
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_of_mlflow_tells_all_of_itself(saved):
    facts = facts_of(saved)
    assert (facts.framework, facts.framework_version) == (Framework.MLFLOW, mlflow.__version__)
    assert facts.mlmodel["flavors"] == ["python_function", "sklearn"]
    assert facts.mlmodel["utc_time_created"] and (facts.mlmodel.get("model_uuid") or facts.mlmodel.get("model_id"))
    assert facts.python_version.startswith("3.")
    assert facts.versions["scikit-learn"] == "1.9.1" and facts.versions["pandas"] == "3.1.1"
    assert facts.signature["inputs"] == [
        {"name": "height", "type": "double", "shape": None}, {"name": "count", "type": "long", "shape": None},
    ]  # fmt: skip
    assert facts.signature["outputs"][0]["type"] == "int64" and facts.signature["outputs"][0]["shape"] == [None]
    assert facts.signature["source"] == "MLmodel"
    assert facts.risk == Risk.KNOWN


def test_its_input_example_becomes_a_body_that_the_served_model_takes(saved):
    assert facts_of(saved).sample_input == {
        "dataframe_split": {"columns": ["height", "count"], "data": [[1.0, 1], [2.0, 2]]}
    }


def test_an_example_without_a_serving_file_is_put_into_one():
    described = (
        "saved_input_example_info: {artifact_path: e.json, type: dataframe, pandas_orient: split}\nflavors: {}\n"
    )
    split = {"columns": ["a"], "data": [[1]]}
    assert facts_of({"MLmodel": described, "e.json": json.dumps(split)}).sample_input == {"dataframe_split": split}
    tensor = described.replace("dataframe", "ndarray")
    assert facts_of({"MLmodel": tensor, "e.json": "[[1, 2]]"}).sample_input == {"inputs": [[1, 2]]}


@pytest.mark.parametrize("example", ["{", "NaN", '"\\u0000"', '"' + "x" * 300_000 + '"', "[" * 100_000])
def test_an_example_that_cannot_be_kept_is_left_out(example):
    described = "saved_input_example_info: {serving_input_path: e.json}\nflavors: {}\n"
    assert facts_of({"MLmodel": described, "e.json": example}).sample_input is None


def test_types_of_columns_are_told_in_words():
    inputs = [
        {"name": "tags", "type": "array", "items": {"type": "string"}},
        {"name": "who", "type": "object", "properties": {"age": {"type": "long"}}},
        {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 28, 28]}},
    ]
    facts = facts_of({"MLmodel": f"signature: {{inputs: {json.dumps(json.dumps(inputs))}}}"})
    assert [entry["type"] for entry in facts.signature["inputs"]] == ["array of string", "object of age", "float32"]
    assert facts.signature["inputs"][2]["shape"] == [None, 28, 28]


def test_an_environment_beside_the_model_tells_python_and_versions():
    conda = "dependencies: [python=3.11.4, pip, {pip: [xgboost==3.0.2, 'Scikit_Learn == 1.9.1', torch>=2]}]"
    facts = facts_of({"conda.yaml": conda, "model.bin": b"\x00"})
    assert facts.python_version == "3.11.4"
    assert facts.versions == {"xgboost": "3.0.2", "scikit-learn": "1.9.1"}


LICENCES = {
    "MIT": "MIT License\n\nPermission is hereby granted, free of charge, to any person ... The above copyright notice",
    "Apache-2.0": "Apache License\n                           Version 2.0, January 2004",
    "BSD-3-Clause": "Redistribution and use in source and binary forms ... Neither the name of",
    "GPL-3.0": "GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007",
    "CC-BY-NC-4.0": "Creative Commons Attribution-NonCommercial 4.0 International",
    "EUPL-1.2": "SPDX-License-Identifier: EUPL-1.2",
    "": "All rights reserved.",
}


@pytest.mark.parametrize(("name", "text"), LICENCES.items())
def test_licences_are_named_where_their_words_are_known(name, text):
    assert facts_of({"deep/LICENSE.txt": text}).licences == [{"path": "deep/LICENSE.txt", "licence": name}]


def test_files_that_are_no_licence_are_not_taken_for_one():
    assert facts_of({"licenses.csv": "a", "model.py": "MIT", "unlicensed": ""}).licences == []


@pytest.mark.parametrize(("files", "framework"), [
    ({"net.h5": b"other"}, Framework.CUSTOM),
    ({"net.pt": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n."}, Framework.PYTORCH),
], ids=str)  # fmt: skip
def test_what_is_no_model_by_itself_takes_an_entry_script(files, framework):
    facts = facts_of(files)
    assert facts.framework == framework and "entry script" in facts.why
