from pathlib import Path

import pytest

TARGETS = [{"name": "here", "kind": "process", "available": True}, {"name": "box", "kind": "docker", "available": True}]


@pytest.fixture(autouse=True)
def targets(fake):
    fake.on("GET", "/targets", {"value": TARGETS})


def asked(fake):
    return fake.asked("POST", "/profiles")[0].data


def test_what_is_left_out_is_not_sent(profile, fake):
    assert profile("--no-wait").code == 0
    assert asked(fake) == {"name": "cancer-small", "models": ["cancer:2"]}


def test_everything_that_can_be_asked_for_is_sent(profile, fake):
    words = "--cc 0.5 -cc 1 --gb 0.5 --memory-in-gb 2 --concurrency 1 --concurrency 16 --p95-ms 100 --share 0.25"
    more = "--requests-per-second 20 --budget-minutes 5 --no-onnx --ct box --description small"
    assert profile("--no-wait", *words.split(), *more.split()).code == 0
    assert asked(fake) == {
        "name": "cancer-small",
        "models": ["cancer:2"],
        "target": "box",
        "description": "small",
        "cpu": [0.5, 1.0],
        "memory_gb": [0.5, 2.0],
        "concurrency": [1, 16],
        "goal": {"p95_ms": 100.0, "requests_per_second": 20.0},
        "share": 0.25,
        "budget_minutes": 5.0,
        "try_onnx": False,
    }


def test_one_goal_is_enough_and_onnx_can_be_asked_for(profile, fake):
    profile("--no-wait", "--p95-ms", "50", "--try-onnx", "--cp", "Docker")
    assert asked(fake)["goal"] == {"p95_ms": 50.0} and asked(fake)["try_onnx"] is True
    assert asked(fake)["target"] == "box"


def test_a_name_is_made_by_the_studio_when_none_is_given(slipway, states, fake):
    assert slipway("model", "profile", "-m", "cancer:2", "--no-wait").json["name"] == "cancer-small"
    assert asked(fake) == {"models": ["cancer:2"]}


def test_models_are_named_by_the_files_of_registering_too(slipway, states, fake):
    Path("registered.json").write_text('{"modelId": "cancer:2"}')
    slipway("model", "profile", "-f", "registered.json", "--no-wait")
    assert asked(fake)["models"] == ["cancer:2"]


@pytest.mark.parametrize("dashes", ["-", "--"])
def test_an_entry_script_travels_as_when_deploying(profile, fake, dashes):
    Path("src").mkdir()
    Path("src/score.py").write_text("x")
    Path("ic.json").write_text('{"entryScript": "score.py", "sourceDirectory": "src"}')
    profile("--no-wait", f"{dashes}ic", "ic.json", f"{dashes}bi", "python:3.11")
    assert fake.uploads[asked(fake)["source"]] == {"src/score.py": b"x"}
    assert asked(fake)["inference_config"] == {
        "entryScript": "score.py",
        "sourceDirectory": "src",
        "baseImage": "python:3.11",
    }


def test_source_files_are_taken_back_when_the_studio_refuses(profile, fake):
    Path("score.py").write_text("x")
    fake.problem("POST", "/profiles", 409, title="A profile with this name already exists", advice="Choose another.")
    ran = profile("--es", "score.py")
    assert ran.code == 1 and "What to do: Choose another." in ran.err and fake.uploads == {}


@pytest.mark.parametrize(("name", "kind"), [("a.jsonl", "jsonl"), ("a.NDJSON", "jsonl"), ("a.csv", "csv"), ("a", None)])
def test_samples_are_sent_as_text_with_what_the_files_name_says_of_it(profile, fake, name, kind):
    Path(name).write_bytes(b'\xef\xbb\xbf{"data": [[1]]}\n')
    profile("--no-wait", "--input-data", name)
    assert (asked(fake)["samples"], asked(fake).get("samples_format")) == ('{"data": [[1]]}\n', kind)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: a.csv: No such file"), (b"\xff\xfe", "not text in UTF-8: a.csv"), (b" \n", "is empty")],
)
def test_samples_that_are_none_are_refused_before_anything_is_sent(profile, fake, content, said):
    if content is not None:
        Path("a.csv").write_bytes(content)
    ran = profile("--input-data", "a.csv")
    assert ran.code == 1 and said in ran.err and fake.requests == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cc", "0.05"], "x>=0.1"),
        (["--gb", "1", "--gb", "0"], "x>=0.1"),
        (["--cc", "nan"], "is not a finite number"),
        (["--share", "1.5"], "0<x<=1"),
        (["--share", "0"], "0<x<=1"),
        (["--concurrency", "0"], "x>=1"),
        (["--p95-ms", "0"], "x>0"),
        (["--requests-per-second", "inf"], "is not a finite number"),
        (["--budget-minutes", "-1"], "x>0"),
        (["--no-wait", "-t", "x.json"], "-t needs the result"),
    ],
    ids=" ".join,
)
def test_numbers_outside_their_range_are_refused_with_the_range(profile, fake, words, said):
    ran = profile(*words)
    assert ran.code == 2 and said in ran.err and fake.requests == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-e", "env"], "--conda-file"),
        (["--environment-version", "1"], "--conda-file"),
        (["--ed", "folder"], "--conda-file"),
        (["--ir", "registry"], "--base-image"),
        (["--idi", "dataset"], "--input-data FILE"),
    ],
    ids=" ".join,
)
def test_azures_other_options_are_refused_with_what_to_use_instead(profile, words, said):
    ran = profile(*words)
    assert ran.code == 2 and "not supported here: " in ran.err and said in ran.err


def test_names_are_checked_before_anything_is_sent(slipway, states, fake):
    assert "Name the model to profile" in slipway("model", "profile", "-n", "small").err
    assert "Write NAME:VERSION" in slipway("model", "profile", "-m", "cancer").err
    assert "cannot be the name of a profile" in slipway("model", "profile", "-n", "a/b", "-m", "cancer:2").err
    assert fake.requests == []
