"""The real command against a real studio: from a file on disk to an answer over HTTP, and away again."""

import json
import os
import re
import secrets
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from project import Project
from slipway.cli.root import root

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
DEPLOY_TIMEOUT_S = 300


def documented():
    """Every command of the page, in order."""
    blocks = re.findall(r"```console\n(.*?)```", DOCS.read_text(), re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def shell(studio, project):
    """Runs one line of shell in the project's folder; `slipway` in it is the installed command."""

    def run(line: str) -> subprocess.CompletedProcess:
        environ = {
            **os.environ,
            "SLIPWAY_CONFIG": str(studio.config_path),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        return subprocess.run(
            line,
            shell=True,
            check=False,
            cwd=project.folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=DEPLOY_TIMEOUT_S,
        )

    return run


@pytest.fixture
def done(shell):
    """Runs one line that must succeed, and returns what it prints on standard output."""

    def run(line: str) -> str:
        ran = shell(line)
        assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    return run


def test_a_model_is_registered_found_deployed_scored_and_deleted(done, shell, project):
    registered = json.loads(done("slipway model register -n tour -p model.pkl --tag tour=yes --property from=test"))
    model = registered["id"]
    assert (registered["framework"], registered["tags"]) == ("ScikitLearn", {"tour": "yes"})
    assert [found["id"] for found in json.loads(done("slipway model list --tag tour=yes -n tour"))] == [model]
    assert json.loads(done(f"slipway model show -i {model}"))["files"][0]["path"] == "model.pkl"

    service = json.loads(done(f"slipway model deploy -n tour -m {model} --cp process -o json"))
    assert (service["state"], service["modelIds"]) == ("Healthy", [model])
    assert json.loads(done("slipway service run -n tour -d @sample.json")) == {"predictions": project.classes}
    assert set(json.loads(done("slipway service get-keys -n tour"))) == {"primaryKey", "secondaryKey"}
    assert done("slipway service get-logs -n tour")
    in_use = shell(f"slipway model delete -i {model}")
    assert in_use.returncode == 1 and "tour" in in_use.stderr

    done("slipway service delete -n tour")
    done(f"slipway model delete -i {model}")
    assert json.loads(done("slipway model list -n tour")) == []


def test_an_entry_script_that_raises_ends_with_its_traceback_and_exit_code_1(shell, done, project):
    (project.folder / "broken.py").write_text("def init():\n    raise KeyError('no such thing')\ndef run(data): pass\n")
    model = json.loads(done("slipway model register -n broken -p model.pkl"))["id"]
    ran = shell(f"slipway model deploy -n broken -m {model} --es broken.py --cp process")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "KeyError: 'no such thing'" in ran.stderr and "What to do: " in ran.stderr
    done("slipway service delete -n broken")
    done(f"slipway model delete -i {model}")


def test_every_documented_command_runs(done):
    name = f"cancer-{secrets.token_hex(3)}"  # the page counts versions from 1, which needs a name of its own
    for line in documented():
        done(line.replace("cancer", name))


@pytest.mark.parametrize("line", [line for line in documented() if line.startswith("slipway ")])
def test_every_documented_command_has_only_options_that_exist(line):
    command, arguments = root, shlex.split(line)[1:]
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    command.make_context("slipway", arguments)


def test_every_option_of_deploy_is_documented():
    options = {
        name
        for param in root.commands["model"].commands["deploy"].params
        if not param.hidden
        for name in param.documented
        if name.startswith("--")
    }
    said = DOCS.read_text()
    plain = {
        "--name",
        "--model",
        "--model-metadata-file",
        "--inference-config-file",
        "--deploy-config-file",
        "--description",
        "--tag",
        "--compute-type",
        "--compute-target",
        "--output",
    }
    assert [name for name in sorted(options - plain) if f"`{name}`" not in said and f" {name} " not in said] == []
