"""The form that starts a profile: what is typed becomes what the verb takes, and refusals find their field."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deployments.errors import ConfigInvalid, TargetUnavailable
from deployments.models import Target
from profiling import form as forms
from profiling.errors import ProfileExists, ProfileNameInvalid, ProfileSettingsInvalid, SamplesInvalid
from profiling.form import ProfileForm, defaults
from profiling.samples import Samples
from registry.errors import VersionArchived

OWN = Samples(('{"data": [[1, 2]]}',), "version")
DOCKER = Target(name="docker", kind="docker", available=True, cpu=4, memory_bytes=8 << 30)
PROCESS = Target(name="process", kind="process", available=True, cpu=4, memory_bytes=8 << 30)
AWAY = Target(name="prod", kind="kubernetes", available=False, detail="It does not answer.")


def form_of(files: dict | None = None, *, own: Samples | None = OWN, convertible: bool = True, **sent) -> ProfileForm:
    sent = {"name": "iris-1", "target": "docker", "samples": "own", "try_onnx": "on"} | sent
    made = ProfileForm(sent, files, targets=[DOCKER, PROCESS, AWAY], model_bytes=1000, convertible=convertible, own=own)
    made.is_valid()
    return made


def file(content: bytes, name: str = "requests.jsonl") -> dict:
    return {"samples_file": SimpleUploadedFile(name, content)}


def said(form: ProfileForm, field: str) -> str:
    return " ".join(form.errors[field])


def test_what_it_starts_with_can_be_sent_as_it_is():
    initial = defaults("iris-1", [AWAY, DOCKER], {}, OWN)
    shown = ProfileForm(initial=initial, targets=[AWAY, DOCKER], model_bytes=1000, convertible=True, own=OWN)
    sent = shown.as_sent()
    assert sent.is_valid(), sent.errors
    assert sent.cleaned_data["target"] == "docker"
    assert sent.plan.cpu == [2.0, 1.0, 0.5, 0.1]
    assert sent.plan.concurrency == [1, 2, 4, 8, 16, 32, 64]
    assert sent.plan.try_onnx


def test_the_address_may_name_the_target_but_not_one_that_is_away():
    assert defaults("x", [DOCKER, PROCESS], {"target": "process"}, OWN)["target"] == "process"
    assert defaults("x", [DOCKER, AWAY], {"target": "prod"}, OWN)["target"] == "docker"


def test_a_model_without_a_sample_starts_with_a_file():
    assert defaults("x", [DOCKER], {}, None)["samples"] == "file"


def test_numbers_are_listed_as_people_list_them():
    form = form_of(cpu="0.5, 1", memory_gb="1;2", concurrency="1 2\t8", share="60", budget_minutes="2.5")
    assert form.wanted == {
        "cpu": [0.5, 1.0], "memory_gb": [1.0, 2.0], "concurrency": [1, 2, 8], "share": 0.6, "budget_minutes": 2.5,
        "goal": None, "try_onnx": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("cpu", "half", "half is no number"),
        ("cpu", "nan", "must be a number from 0.1"),
        ("cpu", "3", "cannot be measured on docker"),
        ("cpu", "0,5", "must be a number from 0.1"),
        ("memory_gb", "-1", "must be a number from 0.1"),
        ("memory_gb", "7", "of which a profile may use 50%"),
        ("concurrency", "1.5", "1.5 is no whole number"),
        ("concurrency", "1000", "from 1 to 512"),
        ("concurrency", "9" * 900, "from 1 to 512"),
        ("cpu", "9" * 1001, "at most 1000 characters"),
        ("share", "4", "5 to 100 percent"),
        ("share", "x", "Enter a number"),
        ("budget_minutes", "0", "from 1 to 240"),
        ("p95_ms", "-5", "must be a number"),
        ("requests_per_second", "0", "must be a number"),
        ("name", "no name", "starts with a letter"),
        ("target", "prod-2", "Select a valid choice"),
        ("requirements", "numpy", "Requirements go with an entry script"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_followed_is_said_beside_its_field(field, typed, why):
    form = form_of(**{field: typed})
    assert why in said(form, field)
    assert form[field].value() == typed


def test_a_goal_may_have_one_half():
    assert form_of(p95_ms="100").wanted["goal"] == {"p95_ms": 100.0}
    assert form_of(p95_ms="", requests_per_second="20").wanted["goal"] == {"requests_per_second": 20.0}


def test_onnx_is_the_studios_to_choose_where_nothing_can_be_converted():
    assert form_of(convertible=False).wanted["try_onnx"] is None
    assert form_of(try_onnx="").wanted["try_onnx"] is False


def test_a_file_is_read_without_its_byte_order_mark():
    form = form_of(file("\ufeff{}\nü".encode()), samples="file")
    assert form.read_texts()
    assert form.sample_text == "{}\nü"


def test_the_versions_own_requests_are_no_text():
    form = form_of()
    assert form.read_texts()
    assert form.sample_text is None


@pytest.mark.parametrize(
    ("files", "sent", "field", "why"),
    [
        (None, {"samples": "file"}, "samples_file", "Choose a file"),
        (file(b"a\nb\xff\n", "r.csv"), {"samples": "file"}, "samples_file", "r.csv is not UTF-8: line 2"),
        (file(b"123456"), {"samples": "file"}, "samples_file", "15 MB is the most"),
        (None, {"own": None}, "samples", "no sample and no signature"),
    ],
    ids=["none", "latin", "large", "unknown"],
)
def test_requests_that_cannot_be_read_are_refused(monkeypatch, files, sent, field, why):
    monkeypatch.setattr(forms, "MOST_FILE_BYTES", 5)
    form = form_of(files, **sent)
    assert not form.read_texts()
    assert why in said(form, field)


@pytest.mark.parametrize(
    ("refusal", "sent", "field"),
    [
        (ProfileExists("There is one."), {}, "name"),
        (ProfileNameInvalid("No.", errors={"name": ["No."]}), {}, "name"),
        (TargetUnavailable("Away."), {}, "target"),
        (ProfileSettingsInvalid("No.", errors={"share": ["No."]}), {}, "share"),
        (ProfileSettingsInvalid("No.", errors={"goal.p95_ms": ["No."]}), {}, "p95_ms"),
        (ProfileSettingsInvalid("No.", errors={"goal": ["No."]}), {}, "__all__"),
        (ProfileSettingsInvalid("No.", errors={"samples": ["No."]}), {}, "samples"),
        (SamplesInvalid.at(3, "No JSON."), {"samples": "paste"}, "samples_text"),
        (SamplesInvalid.at(3, "No JSON."), {"samples": "file"}, "samples_file"),
        (ConfigInvalid("No.", errors={"entryScript": ["No."]}), {}, "entry_script"),
        (ConfigInvalid("No.", errors={"environment.python": ["No."]}), {}, "requirements"),
        (VersionArchived("It is archived."), {}, "__all__"),
    ],
    ids=["exists", "name", "target", "share", "p95", "goal", "no-samples", "pasted", "file", "script", "environment",
         "archived"],
)  # fmt: skip
def test_a_refusal_is_shown_beside_the_field_that_can_mend_it(refusal, sent, field):
    form = form_of(**sent)
    form.refuse(refusal)
    assert refusal.detail in said(form, field)


def test_the_text_of_a_file_is_not_lost_when_the_form_is_refused():
    form = form_of(file(b"no json"), samples="file")
    form.read_texts()
    form.refuse(SamplesInvalid.at(1, "No JSON."))
    shown = form.shown_again()
    assert (shown["samples"].value(), shown["samples_text"].value()) == ("paste", "no json")
    assert "Line 1" in said(shown, "samples_text")
    assert "samples_file" not in shown.errors
