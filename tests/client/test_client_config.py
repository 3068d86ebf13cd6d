import json

import pytest
from slipway import config
from slipway.errors import StudioNotFound


@pytest.fixture
def studio_file(tmp_path):
    path = tmp_path / "data" / "config.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"url": "http://127.0.0.1:8080/", "workspace": "default", "token": "t"}))
    return path


def last_studio(tmp_path, config_file):
    pointer = tmp_path / "slipway" / "last-studio"
    pointer.parent.mkdir()
    pointer.write_text(f"{config_file}\n")
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_the_last_studio_started_on_this_machine_is_found(tmp_path, studio_file):
    found = config.find(environ=last_studio(tmp_path, studio_file))
    assert (found.url, found.workspace, found.token) == ("http://127.0.0.1:8080", "default", "t")


def test_the_pointer_is_in_the_home_folder_when_xdg_says_nothing(tmp_path):
    assert config.last_studio_file({"HOME": str(tmp_path)}) == tmp_path / ".config/slipway/last-studio"


def test_an_environment_variable_beats_the_last_studio(tmp_path, studio_file):
    environ = {**last_studio(tmp_path, "/elsewhere"), "SLIPWAY_CONFIG": str(studio_file)}
    assert config.find(environ=environ).source == studio_file


def test_a_file_named_by_the_caller_beats_the_environment(studio_file):
    assert config.find(str(studio_file), {"SLIPWAY_CONFIG": "/elsewhere"}).source == studio_file


def test_without_any_studio_the_error_says_how_to_start_one(tmp_path):
    with pytest.raises(StudioNotFound) as caught:
        config.find(environ={"HOME": str(tmp_path)})
    assert "./run" in caught.value.advice


def test_a_pointer_to_a_studio_that_was_removed_says_so(tmp_path):
    with pytest.raises(StudioNotFound, match="last started on this machine is gone"):
        config.find(environ=last_studio(tmp_path, tmp_path / "nothing.json"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("[]", "lacks url, workspace, token"),
        ('{"url": "http://x", "workspace": "default"}', "lacks token"),
        ('{"url": "127.0.0.1:80", "workspace": "default", "token": "t"}', "names no web address"),
    ],
)
def test_a_broken_configuration_file_is_named_with_its_fault(studio_file, content, said):
    studio_file.write_text(content)
    with pytest.raises(StudioNotFound, match=said) as caught:
        config.read(studio_file)
    assert str(studio_file) in str(caught.value)
