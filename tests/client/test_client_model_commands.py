import json
from pathlib import Path

import pytest


@pytest.fixture
def registry(fake, version):
    fake.on("POST", "/models", version, 201)
    fake.on("GET", "/models", {"value": [version], "next": None, "hints": []})
    fake.on("GET", "/models/cancer/versions/2", version)
    Path("model.pkl").write_bytes(b"12345")
    return fake


def test_register_sends_the_file_and_what_is_said_about_it(slipway, registry):
    ran = slipway(
        "model",
        "register",
        "-n",
        "cancer",
        "-p",
        "model.pkl",
        "--tag",
        "area=health",
        "--tag",
        "a=b=c",
        "--property",
        "data=2026",
        "-d",
        "first",
        "--model-framework",
        "ScikitLearn",
        "--model-framework-version",
        "1.5.2",
    )
    assert ran.code == 0 and registry.uploads == {"u1": {"model.pkl": b"12345"}}
    assert registry.asked("POST", "/models")[0].data == {
        "name": "cancer",
        "upload": "u1",
        "description": "first",
        "framework": "ScikitLearn",
        "framework_version": "1.5.2",
        "tags": {"area": "health", "a": "b=c"},
        "properties": {"data": "2026"},
    }


def test_a_model_is_printed_with_azures_keys_and_its_tags_untouched(slipway, registry):
    found = slipway("model", "register", "-n", "cancer", "-p", "model.pkl").json
    assert found["id"] == "cancer:2" and found["frameworkVersion"] == "1.5.2"
    assert found["createdBy"] == "admin" and found["tags"] == {"area": "health", "made_by": "eve"}


def test_a_guessed_framework_is_told_with_its_reason(slipway, registry):
    ran = slipway("model", "register", "-n", "cancer", "-p", "model.pkl")
    assert "Framework: ScikitLearn 1.5.2. model.pkl is a pickle of scikit-learn objects." in ran.err


def test_the_metadata_file_of_register_is_understood_by_deploy(slipway, registry, fake, deployment, service):
    slipway("model", "register", "-n", "cancer", "-p", "model.pkl", "-t", "meta.json")
    assert json.loads(Path("meta.json").read_text())["modelId"] == "cancer:2"
    fake.on("POST", "/services", deployment, 202)
    fake.on("GET", "/services/cancer", service)
    assert slipway("model", "deploy", "-n", "cancer", "-f", "meta.json", "--no-wait").code == 0
    assert fake.asked("POST", "/services")[0].data["models"] == ["cancer:2"]


def test_a_metadata_file_that_cannot_be_written_stops_before_the_upload(slipway, registry):
    ran = slipway("model", "register", "-n", "cancer", "-p", "model.pkl", "-t", "no/such/meta.json")
    assert ran.code == 1 and "folder of the metadata file does not exist: no/such" in ran.err
    assert registry.requests == []


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("area: mnist", "write area=mnist"),
        ("area:mnist", "write area=mnist"),
        ("area = mnist", "write area=mnist"),
        ("area: hand writing", "write 'area=hand writing'"),
        ("mnist", "write KEY=VALUE, such as area=mnist"),
        ("=mnist", "write KEY=VALUE"),
    ],
)
def test_a_tag_that_is_not_key_and_value_is_refused_with_the_right_spelling(slipway, registry, tag, said):
    ran = slipway("model", "register", "-n", "cancer", "-p", "model.pkl", "--tag", tag)
    assert ran.code == 2 and f"{tag!r} is not key=value: {said}" in ran.err
    assert registry.requests == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-n", "my model", "-p", "model.pkl"], "'my model' cannot be the name of a model"),
        (["-n", "cancer", "-p", "nothing.pkl"], "There is no such file or folder: nothing.pkl"),
    ],
)
def test_register_refuses_before_sending_anything(slipway, registry, arguments, said):
    ran = slipway("model", "register", *arguments)
    assert ran.code == 1 and said in ran.err and registry.requests == []


def test_a_framework_version_needs_a_framework(slipway, registry):
    ran = slipway("model", "register", "-n", "a", "-p", "model.pkl", "--model-framework-version", "1")
    assert ran.code == 2 and "needs --model-framework" in ran.err


def test_a_registration_that_the_studio_refuses_takes_the_upload_back(slipway, registry):
    registry.problem("POST", "/models", 422, title="The tag is not valid", detail="Too long.", advice="Shorten it.")
    ran = slipway("model", "register", "-n", "cancer", "-p", "model.pkl")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "ERROR: The tag is not valid: Too long.\nWhat to do: Shorten it.\n"
    assert registry.uploads == {}


def test_list_sends_every_filter_and_follows_the_pages(slipway, fake, version):
    pages = iter([{"value": [version], "next": "more", "hints": ["write area=mnist"]}, {"value": [version]}])
    fake.on("GET", "/models", lambda request: request.json(next(pages)))
    ran = slipway(
        "model",
        "list",
        "-n",
        "cancer",
        "--tag",
        "area=health",
        "--tag",
        "made_by",
        "--property",
        "p=1",
        "-l",
        "-s",
        "text",
    )
    assert [each["id"] for each in ran.json] == ["cancer:2", "cancer:2"]
    first, second = fake.asked("GET", "/models")
    assert first.query == {
        "name": ["cancer"],
        "q": ["text"],
        "tag": ["area=health", "made_by"],
        "limit": ["255"],
        "property": ["p=1"],
        "latest": ["true"],
    }
    assert second.query["cursor"] == ["more"] and "Hint: write area=mnist" in ran.err


def test_list_says_which_part_of_a_search_was_left_out(slipway, fake, version):
    fault = {"text": "is:deploy", "message": "is: knows deployed.", "suggestion": "is:deployed"}
    fake.on("GET", "/models", {"value": [version], "next": None, "hints": [], "faults": [fault]})
    ran = slipway("model", "list", "-s", "is:deploy")
    assert "Warning: “is:deploy” was left out: is: knows deployed. Did you mean “is:deployed”?" in ran.err


def test_register_warns_of_an_unsafe_pickle_and_show_says_why_it_is_one(slipway, registry, version):
    reasons = ["model.pkl imports os.system, which runs commands."]
    version |= {"risk": "unsafe", "risk_reasons": reasons, "facts": {"pickles": ["model.pkl"]}}
    ran = slipway("model", "register", "-n", "cancer", "-p", "model.pkl")
    assert f"Warning: unsafe to load. {reasons[0]}" in ran.err
    told = slipway("model", "show", "-i", "cancer:2").json
    assert (told["riskReasons"], told["facts"]) == (reasons, {"pickles": ["model.pkl"]})
    assert "unsafe" in slipway("model", "list", "-o", "table").out


def test_show_takes_an_id_or_a_name_whose_newest_version_it_finds(slipway, registry, version):
    registry.on("GET", "/models/cancer", {"name": "cancer", "versions": [{"version": 2}]})
    assert slipway("model", "show", "-i", "cancer:2").json["version"] == 2
    assert slipway("model", "show", "-n", "cancer").json["version"] == 2
    assert slipway("model", "show", "-n", "cancer", "--version", "2").json["version"] == 2
    assert slipway("model", "show").code == 2
    assert slipway("model", "show", "-i", "cancer").code == 1


def test_download_prints_where_the_files_are(slipway, registry, version):
    import hashlib

    version["files"][0]["sha256"] = hashlib.sha256(b"12345").hexdigest()
    registry.on("GET", "/models/cancer/versions/2/files/model.pkl", lambda request: request.bytes(b"12345"))
    ran = slipway("model", "download", "-i", "cancer:2", "-t", "got")
    assert ran.json == {"modelId": "cancer:2", "files": ["got/model.pkl"]}
    assert Path("got/model.pkl").read_bytes() == b"12345"
    again = slipway("model", "download", "-i", "cancer:2", "-t", "got")
    assert again.code == 1 and "--overwrite" in again.err


def test_deleting_a_version_in_use_names_the_services(slipway, fake):
    fake.problem(
        "DELETE",
        "/models/cancer/versions/2",
        409,
        title="A service uses this version",
        services=["shop", "lab"],
        advice="Delete the service first.",
    )
    ran = slipway("model", "delete", "-i", "cancer:2")
    assert ran.code == 1 and "Used by: shop, lab" in ran.err


def test_delete_says_so_on_standard_error_alone(slipway, fake):
    fake.on("DELETE", "/models/cancer/versions/2", None, 204)
    ran = slipway("model", "delete", "-i", "cancer:2")
    assert (ran.code, ran.out, ran.err) == (0, "", "cancer:2 is deleted.\n")
