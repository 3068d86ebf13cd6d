"""What a version carries, and what is done with it, on the command line."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from slipway import source

GIT = {
    "GIT_AUTHOR_NAME": "eve",
    "GIT_AUTHOR_EMAIL": "eve@example.org",
    "GIT_COMMITTER_NAME": "eve",
    "GIT_COMMITTER_EMAIL": "eve@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


@pytest.fixture
def registry(config, fake, version):
    version |= {
        "stage": "None", "aliases": ["champion"], "metrics": {"acc": 0.93}, "run_id": "run-7",
        "experiment_name": "iris",
        "datasets": {"training": ["a", "b"], "sample-input": ["s"]}, "cpu": 0.5, "memory_gb": None, "gpu": 1,
        "parent": "cancer:1", "children": [],
    }  # fmt: skip
    fake.on("POST", "/models", version, 201)
    fake.on("GET", "/models", {"value": [version], "next": None, "hints": []})
    fake.on("GET", "/models/cancer", {"name": "cancer", "aliases": {"champion": 2}, "versions": [version]})
    fake.on("GET", "/models/cancer/versions/2", version)
    fake.on("PATCH", "/models/cancer/versions/2", version)
    Path("model.pkl").write_bytes(b"12345")
    return fake


def sent(registry) -> dict:
    return registry.asked("POST", "/models")[0].data


def register(slipway, *arguments):
    return slipway("model", "register", "-n", "cancer", "-p", "model.pkl", *arguments)


def test_register_sends_all_that_is_said(slipway, registry):
    Path("in.json").write_text('{"data": [[1]]}')
    Path("out.json").write_text("[0]")
    ran = register(
        slipway, "--metric", "acc=0.93", "--parameter", "C=1.0", "--sample-input", "in.json", "--sample-output",
        "out.json", "--dataset", "training=a", "--dataset", "training=b", "--sample-input-dataset-id", "s",
        "--experiment-name", "iris", "-r", "run-7", "--script", "train.py", "--cc", "0.5", "-gb", "2", "-gc", "1",
        "--parent", "cancer@champion",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert sent(registry) == {
        "name": "cancer", "upload": "u1", "description": "", "framework": "", "framework_version": "", "tags": {},
        "properties": {}, "metrics": {"acc": 0.93}, "parameters": {"C": "1.0"}, "sample_input": {"data": [[1]]},
        "sample_output": [0], "datasets": {"training": ["a", "b"], "sample-input": ["s"]}, "experiment_name": "iris",
        "run_id": "run-7", "script": "train.py", "cpu": 0.5, "memory_gb": 2.0, "gpu": 1, "parent": "cancer@champion",
    }  # fmt: skip


@pytest.mark.parametrize("key", ["experiment", "experiment_name", "_experiment_name"])
def test_a_runs_metadata_file_says_run_and_experiment_and_options_say_it_better(slipway, registry, key):
    Path("run.json").write_text(json.dumps({"run_id": "run-1", key: "iris"}))
    register(slipway, "-f", "run.json", "--run-id", "run-2")
    assert (sent(registry)["run_id"], sent(registry)["experiment_name"]) == ("run-2", "iris")
    Path("run.json").write_text("{}")
    assert "lacks run_id" in register(slipway, "-f", "run.json").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--metric", "acc=nan"], "'nan' is not a finite number"),
        (["--metric", "acc=1e999"], "'1e999' is not a finite number"),
        (["--metric", "acc"], "'acc' is not key=value"),
        (["--metric", "a=b=1e-3"], "'b=1e-3' is not a finite number"),
        (["--asset-path", "outputs"], "give the file with --model-path"),
        (["--cc", "0"], "x>0"),
        (["--gc", "0.5"], "is not a valid integer"),
        (["--sample-input", "none.json"], "cannot be read: none.json"),
        (["--sample-input", "bad.json"], "A sample is not JSON: bad.json"),
        (["--sample-output", "nan.json"], "NaN is no number of JSON"),
        (["--parent", "cancer"], "'cancer' is not the id of a model version"),
        (["--parent", "cancer@none"], "cancer has no alias 'none': its aliases: champion"),
    ],
)
def test_register_refuses_before_it_uploads_anything(slipway, registry, arguments, said):
    Path("bad.json").write_text("{")
    Path("nan.json").write_text("[NaN]")
    ran = register(slipway, *arguments)
    assert ran.code in {1, 2} and said in ran.err and registry.uploads == {}


@pytest.fixture
def git(config, tmp_path):
    """git in the folder "here" of the test, and nowhere else."""
    folder = tmp_path / "here"

    def run(*arguments: str) -> str:
        asked = ["git", f"--git-dir={folder}/.git", f"--work-tree={folder}", *arguments]
        ran = subprocess.run(asked, env=os.environ | GIT, capture_output=True, text=True, check=True)
        return ran.stdout.strip()

    return run


@pytest.fixture
def repository(git, registry):
    """The current directory is a repository with one commit."""
    git("init", "-q", "-b", "trunk")
    git("remote", "add", "origin", "https://eve:secret@example.org/iris.git")
    git("add", "model.pkl")
    git("commit", "-q", "-m", "first")
    return git("rev-parse", "HEAD")


def test_a_path_in_a_repository_is_registered_with_its_commit_and_no_password(slipway, registry, repository):
    ran = register(slipway)
    assert {key: text for key, text in sent(registry).items() if key.startswith("git_")} == {
        "git_repository": "https://example.org/iris.git", "git_branch": "trunk", "git_commit": repository,
    }  # fmt: skip
    assert f"trunk at {repository[:12]}" in ran.err and "secret" not in ran.err


def test_no_git_leaves_it_out(slipway, registry, repository):
    register(slipway, "--no-git")
    assert not any(key.startswith("git_") for key in sent(registry))


def test_outside_of_a_repository_or_without_git_nothing_is_said(slipway, registry, monkeypatch):
    assert "Source" not in register(slipway).err
    monkeypatch.setenv("PATH", "/nowhere")
    assert source.of_path(Path("model.pkl")) == {}
    assert not any(key.startswith("git_") for key in sent(registry))


def test_a_repository_without_a_remote_is_named_by_its_folder_and_a_detached_one_has_no_branch(git, repository):
    git("remote", "remove", "origin")
    git("checkout", "-q", "--detach")
    assert source.of_path(Path("model.pkl")) == {"git_repository": str(Path.cwd()), "git_commit": repository}


def test_a_model_is_printed_with_all_of_azures_keys(slipway, registry):
    told = slipway("model", "show", "-i", "cancer:2").json
    azure = {
        "createdTime", "createdBy", "description", "id", "mimeType", "name", "framework", "frameworkVersion", "tags",
        "properties", "unpack", "url", "version", "experimentName", "runId", "runDetails", "datasets",
        "resourceConfiguration", "sampleInputDatasetId", "sampleOutputDatasetId",
    }  # fmt: skip
    assert azure <= set(told)
    assert told["resourceConfiguration"] == {"cpu": 0.5, "memoryInGB": None, "gpu": 1}
    assert (told["datasets"], told["sampleInputDatasetId"]) == ({"training": ["a", "b"]}, "s")
    assert (told["sampleOutputDatasetId"], told["parentId"], told["metrics"]) == (None, "cancer:1", {"acc": 0.93})


def test_a_version_is_shown_by_its_alias_or_its_run(slipway, registry):
    assert slipway("model", "show", "-i", "cancer@champion").json["id"] == "cancer:2"
    assert slipway("model", "show", "--run-id", "run-7").json["id"] == "cancer:2"
    assert registry.asked("GET", "/models")[0].query["run_id"] == ["run-7"]
    unknown = slipway("model", "show", "-i", "cancer@none")
    assert unknown.code == 1 and "has no alias 'none'" in unknown.err and "slipway model alias set" in unknown.err
    registry.on("GET", "/models", {"value": [], "next": None})
    assert "no model of run 'x'" in slipway("model", "show", "--run-id", "x").err


def test_list_filters_by_run_and_dataset_and_sorts(slipway, registry):
    slipway("model", "list", "--run-id", "run-7", "--dataset-id", "a", "--sort", "-metric.acc")
    query = registry.asked("GET", "/models")[0].query
    assert (query["run_id"], query["dataset_id"], query["sort"]) == (["run-7"], ["a"], ["-metric.acc"])


def test_update_sends_what_is_to_change_and_nothing_else(slipway, registry):
    ran = slipway(
        "model", "update", "-i", "cancer@champion", "--add-tag", "a=1", "--remove-tag", "b", "--add-property", "c=2",
        "--description", "new", "--stage", "Production", "--cc", "2", "--gb", "4", "--gc", "0",
    )  # fmt: skip
    assert ran.code == 0 and ran.json["id"] == "cancer:2"
    assert registry.asked("PATCH", "/models/cancer/versions/2")[0].data == {
        "add_tags": {"a": "1"}, "remove_tags": ["b"], "add_properties": {"c": "2"}, "description": "new",
        "stage": "Production", "cpu": 2.0, "memory_gb": 4.0, "gpu": 0,
    }  # fmt: skip


def test_update_empties_a_description(slipway, registry):
    slipway("model", "update", "-i", "cancer:2", "--description", "")
    assert registry.asked("PATCH", "/models/cancer/versions/2")[0].data == {"description": ""}


def test_update_changes_a_sample_dataset_and_keeps_the_others(slipway, registry):
    slipway("model", "update", "-i", "cancer:2", "--sample-output-dataset-id", "t")
    assert registry.asked("PATCH", "/models/cancer/versions/2")[0].data == {
        "datasets": {"training": ["a", "b"], "sample-input": ["s"], "sample-output": ["t"]}
    }


def test_update_without_a_change_says_what_there_is(slipway, registry):
    ran = slipway("model", "update", "-i", "cancer:2")
    assert ran.code == 2 and "--add-tag area=mnist" in ran.err and registry.requests == []


def test_a_property_that_is_there_is_told_in_azures_words(slipway, registry):
    registry.problem(
        "PATCH", "/models/cancer/versions/2", 409, title="Properties are immutable",
        detail="Error, properties are immutable: cancer:2 has 'a' already.", advice="Use another key.",
    )  # fmt: skip
    ran = slipway("model", "update", "-i", "cancer:2", "--add-property", "a=1")
    assert ran.code == 1 and "Error, properties are immutable" in ran.err


def test_aliases_are_set_and_removed(slipway, registry):
    registry.on("PUT", "/models/cancer/aliases/best one", {"alias": "best one", "version": 2, "id": "cancer:2"})
    registry.on("DELETE", "/models/cancer/aliases/best one", None, 204)
    ran = slipway("model", "alias", "set", "-i", "cancer:2", "--alias", "best one")
    assert ran.json == {"alias": "best one", "version": 2, "id": "cancer:2"}
    assert registry.asked("PUT", "/models/cancer/aliases/best one")[0].data == {"version": 2}
    ran = slipway("model", "alias", "remove", "-n", "cancer", "-a", "best one")
    assert (ran.code, ran.out, ran.err) == (0, "", "cancer@best one is removed.\n")


def test_versions_are_compared_row_by_row(slipway, registry):
    rows = [
        {"key": "acc", "cells": ["0.9", None], "same": False},
        {"key": "loss", "cells": ["1", "1"], "same": True},
    ]
    found = {"versions": ["cancer:1", "cancer:2"], "sections": [{"title": "Metrics", "rows": rows}]}
    registry.on("GET", "/compare", found)
    ran = slipway("model", "compare", "-i", "cancer:1", "-i", "cancer@champion", "--differences")
    row = {"section": "Metrics", "key": "acc", "cancer:1": "0.9", "cancer:2": None, "same": False}
    assert ran.json == [row]
    assert registry.asked("GET", "/compare")[0].query == {"version": ["cancer:1", "cancer@champion"]}
    table = slipway("model", "compare", "-i", "cancer:1", "-i", "cancer:2", "-o", "table").out
    assert [line.split() for line in table.splitlines()] == [
        ["Section", "Key", "cancer:1", "cancer:2"], ["-" * 7, "-" * 4, "-" * 8, "-" * 8],
        ["Metrics", "acc", "0.9"], ["Metrics", "loss", "1", "1"],
    ]  # fmt: skip


def test_several_are_deleted_and_one_that_is_in_use_does_not_keep_the_others(slipway, registry):
    registry.problem("DELETE", "/models/cancer/versions/1", 409, title="A service uses this version", services=["shop"])
    registry.on("DELETE", "/models/cancer/versions/2", None, 204)
    ran = slipway("model", "delete", "-i", "cancer:1", "-i", "cancer@champion")
    assert ran.code == 1 and "Used by: shop" in ran.err and ran.err.endswith("cancer:2 is deleted.\n")


def test_an_alias_is_deployed_as_it_is_and_downloaded_as_the_version_it_means(slipway, registry, deployment, service):
    registry.on("POST", "/services", deployment, 202)
    registry.on("GET", "/services/cancer", service)
    assert slipway("model", "deploy", "-n", "cancer", "-m", "cancer@champion", "--no-wait").code == 0
    assert registry.asked("POST", "/services")[0].data["models"] == ["cancer@champion"]
    slipway("model", "download", "-i", "cancer@champion", "-t", "got")
    assert registry.asked("GET", "/models/cancer/versions/2")


def test_a_registration_prints_json_that_programs_can_read(slipway, registry):
    assert json.loads(register(slipway).out)["runId"] == "run-7"
