import json
from pathlib import Path

import pytest
from slipway import inference, resources
from slipway.errors import LocalPathError, SlipwayError


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """`src/score.py`, `src/conda.yml`, `src/lib/help.py`, and `other.yml` beside the folder."""
    for name in ("src/score.py", "src/conda.yml", "src/lib/help.py", "other.yml"):
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def written(text, **flags):
    Path("ic.yml").write_text(text)
    return inference.prepare(Path("ic.yml"), **flags)


def sent(found):
    return [file.path for file in found.files]


def test_without_file_and_flags_the_framework_decides():
    assert inference.prepare() == inference.Inference(None, [])


def test_the_source_directory_travels_under_its_name_and_the_text_stays_as_it_is():
    text = "# mine\nsourceDirectory: ./src/\nentryScript: ./score.py\ncondaFile: conda.yml\n"
    found = written(text)
    assert found.config == text
    assert sent(found) == ["src/conda.yml", "src/score.py", "src/lib/help.py"]


def test_json_with_tabs_is_read_too():
    assert sent(written('{\n\t"entryScript":\t"src/score.py"\n}')) == ["src/score.py"]


def test_without_a_source_directory_only_the_named_files_travel():
    text = "entryScript: src/score.py\nenvironment: {python: {condaDependenciesFile: other.yml}}\n"
    found = written(text)
    assert (found.config, sent(found)) == (text, ["src/score.py", "other.yml"])


def test_a_file_from_elsewhere_is_sent_by_its_name(project, monkeypatch):
    monkeypatch.chdir(project / "src/lib")
    found = inference.prepare(entryScript="../score.py")
    assert (found.config, sent(found)) == ({"entryScript": "score.py"}, ["score.py"])


def test_the_current_directory_as_source_directory_gets_its_real_name(project, monkeypatch):
    monkeypatch.chdir(project / "src")
    found = inference.prepare(entryScript="score.py", sourceDirectory=".")
    assert found.config == {"entryScript": "score.py", "sourceDirectory": "src"}
    assert "src/score.py" in sent(found)


def test_flags_override_single_values_of_the_file():
    found = written("entryScript: main.py\nruntime: python\n", entryScript="src/score.py")
    assert found.config == {"entryScript": "src/score.py", "runtime": "python"}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"entryScript": "nothing.py"}, "entryScript does not exist: nothing.py"),
        ({"entryScript": "score.py", "sourceDirectory": "nowhere"}, "source directory does not exist"),
        ({"entryScript": "src/score.py", "sourceDirectory": "src"}, "there is no src/score.py in src"),
        ({"entryScript": "score.py", "sourceDirectory": "src", "condaFile": "../other.yml"}, "lies outside"),
    ],
)
def test_a_missing_file_is_named_before_anything_is_sent(flags, said):
    with pytest.raises(LocalPathError, match=said):
        inference.prepare(**flags)


def test_an_unreadable_configuration_goes_to_the_studio_which_knows_the_line():
    text = "entryScript: [score.py\n"
    assert written(text) == inference.Inference(text, [])


def test_an_unreadable_configuration_cannot_be_overridden():
    with pytest.raises(SlipwayError, match=r"neither YAML nor JSON: ic\.yml"):
        written("- a\n- list\n", entryScript="src/score.py")


def test_a_missing_configuration_file_is_named():
    with pytest.raises(LocalPathError, match=r"nothing\.yml: No such file"):
        inference.prepare(Path("nothing.yml"))


def test_deployment_sizes_from_flags_win_over_the_file_and_keep_the_rest():
    Path("dc.json").write_text(
        json.dumps({"computeType": "aci", "containerResourceRequirements": {"cpu": 1, "memoryInGB": 2}})
    )
    config = resources.prepare(
        Path("dc.json"), {("containerResourceRequirements", "cpu"): 0.5, ("authEnabled",): False}
    )
    assert config == {
        "computeType": "aci",
        "authEnabled": False,
        "containerResourceRequirements": {"cpu": 0.5, "memoryInGB": 2},
    }


def test_a_deployment_configuration_without_flags_is_sent_as_text():
    Path("dc.yml").write_text("computeType: local\n")
    assert resources.prepare(Path("dc.yml"), {}) == "computeType: local\n"
    assert resources.prepare(None, {}) is None
