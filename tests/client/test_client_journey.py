"""The real command against a real studio: from a file on disk to an answer over HTTP, and away again."""

import json

import pytest
from slipway.cli.root import root

from tests.console import Shell
from tests.project import Project
from tests.running import ROOT


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def shell(studio, project):
    return Shell(studio, project)


@pytest.fixture
def done(shell):
    """Runs one line that must succeed, and returns what it prints on standard output."""
    return shell.done


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
    call = "slipway service run -n tour -d @sample.json >/dev/null"
    followed = shell.run(f"(sleep 3; {call}) & timeout --signal=INT 10 slipway service get-logs -n tour -l 1 -f")
    assert followed.stdout.count("POST /score 200") == 2, followed
    in_use = shell.run(f"slipway model delete -i {model}")
    assert in_use.returncode == 1 and "tour" in in_use.stderr

    done("slipway service delete -n tour")
    done(f"slipway model delete -i {model}")
    assert json.loads(done("slipway model list -n tour")) == []


def test_an_entry_script_that_raises_ends_with_its_traceback_and_exit_code_1(shell, done, project):
    (project.folder / "broken.py").write_text("def init():\n    raise KeyError('no such thing')\ndef run(data): pass\n")
    model = json.loads(done("slipway model register -n broken -p model.pkl"))["id"]
    ran = shell.run(f"slipway model deploy -n broken -m {model} --es broken.py --cp process")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "KeyError: 'no such thing'" in ran.stderr and "What to do: " in ran.stderr
    done("slipway service delete -n broken")
    done(f"slipway model delete -i {model}")


def test_a_model_is_measured_and_deployed_with_the_size_that_is_recommended(done, shell, project):
    model = json.loads(done("slipway model register -n sized -p model.pkl"))["id"]
    (project.folder / "requests.jsonl").write_bytes((project.folder / "sample.json").read_bytes().strip() + b"\n")
    wishes = "--cp process --cc 0.5 --gb 0.5 --concurrency 1 --no-onnx --input-data requests.jsonl"
    ran = shell.run(f"slipway model profile -n sized-once -m {model} {wishes} -t size.json")
    assert ran.returncode == 0 and "Recommended: " in ran.stderr and "0.5 CPU, 0.5 GB " in ran.stderr, ran
    result = json.loads((project.folder / "size.json").read_text())
    assert json.loads(ran.stdout) == result and result["state"] == "Succeeded"
    assert done("slipway profile points -n sized-once").count("\n") >= 2
    assert done("slipway profile list --model sized --query [].name -o tsv").strip() == "sized-once"
    assert done("slipway profile log -n sized-once")

    done(f"slipway model deploy -n sized -m {model} --cp process --pi size.json")
    done("slipway service run -n sized -d @sample.json")
    assert json.loads(done("slipway service metrics -n sized --range 15m"))["service"] == "sized"
    done("slipway service delete -n sized")
    done("slipway profile delete -n sized-once")
    done(f"slipway model delete -i {model}")


@pytest.mark.parametrize("command", ["deploy", "profile"])
def test_every_option_of_the_larger_commands_is_documented(command):
    options = {
        name
        for param in root.commands["model"].commands[command].params
        if not param.hidden
        for name in param.documented
        if name.startswith("--")
    }
    said = (ROOT / "docs" / "cli.md").read_text()
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
