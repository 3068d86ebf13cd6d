"""The scoring runtime itself answers what CSV rows and signatures are made into, as the model would."""

from io import BytesIO

import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from profiling.samples import read_samples, samples_of
from registry.models import ModelVersion
from registry.reading import FactFile, read_facts
from tests.scoring import models
from tests.scoring.conftest import start_server  # noqa: F401

FRAME = load_iris(as_frame=True).frame
TABLE, SPECIES = FRAME.drop(columns="target"), FRAME["target"]
NAMED = make_pipeline(StandardScaler(), LogisticRegression()).fit(TABLE, SPECIES)
UNNAMED = make_pipeline(StandardScaler(), LogisticRegression()).fit(TABLE.to_numpy(), SPECIES)
MIXED = models.mixed_table()
ROWS = TABLE[::15]


def registered(path) -> ModelVersion:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    facts = read_facts([
        FactFile(str(file.relative_to(path.parent)), lambda file=file: BytesIO(file.read_bytes())) for file in files
    ])  # fmt: skip
    return ModelVersion(framework=facts.framework, signature=facts.signature, sample_input=facts.sample_input)


def onnx_of_columns(path):
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    types = [("town", StringTensorType([None, 1])), ("rooms", FloatTensorType([None, 1])),
             ("size", FloatTensorType([None, 1]))]  # fmt: skip
    path.write_bytes(to_onnx(models.mixed_pipeline(), initial_types=types).SerializeToString())
    return path


SAVED = {
    "scikit-learn of arrays": (lambda folder: models.pickled(UNNAMED, folder / "model.pkl"), UNNAMED, ROWS),
    "scikit-learn of a table": (lambda folder: models.pickled(NAMED, folder / "model.pkl"), NAMED, ROWS),
    "scikit-learn of texts": (lambda folder: models.pickled(models.mixed_pipeline(), folder / "model.pkl"),
                              models.mixed_pipeline(), MIXED),
    "onnx": (lambda folder: models.as_onnx(UNNAMED, TABLE.to_numpy()[:1], folder / "model.onnx",
                                           options={"zipmap": False}), UNNAMED, ROWS),
    "onnx of columns": (lambda folder: onnx_of_columns(folder / "model.onnx"), models.mixed_pipeline(), MIXED),
    "mlflow": (lambda folder: models.as_mlflow(NAMED, folder / "model", TABLE), NAMED, ROWS),
    "mlflow of texts": (lambda folder: models.as_mlflow(models.mixed_pipeline(), folder / "model", MIXED),
                        models.mixed_pipeline(), MIXED),
    "mlflow of arrays": (lambda folder: models.as_mlflow(UNNAMED, folder / "model", TABLE.to_numpy()), UNNAMED, ROWS),
    "mlflow without a signature": (lambda folder: models.as_mlflow(NAMED, folder / "model",
                                   serialization_format="cloudpickle"), NAMED, ROWS),
}  # fmt: skip


PICKLES = [name for name in SAVED if name.startswith("scikit-learn")]
OF_NAMES = ["scikit-learn of a table", "onnx of columns", "mlflow", "mlflow of texts"]
OF_NUMBERS = ["scikit-learn of arrays", "scikit-learn of a table", "onnx", "mlflow", "mlflow of arrays"]


@pytest.fixture(scope="module")
def served(request, start_server, tmp_path_factory):  # noqa: F811
    """(server, version, model, rows) of one of SAVED."""
    save, model, rows = SAVED[request.param]
    path = save(tmp_path_factory.mktemp("saved"))
    server = start_server("--model", path).ready()
    yield server, registered(path), model, rows
    server.close()


def for_each_of(names) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("served", list(names), indirect=True)


def told(server, version: ModelVersion) -> ModelVersion:
    """With the signature that the runtime tells, as the first deployment records it where the files told none."""
    signature = version.signature or server.client.get(server.url("/signature")).json()
    return ModelVersion(framework=version.framework, signature=signature)


def answers(server, samples) -> list:
    found = []
    for body in samples.bodies:
        answer = server.score(body)
        assert answer.status_code == 200, answer.text
        (prediction,) = answer.json()["predictions"]
        found.append(prediction[0] if isinstance(prediction, list) else prediction)
    return found


def expected(model, rows) -> list:
    rows = rows if hasattr(model, "feature_names_in_") else rows.to_numpy()
    return pytest.approx(model.predict(rows).tolist(), rel=1e-4)


@for_each_of(SAVED)
def test_each_row_of_a_csv_is_answered_as_the_model_answers_it(served):
    server, version, model, rows = served
    samples = read_samples(rows.to_csv(index=False), version=version)
    assert answers(server, samples) == expected(model, rows)


@for_each_of(SAVED)
def test_rows_beside_their_numbers_are_too(served):
    server, version, model, rows = served
    assert answers(server, read_samples(rows.to_csv(), version=version)) == expected(model, rows)


@for_each_of(OF_NUMBERS)
def test_rows_without_names_are_too(served):
    server, version, model, rows = served
    samples = read_samples(rows.to_csv(index=False, header=False), version=version)
    assert answers(server, samples) == expected(model, rows)


@for_each_of(PICKLES)
def test_rows_for_a_pickle_that_was_deployed_before_are_too(served):
    server, version, model, rows = served
    samples = read_samples(rows.to_csv(index=False), version=told(server, version))
    assert answers(server, samples) == expected(model, rows)


@for_each_of(OF_NAMES)
def test_columns_that_the_model_does_not_know_and_another_order_do_no_harm(served):
    server, version, model, rows = served
    mixed = rows[rows.columns[::-1]].assign(target=1)
    samples = read_samples(mixed.to_csv(index=False), version=told(server, version))
    assert answers(server, samples) == expected(model, rows)


@for_each_of(name for name in SAVED if name != "scikit-learn of texts")
def test_what_is_made_from_its_signature_is_answered(served):
    server, version, _, _ = served
    made = samples_of(told(server, version))
    assert made.source == "signature"
    assert len(answers(server, made)) == 16


@for_each_of(["scikit-learn of texts"])
def test_which_columns_of_a_pickle_are_texts_nobody_says(served):
    server, version, _, _ = served
    refused = server.score(samples_of(told(server, version)).bodies[0])
    assert refused.status_code == 400
    assert "The model refused the rows" in refused.json()["message"]


@for_each_of(["mlflow"])
def test_an_input_example_is_answered(served):
    server, version, _, rows = served
    version.sample_input = {"dataframe_split": {"columns": list(rows.columns), "data": rows[:1].to_numpy().tolist()}}
    samples = samples_of(version)
    assert (samples.source, len(answers(server, samples))) == ("version", 1)
