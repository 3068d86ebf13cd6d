"""What a pickle takes and gives is told by the workload that loads it first, on a real target."""

import json

from tests.journeys.shown_models import SHOWN


def test_the_first_deployment_of_a_pickle_tells_its_signature(studio, slipway, tmp_path):
    path = SHOWN["pickle"].make(tmp_path)
    registered = json.loads(slipway.done("model", "register", "-n", "told", "-p", str(path)))
    with studio.api() as api:
        address = "models/told/versions/1"
        before = api.get(address).json()
        assert before["signature"] == {} and before["risk"] == "known"
        slipway.done("model", "deploy", "-n", "told", "-m", registered["id"], "--cp", "process")
        found = api.get(address).json()
    assert found["signature"]["source"] == "the first deployment of told"
    assert found["signature"]["inputs"] and found["signature"]["outputs"][0]["name"] == "predict"
    assert found["sample_input"]
    slipway.done("service", "delete", "-n", "told")
