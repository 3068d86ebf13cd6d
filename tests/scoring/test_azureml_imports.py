"""azureml.core.model.Model.get_model_path where azureml-core is absent (Azure ML v1 contract, 1.7, 1.8)."""

import subprocess
import sys

import pytest
from slipway_scoring.azureml_shim import Model, ModelNotFoundException, WebserviceException

from tests.scoring.conftest import SCORING


@pytest.fixture
def app_root(tmp_path, monkeypatch):
    """Models as the drivers lay them: a file, a folder, two versions, a folder of two files."""
    files = ["one/1/model.pkl", "one/2/model.pkl", "one/10/model.pkl", "folder/1/mymodel/a.bin", "two/1/a", "two/1/b"]
    for file in files:
        path = tmp_path / "azureml-models" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file)
    monkeypatch.setenv("AML_APP_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name, version, path",
    [("one", None, "one/10/model.pkl"), ("one", 2, "one/2/model.pkl"), ("folder", None, "folder/1/mymodel")],
)
def test_it_gives_the_one_entry_of_the_version_the_newest_when_none_is_named(app_root, name, version, path):
    assert Model.get_model_path(name, version) == str(app_root / "azureml-models" / path)


def test_a_version_must_be_a_number(app_root):
    with pytest.raises(WebserviceException, match="version should be an int"):
        Model.get_model_path("one", "1")


def test_a_model_without_a_name_is_refused(app_root):
    with pytest.raises(WebserviceException, match="model_name is None"):
        Model.get_model_path(None)


def test_a_folder_of_two_entries_is_refused(app_root):
    with pytest.raises(WebserviceException, match="can contain only 1 file or folder"):
        Model.get_model_path("two")


def test_an_unknown_model_names_both_places_searched(app_root):
    with pytest.raises(ModelNotFoundException, match="azureml-models or in current working directory"):
        Model.get_model_path("three")


@pytest.mark.parametrize("version", [None, 9])
def test_a_path_of_that_name_below_the_working_directory_is_the_fallback(app_root, version):
    (app_root / "local.pkl").write_text("")
    assert Model.get_model_path("local.pkl", version) == "local.pkl"


def test_a_script_uses_the_old_import_path(serve_script, app_root):
    script = """
from azureml.core.model import Model
from azureml.core import Model as Same
from azureml.exceptions import WebserviceException
def init():
    global text
    text = open(Model.get_model_path("one")).read()
def run(data): return text
"""
    assert serve_script(script, AML_APP_ROOT=str(app_root)).ready().score("x").json() == "one/10/model.pkl"


def test_what_is_not_served_says_so_at_import(serve_script):
    failure = serve_script("from azureml.core import Workspace\ndef init(): pass\ndef run(data): pass").failure()
    assert failure["code"] == "entry-script-import"
    assert "is not available in a scoring service" in failure["message"]


def test_an_installed_azureml_core_is_left_alone(tmp_path):
    package = tmp_path / "azureml" / "core"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "model.py").write_text("Model = 'the real one'")
    code = (
        "from slipway_scoring import azureml_shim; azureml_shim.install();"
        "from azureml.core.model import Model; print(Model)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": f"{SCORING}:{tmp_path}"}, capture_output=True, text=True
    )
    assert found.stdout.strip() == "the real one", found.stderr
