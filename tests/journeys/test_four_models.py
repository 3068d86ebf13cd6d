"""Each of the four models, on each target, answers over HTTP what it answers in Python."""

import json

import httpx
import pytest

from tests.journeys.shown_models import SHOWN


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


def _called_directly(studio, name: str, body: dict) -> object:
    """As any HTTP client would, with the key the studio shows."""
    with studio.api() as api:
        uri = api.get(f"services/{name}").json()["scoring_uri"]
        key = api.get(f"services/{name}/keys").json()["secondary_key"]
    answer = httpx.post(uri, json=body, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()
