"""A version that nobody described is described by its first deployment."""

import json

import pytest

from deployments.states import Status
from registry.models import ModelVersion
from tests import objects
from tests.deployments.working import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]
TOLD = {"inputs": [{"name": "height", "type": "", "shape": None}], "outputs": [{"name": "predict", "type": "int64"}]}


def version() -> ModelVersion:
    return ModelVersion.objects.get()


def test_the_first_deployment_tells_what_the_model_takes_and_gives(driver, queued, runtime):
    runtime.signature = json.dumps(TOLD).encode()
    runtime.offer({"data": [[1.0]]})
    assert work(queued).status == Status.LIVE
    assert [entry["name"] for entry in version().signature["inputs"]] == ["height"]
    assert version().signature["source"] == "the first deployment of reader"
    assert version().sample_input == {"data": [[1.0]]}


def test_what_was_said_before_is_kept(driver, place, contributor, rings, runtime):
    said = {"inputs": [{"name": "mine", "type": "double", "shape": None}], "outputs": [], "source": "its author"}
    registered = objects.version(place, contributor, signature=said, sample_input={"data": [[7]]})
    runtime.signature = json.dumps(TOLD).encode()
    runtime.offer({"data": [[1.0]]})
    assert work(objects.deployment(place, contributor, models=[registered.reference])).status == Status.LIVE
    assert (version().signature, version().sample_input) == (said, {"data": [[7]]})


def test_a_later_deployment_does_not_change_it(driver, queued, place, contributor, runtime):
    runtime.signature = json.dumps(TOLD).encode()
    work(queued)
    runtime.signature = b'{"inputs": [{"name": "other"}]}'
    work(objects.deployment(place, contributor, "second", models=["digits:1"]))
    assert version().signature["inputs"][0]["name"] == "height"


@pytest.mark.parametrize("answer", [
    b"", b"[]", b"{}", b'{"inputs": 3}', b'{"inputs": [{"name": NaN}]}', b'{"inputs": [' + b"{}," * 5000 + b"{}]}",
])  # fmt: skip
def test_a_runtime_that_tells_nothing_sensible_goes_live_all_the_same(driver, queued, runtime, answer):
    runtime.signature = answer
    assert work(queued).status == Status.LIVE
    assert version().signature == {}


def test_what_a_script_takes_is_not_the_models(driver, place, contributor, rings, runtime):
    source = objects.upload(place, contributor, {"score.py": b"..."})
    runtime.signature = json.dumps(TOLD).encode()
    runtime.offer({"data": [[1.0]]})
    asked = {"source": source, "inference_config": {"entryScript": "score.py"}}
    assert work(objects.deployment(place, contributor, **asked)).status == Status.LIVE
    assert (version().signature, version().sample_input) == ({}, None)


WISHED = {"deployment_config": {"convertToOnnx": True}}


@pytest.mark.parametrize(("told", "kept"), [
    ({"used": True, "why": "Used: sooner.", "faster": {"1": 5}}, {"used": True, "why": "Used: sooner."}),
    ({"used": False, "why": "x" * 10_000}, {"used": False, "why": "x" * 500}),
    ({"used": "yes", "why": "no"}, None), ({"used": True}, None), ("yes", None), (None, None),
])  # fmt: skip
def test_what_became_of_a_conversion_is_kept_with_the_revision(driver, place, contributor, rings, runtime, told, kept):
    objects.version(place, contributor)
    runtime.signature = json.dumps(TOLD | ({} if told is None else {"conversion": told})).encode()
    deployment = work(objects.deployment(place, contributor, models=["digits:1"], **WISHED))
    assert deployment.status == Status.LIVE
    assert deployment.revision.conversion == kept
    assert [entry["name"] for entry in version().signature["inputs"]] == ["height"]


def test_where_nobody_wished_for_one_nothing_is_kept_of_it(driver, queued, runtime):
    runtime.signature = json.dumps(TOLD | {"conversion": {"used": True, "why": "x"}}).encode()
    assert work(queued).revision.conversion is None
