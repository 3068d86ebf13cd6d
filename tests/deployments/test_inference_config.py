"""Inference configurations as people have them: Azure's own, in YAML and in JSON, with their mistakes."""

import json

import pytest

from deployments.errors import ConfigInvalid
from deployments.inference_config import read_inference_config

SCRIPT = {"score.py": None}
# Azure ML v1 contract, 2.3: "a minimal pair that must work".
MINIMAL = """{"entryScript": "score.py", "sourceDirectory": "./src", "environment": {"name": "demo",
  "python": {"condaDependencies": {"name": "demo", "channels": ["conda-forge"],
     "dependencies": ["python=3.8", {"pip": ["azureml-defaults", "scikit-learn==1.0.2"]}]}}}}"""
# As `Environment.save_to_directory` and the documentation write it.
TYPICAL = {
    "entryScript": "score.py",
    "sourceDirectory": "./source_dir",
    "environment": {
        "docker": {
            "arguments": [], "baseDockerfile": None, "enabled": False, "sharedVolumes": True, "shmSize": None,
            "baseImage": "mcr.microsoft.com/azureml/openmpi3.1.2-ubuntu18.04",
        },
        "environmentVariables": {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE", "MODE": "fast"},
        "name": "my-deploy-env",
        "python": {
            "baseCondaEnvironment": None, "interpreterPath": "python", "userManagedDependencies": False,
            "condaDependencies": {
                "channels": ["conda-forge"],
                "dependencies": ["python=3.6.2", {"pip": ["azureml-defaults"]}, "pip", "scikit-learn"],
                "name": "azureml_environment",
            },
        },
        "version": "1",
    },
}  # fmt: skip


def read(source, files=SCRIPT):
    return read_inference_config(source, files)


def conda(*dependencies):
    environment = {"name": "e", "python": {"condaDependencies": {"dependencies": list(dependencies)}}}
    return read({"entryScript": "score.py", "environment": environment})


def refused(source, files=SCRIPT) -> ConfigInvalid:
    with pytest.raises(ConfigInvalid) as refusal:
        read(source, files)
    return refusal.value


def test_without_a_configuration_the_framework_decides():
    assert read(None) is None


@pytest.mark.parametrize("folder", ["src/score.py", "score.py"])
def test_azures_minimal_file_works_whether_the_folder_or_what_is_in_it_was_uploaded(folder):
    config = read(MINIMAL, {folder: None})
    assert config.entry_script == folder and config.source_directory == ("src" if "/" in folder else None)
    assert (config.python, config.requirements) == ("3.8", ["azureml-defaults", "scikit-learn==1.0.2"])


def test_azures_typical_file_works_with_notes_on_what_is_different_here():
    config = read(TYPICAL)
    assert config.requirements == ["azureml-defaults", "scikit-learn"] and config.python == "3.6"
    assert config.variables == {"MODE": "fast"}, "the sample variable is not one of the user's"
    assert config.base_image is None and any("belongs to Azure" in note for note in config.notes)


def test_the_legacy_form_with_a_conda_file_works():
    source = "entryScript: score.py\nruntime: python\ncondaFile: env.yml\nenableGpu: false\n"
    files = {"score.py": None, "env.yml": b"name: x\ndependencies:\n  - python=3.9\n  - pip:\n    - numpy==1.26.4\n"}
    config = read(source, files)
    assert (config.python, config.requirements) == ("3.9", ["numpy==1.26.4"])


@pytest.mark.parametrize("where", ["env.yml", "src/env.yml"])
def test_a_conda_file_is_found_beside_the_script(where):
    source = {
        "entryScript": "score.py", "sourceDirectory": "src",
        "environment": {"name": "e", "python": {"condaDependenciesFile": "./env.yml"}},
    }  # fmt: skip
    assert read(source, {"src/score.py": None, where: b"dependencies: [numpy]"}).requirements == ["numpy"]


def test_only_a_script_leaves_the_environment_to_the_framework():
    config = read({"entryScript": "./score.py"})
    assert (config.entry_script, config.requirements, config.python) == ("score.py", None, None)


def test_yaml_and_json_say_the_same():
    as_yaml = "entryScript: score.py\nenvironment:\n  name: e\n  docker: {baseImage: my/image}\n"
    as_json = json.dumps({"entryScript": "score.py", "environment": {"name": "e", "docker": {"baseImage": "my/image"}}})
    assert read(as_yaml).as_dict() == read(as_json).as_dict() == read(json.loads(as_json)).as_dict()


@pytest.mark.parametrize(("item", "requirement"), [
    ("scikit-learn=1.0.2", "scikit-learn==1.0.2.*"),
    ("scikit-learn==1.0.2", "scikit-learn==1.0.2"),
    ("numpy=1.26.*", "numpy==1.26.*"),
    ("numpy=1.26=py311_0", "numpy==1.26.*"),
    ("numpy 1.26.4", "numpy==1.26.4"),
    ("numpy>=1.20,<2", "numpy>=1.20,<2"),
    ("conda-forge::lightgbm", "lightgbm"),
    ("pip-tools=7.0", "pip-tools==7.0.*"),
    ("pipdeptree", "pipdeptree"),
])  # fmt: skip
def test_conda_packages_become_what_pypi_has_with_a_note(item, requirement):
    config = conda(item)
    assert config.requirements == [requirement]
    assert f"installed from PyPI as {requirement}" in config.notes[0]


@pytest.mark.parametrize("item", ["pip", "pip=23.1", "pip>=20"])
def test_pip_itself_is_no_requirement(item):
    assert conda(item, "numpy").requirements == ["numpy"]


@pytest.mark.parametrize(("item", "python"), [
    ("python=3.8", "3.8"), ("python==3.11.7", "3.11"), ("python=3.8.13=h582c2e5", "3.8"), ("python>=3.9", "3.9"),
    ("python >=3.9,<3.12", "3.9"), ("python", None), ("python=2.7", None),
])  # fmt: skip
def test_the_python_of_a_conda_file_is_the_environments(item, python):
    config = conda(item)
    assert config.python == python and config.requirements == []


def test_an_environment_without_packages_installs_none():
    assert conda().requirements == []


@pytest.mark.parametrize(("source", "line", "words", "advice"), [
    ("entryScript: score.py\nsourceDir: ./src\n", 2, "sourceDir is not a known key", "Did you mean sourceDirectory?"),
    ('{\n "entryscript": "score.py"\n}', 2, "entryscript is not a known key", "Did you mean entryScript?"),
    ("entryScript: score.py\nenvironment:\n  name: e\n  pyton: {}\n", 4, "environment.pyton", "Did you mean python?"),
    ("entryScript: score.py\nwhatever: 1\n", 2, "whatever is not a known key", "Known keys: "),
    ("entryScript: 7\n", 1, "must be a text, not a number", ""),
    ("entryScript: none.py\n", 1, "not among the uploaded files", "score.py"),
    ("entryScript: score.py\nenableGpu: true\n", 2, "not supported", ""),
    ("entryScript: score.py\nenvironment: null\n", 2, "must be an object, not null", ""),
    ("entryScript: score.py\nenvironment: [1]\n", 2, "must be an object, not a list", ""),
    ("entryScript: score.py\nenvironment: {name: AzureML-Minimal}\n", 2, "a registered environment", "Write the"),
    ("entryScript: score.py\ncondaFile: none.yml\n", 2, "not among the uploaded files", "Upload it"),
    ("entryScript: score.py\nbaseImage: 7\n", 2, "must be a text", ""),
    ("entryScript: score.py\nenvironment: {name: e, docker: {baseImage: [1]}}\n", 2, "baseImage must be a text", ""),
    ("entryScript: score.py\nenvironment: {name: e, docker: {baseDockerfile: FROM x}}\n", 2, "Dockerfile", "baseImage"),
    ("entryScript: score.py\nenvironment: {name: e, environmentVariables: {A: [1]}}\n", 2, "must be a text", ""),
    ("entryScript: score.py\nenvironment: {name: e, environmentVariables: {A=B: x}}\n", 2, "variable's name", ""),
    ("entryScript: score.py\nenvironment: {name: e, python: {condaDependencies: {dependencies: 3}}}", 2, "a list", ""),
])  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_a_way_out(source, line, words, advice):
    refusal = refused(source)
    assert f"Inference configuration, line {line}: " in refusal.detail and words in refusal.detail
    assert advice in refusal.advice and refusal.extras["errors"]


@pytest.mark.parametrize("source", [
    "", "null", "- a", "text", "7", "{", "a: b: c", "{}", "sourceDirectory: src", "\x00", "entryScript: 'a\x1bb'",
    "!!python/none", "[" * 5000, "a: &a [*a]", "when: 2001-99-99", "n: " + "9" * 5000, "? {a: b}\n: c", "\t- x",
], ids=lambda source: repr(source[:20]))  # fmt: skip
def test_what_cannot_be_followed_is_refused_in_words(source):
    refusal = refused(source)
    assert refusal.detail.startswith("Inference configuration") and len(refusal.detail) < 300


def test_a_text_that_doubles_itself_is_refused_at_its_first_alias():
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    assert "line 2" in refused("\n".join(lines)).detail


@pytest.mark.parametrize("name", ["my-score.py", "class.py", "score.txt", "1.py"])
def test_a_script_python_cannot_import_is_refused(name):
    assert "cannot import" in refused({"entryScript": name}, {name: None}).detail


@pytest.mark.parametrize("line", ["-r other.txt", "--index-url http://x", "-e .", "", "a\nb", "a\x00b"])
def test_options_are_no_requirements(line):
    with pytest.raises(ConfigInvalid, match="name packages only"):
        conda({"pip": [line]})


def test_two_ways_to_say_the_environment_are_one_too_many():
    said = refused({"entryScript": "score.py", "environment": {"name": "e", "python": {}}, "condaFile": "x"})
    assert "cannot stand beside condaFile" in said.detail


def test_a_mistake_in_the_conda_file_is_named_with_its_own_line():
    source = {"entryScript": "score.py", "condaFile": "env.yml"}
    said = refused(source, {"score.py": None, "env.yml": b"name: x\ndependencies: 7\n"})
    assert said.detail.startswith("env.yml, line 2")
