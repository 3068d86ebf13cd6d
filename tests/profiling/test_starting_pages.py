"""Pages around starting a profile: the form, the list, stopping and deleting, what the deploy form makes of one."""

import re

import pytest

from profiling.models import Profile
from profiling.states import Status
from registry.services import update_version
from tests import objects
from tests.profiling.measured import SAMPLES, ended

RECOMMENDED = {"cpu": 0.5, "memory_gb": 0.25, "replicas": 1, "p95_ms": 4.1, "requests_per_second": 700.0, "onnx": False}
START = "/w/vision/models/digits/1/profile/"
DEPLOY = "/w/vision/models/digits/1/deploy/"


@pytest.fixture
def page(place, contributor, driver, rings):
    """`page.get("/w/vision/…")`, as a contributor; there is a model digits:1 and a target."""
    objects.target(place)
    objects.version(place, contributor)
    return objects.signed_in(contributor)


def measured(start, **told) -> Profile:
    """A profile of digits:1 that recommends a size; nothing ran."""
    profile = start(models=["digits:1"])
    Profile.objects.filter(pk=profile.pk).update(recommendation=RECOMMENDED | told)
    return ended(profile)


def text(answer) -> str:
    """What is shown, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def error_of(answer, field: str) -> str:
    assert answer.status_code == 422
    found = re.search(rf'id="id_{field}-error">(.*?)</div>', answer.content.decode(), re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def initial(answer, name: str):
    return answer.context["form"].initial.get(name)


def test_the_form_as_it_comes_starts_a_profile(page, contributor):
    update_version(version=objects.ModelVersion.objects.get(), by=contributor, sample_input={"data": [[1.0, 2.0]]})
    shown = page.get(START)
    assert "{&quot;data&quot;: [[1.0, 2.0]]}" in shown.content.decode()
    sent = {key: value for key, value in shown.context["form"].initial.items() if value}
    answer = page.post(START, sent | {"try_onnx": "on"})
    profile = Profile.objects.get()
    assert answer["Location"] == "/w/vision/profiles/digits-1/"
    assert (profile.status, profile.samples_source, profile.created_by) == (Status.QUEUED, "version", contributor)
    assert profile.plan["try_onnx"] and profile.plan["search_memory"]


def test_what_is_asked_for_is_what_is_planned(page):
    page.post(
        START,
        {"name": "mine", "target": "process", "samples": "paste", "samples_text": SAMPLES, "cpu": "1, 0.5",
         "memory_gb": "1", "concurrency": "1, 2", "p95_ms": "100", "share": "60", "budget_minutes": "3"},
    )  # fmt: skip
    plan = Profile.objects.get(name="mine").plan
    assert plan == {
        "cpu": [1.0, 0.5], "memory_gb": [1.0], "concurrency": [1, 2], "share": 0.6, "budget_minutes": 3.0,
        "goal": {"p95_ms": 100.0, "requests_per_second": None}, "try_onnx": False, "search_memory": False,
    }  # fmt: skip


def test_an_entry_script_goes_with_it(page, place, contributor):
    upload = objects.upload(place, contributor, {"score.py": b"def init(): pass\ndef run(data): return data\n"})
    sent = {"target": "process", "samples": "paste", "samples_text": "{}", "source_upload": str(upload.pk)}
    page.post(START, sent | {"entry_script": "score.py", "requirements": "numpy"})
    profile = Profile.objects.get()
    assert profile.inference_config["entry_script"] == "score.py"
    assert [file.path for file in profile.files.all()] == ["score.py"]


@pytest.mark.parametrize(
    ("sent", "field", "why"),
    [
        ({"name": "taken"}, "name", "already exists"),
        ({"name": "no name"}, "name", "starts with a letter"),
        ({"target": "docker"}, "target", "not"),
        ({"samples": "own"}, "samples", "no sample and no signature"),
        ({"samples_text": "a,b\n1"}, "samples_text", "Line 2"),
        ({"samples_text": ""}, "samples_text", "empty"),
        ({"samples": "file"}, "samples_file", "Choose a file"),
        ({"cpu": "100"}, "cpu", "cannot be measured on process"),
        ({"share": "200"}, "share", "5 to 100"),
        ({"p95_ms": "0"}, "p95_ms", "must be a number"),
        ({"source_upload": "00000000-0000-0000-0000-000000000000"}, "entry_script", "start a new one"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_refused_form_says_why_beside_the_field_and_keeps_what_was_typed(page, start, sent, field, why):
    start(name="taken", models=["digits:1"])
    typed = {"target": "process", "samples": "paste", "samples_text": SAMPLES, "concurrency": "1, 3, 9"} | sent
    answer = page.post(START, typed)
    assert why in error_of(answer, field)
    assert 'value="1, 3, 9"' in answer.content.decode()
    assert Profile.objects.count() == 1


def test_an_archived_version_is_refused_on_the_page(page, contributor):
    update_version(version=objects.ModelVersion.objects.get(), by=contributor, stage="Archived")
    answer = page.post(START, {"target": "process", "samples": "paste", "samples_text": SAMPLES})
    assert answer.status_code == 422
    assert "archived" in text(answer)


def test_the_summary_follows_the_form_and_says_what_is_usual_there(page, place):
    objects.target(place, "docker")
    sent = {"target": "docker", "samples": "paste", "concurrency": "1, 2", "requests_per_second": "20"}
    shown = page.post(f"{START}summary/", sent)
    said = text(shown)
    for words in ("0.1, 0.5, 1 and 2 CPU with 2 GB", "1 and 2", "those you pasted", "20 requests a second"):
        assert words in said
    assert 'id="usual-cpu" hx-swap-oob="true"' in shown.content.decode()
    assert "--requests-per-second 20" in said


def test_a_reader_is_told_and_sees_no_form(page, reader, start):
    start(models=["digits:1"])
    reading = objects.signed_in(reader)
    shown = reading.get(START)
    assert "Your role is reader" in text(shown)
    assert 'id="profile"' not in shown.content.decode()
    for path in ("/w/vision/models/digits/1/", "/w/vision/profiles/?model=digits&version=1"):
        body = reading.get(path).content.decode()
        assert START not in body
        assert "digits-1" in body
    for action in ("cancel", "resume", "delete"):
        assert reading.post(f"/w/vision/profiles/digits-1/{action}/").status_code == 403


def test_the_summary_says_what_is_to_be_corrected(page):
    said = text(page.post(f"{START}summary/", {"target": "process", "concurrency": "1, x", "share": "200"}))
    assert "Requests at a time: x is no whole number." in said
    assert "Share of the target: Give 5 to 100 percent." in said


def test_the_list_is_of_one_model_or_one_version_when_asked(page, start, place, contributor):
    start(models=["digits:1"])
    start(models=[objects.version(place, contributor, "iris").reference])
    listed = lambda query: [row.profile.name for row in page.get(f"/w/vision/profiles/{query}").context["rows"]]  # noqa: E731
    assert listed("") == ["iris-1", "digits-1"]
    assert listed("?model=digits") == listed("?model=digits&version=1") == ["digits-1"]
    assert listed("?model=digits&version=2") == []
    assert listed("?version=abc") == ["iris-1", "digits-1"]


def test_a_row_tells_how_far_it_is_then_what_it_recommends(page, start):
    profile = start(models=["digits:1"])
    Profile.objects.update(status=Status.MEASURING, now="1 CPU, 1 GB: 2 at a time")
    shown = page.get("/w/vision/profiles/")
    assert " loads · 1 CPU, 1 GB: 2 at a time" in text(shown)
    assert "data-parts-every" in shown.content.decode()
    Profile.objects.update(recommendation=RECOMMENDED)
    ended(profile)
    shown = page.get("/w/vision/profiles/")
    assert "0.5 CPU · 0.25 GB 4.1 ms 700 requests/s" in text(shown)
    assert "data-parts-every" not in shown.content.decode()


def test_a_row_of_a_failed_profile_says_why(page, start):
    profile = start(models=["digits:1"])
    Profile.objects.update(failure={"code": "x", "detail": "The weights are gone."})
    ended(profile, Status.FAILED)
    assert "The weights are gone." in text(page.get("/w/vision/profiles/"))


def test_the_list_costs_as_many_queries_for_many_as_for_one(page, start, django_assert_max_num_queries):
    for n in range(6):
        start(name=f"run-{n}", models=["digits:1"])
    with django_assert_max_num_queries(20):
        page.get("/w/vision/profiles/")


def test_without_profiles_the_page_explains_what_one_is(page):
    assert "A profile runs a model on sizes" in text(page.get("/w/vision/profiles/"))
    assert "Run a profile" in text(page.get("/w/vision/profiles/?model=digits&version=1"))


def test_stopping_resuming_and_deleting_lead_back_with_a_message(page, start):
    start(models=["digits:1"])
    here = "/w/vision/profiles/digits-1/"
    assert "Stop it first" in text(page.post(f"{here}delete/", follow=True))
    stopped = page.post(f"{here}cancel/", follow=True)
    assert stopped.redirect_chain == [(here, 302)]
    assert "digits-1 is being stopped" in text(stopped)
    assert "is cancelled already" in text(page.post(f"{here}cancel/", follow=True))
    assert "goes on with what was not measured" in text(page.post(f"{here}resume/", follow=True))
    assert "is queued" in text(page.post(f"{here}resume/", follow=True))
    page.post(f"{here}cancel/")
    deleted = page.post(f"{here}delete/", follow=True)
    assert deleted.redirect_chain == [("/w/vision/profiles/", 302)]
    assert "Profile digits-1 is deleted" in text(deleted)


def test_a_version_shows_what_its_newest_profile_recommends(page, start):
    here = "/w/vision/models/digits/1/"
    assert "Not profiled yet. Run a profile" in text(page.get(here))
    measured(start)
    assert "0.5 CPU · 0.25 GB" in text(page.get(here))
    start(models=["digits:1"])
    shown = text(page.get(here))
    assert "Queued digits-1-2" in shown and "700 requests/s" in shown


def test_a_size_that_was_measured_is_offered_first_and_chosen(page, start):
    measured(start)
    shown = page.get(DEPLOY)
    assert "digits-1: p95 4.1 ms, 700 requests/s on process" in text(shown)
    assert initial(shown, "size") == "recommended"
    sent = {"mode": "new", "name": "second", "target": "process", "size": "recommended"}
    page.post(DEPLOY, sent)
    revision = objects.Service.objects.get(name="second").revisions.get()
    assert (revision.deployment_config["cpu"], revision.deployment_config["memory_gb"]) == (0.5, 0.25)


def test_a_graph_that_was_faster_is_offered_as_one(page, start):
    measured(start, onnx=True)
    shown = page.get(DEPLOY)
    assert initial(shown, "convert_to_onnx") is True
    assert "as ONNX" in text(shown)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cpu=0.5&memory_gb=0.25&target=process", {"size": "recommended", "target": "process"}),
        ("cpu=2&memory_gb=0.25", {"size": "custom", "cpu": 2.0, "memory_gb": 0.25}),
        ("cpu=0.5&convert_to_onnx=on", {"size": "custom", "convert_to_onnx": True}),
        ("cpu=nan&memory_gb=-1&target=nowhere&convert_to_onnx=yes", {"size": "recommended", "target": "process"}),
        ("cpu=1e999&memory_gb=x", {"size": "recommended"}),
        ("target=prod", {"target": "process"}),
    ],
    ids=["recommended", "other", "onnx", "hostile", "endless", "away"],
)
def test_the_address_fills_the_deploy_form_in(page, start, place, query, expected):
    measured(start)
    objects.target(place, "prod", available=False)
    shown = page.get(f"{DEPLOY}?{query}")
    assert {name: initial(shown, name) for name in expected} == expected


def test_without_a_profile_there_is_nothing_recommended(page):
    shown = page.get(DEPLOY)
    assert 'value="recommended"' not in shown.content.decode()
    answer = page.post(DEPLOY, {"mode": "new", "name": "second", "target": "process", "size": "recommended"})
    assert "Select a valid choice" in error_of(answer, "size")
