"""Each of the four models, on each target, answers over HTTP what it answers in Python; so do boosters as graphs."""

import json

import httpx
import pytest
import xgboost

from tests.journeys.shown_models import SHOWN
from tests.scoring import models


@pytest.mark.parametrize("target", ["process", "docker"])
@pytest.mark.parametrize("kind", SHOWN)
def test_a_deployed_model_answers_what_the_model_itself_predicts(kind, target, studio, slipway, tmp_path, request):
    if target == "docker":
        request.getfixturevalue("docker_engine")
    shown, name = SHOWN[kind], f"{kind}-on-{target}"
    path = shown.make(tmp_path)
    version = json.loads(slipway.done("model", "register", "-n", name, "-p", str(path), "--tag", f"kind={kind}"))

    slipway.done("model", "deploy", "-n", name, "-m", version["id"], "--cp", target, *shown.flags(tmp_path))

    (tmp_path / "rows.json").write_text(json.dumps(shown.body))
    said = json.loads(slipway.done("service", "run", "-n", name, "-d", "@rows.json"))
    assert shown.answers(said) == shown.expected
    assert shown.answers(_called_directly(studio, name, shown.body)) == shown.expected
    slipway.done("service", "delete", "-n", name)


def test_a_booster_is_served_as_a_graph_where_that_is_wished_and_faster(studio, slipway, tmp_path):
    model = xgboost.XGBClassifier(n_estimators=20, n_jobs=1).fit(models.DIGITS, models.DIGIT)
    model.save_model(tmp_path / "model.json")
    slipway.done("model", "register", "-n", "boosted", "-p", "model.json")
    slipway.done("model", "deploy", "-n", "boosted", "-m", "boosted:1", "--cp", "process", "--convert-to-onnx")

    told = json.loads(slipway.done("service", "show", "-n", "boosted"))["conversion"]
    assert told["used"] and "times as fast" in told["why"], told
    body = {"data": models.DIGITS[:50].tolist()}
    assert _called_directly(studio, "boosted", body) == {"predictions": model.predict(models.DIGITS[:50]).tolist()}
    slipway.done("service", "delete", "-n", "boosted")


def _called_directly(studio, name: str, body: dict) -> object:
    """As any HTTP client would, with the key the studio shows."""
    with studio.api() as api:
        uri = api.get(f"services/{name}").json()["scoring_uri"]
        key = api.get(f"services/{name}/keys").json()["secondary_key"]
    answer = httpx.post(uri, json=body, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()
