"""The same thing without the page: what "Copy as" and the service page offer."""

import json
import re
import shlex
from dataclasses import dataclass

from deployments.deploy_form import DeployForm
from deployments.models import Deployment, Service, Target
from registry.models import ModelVersion

TOKEN = '-H "Authorization: Bearer $SLIPWAY_TOKEN"'
SESSION = """import os
import requests

session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['SLIPWAY_TOKEN']}"
"""


@dataclass(frozen=True, slots=True)
class Snippets:
    cli: str
    curl: str
    python: str


def reading(cli: str, url: str) -> Snippets:
    """What the command line shows with `cli`, and REST at `url`."""
    python = f"{SESSION}\nanswer = session.get({url!r})\nanswer.raise_for_status()\nprint(answer.json())"
    return Snippets(cli, f"curl {TOKEN} \\\n  {shlex.quote(url)}", python)


def of_services(api: str) -> Snippets:
    return reading("slipway service list", f"{api}/services")


def of_service(api: str, service: Service) -> Snippets:
    return reading(f"slipway service show -n {service.name}", f"{api}/services/{service.name}")


def of_deployments(api: str) -> Snippets:
    return reading("slipway service list", f"{api}/deployments")


def of_deployment(api: str, deployment: Deployment) -> Snippets:
    name = deployment.revision.service.name
    return reading(f"slipway service show -n {name}", f"{api}/deployments/{deployment.pk}")


def of_targets(api: str) -> Snippets:
    return reading("slipway computetarget list", f"{api}/targets")


def of_target(api: str, target: Target) -> Snippets:
    return reading(f"slipway computetarget show -n {target.name}", f"{api}/targets/{target.name}")


def of_attaching(api: str) -> Snippets:
    """The text of the kubeconfig is read where the command runs."""
    url = f"{api}/targets"
    body = {"name": "prod", "kind": "kubernetes", "registry": "HOST:PORT"}
    curl = f"jq -n --rawfile kubeconfig FILE '{json.dumps(body)} + {{$kubeconfig}}' \\\n  | curl {TOKEN} \\\n"
    curl += f"    -H 'Content-Type: application/json' -d @- \\\n    {shlex.quote(url)}"
    python = f"{SESSION}\nbody = {body!r}\nbody['kubeconfig'] = open('FILE').read()\n"
    python += f"answer = session.post({url!r}, json=body)\nanswer.raise_for_status()\nprint(answer.json())"
    cli = "slipway computetarget attach kubernetes -n prod \\\n  --kubeconfig FILE --registry HOST:PORT"
    return Snippets(cli, curl, python)


def of_deploying(api: str, version: ModelVersion, form: DeployForm) -> Snippets:
    """What the form asks for. Values of environment variables stay out: they may be secret."""
    asked = {
        "name": form.service_name,
        "models": [version.reference],
        "target": form.cleaned_data.get("target") or "",
        "deployment_config": _without_secrets(form.deployment_config),
    }
    if form.inference_config:
        asked |= {"source_upload": "UPLOAD", "inference_config": form.inference_config}
    if form.replaces:
        asked["overwrite"] = True
    body = json.dumps(asked, indent=2)
    return Snippets(
        cli=_deploy_command(version, form),
        curl=f"curl {TOKEN} -H 'Content-Type: application/json' \\\n  {api}/services -d {shlex.quote(body)}",
        python=f"{SESSION}\nanswer = session.post(\n    {f'{api}/services'!r},\n    json={asked!r},\n)\n"
        "answer.raise_for_status()\nprint(answer.json()['status'])",
    )


def _deploy_command(version: ModelVersion, form: DeployForm) -> str:
    files, parts = [], [f"slipway model deploy -n {form.service_name or 'NAME'} -m {version.reference}"]
    if target := form.cleaned_data.get("target"):
        parts.append(f"--ct {target}")
    parts.append(f"--cc {form.cores:g} --gb {form.gigabytes:g}")
    config = form.inference_config or {}
    if "environment" in config:
        files.append(_file("inferenceconfig.json", config))
        parts.append("--ic inferenceconfig.json")
    elif config:
        folder = f" --sd {shlex.quote(config['sourceDirectory'])}" if "sourceDirectory" in config else ""
        parts.append(f"--es {shlex.quote(config['entryScript'])}{folder}")
    if form.cleaned_data.get("variables"):
        variables = {"environmentVariables": _without_secrets(form.deployment_config)["environmentVariables"]}
        files.append(_file("deploymentconfig.json", variables))
        parts.append("--dc deploymentconfig.json")
    if not form.cleaned_data.get("auth_enabled"):
        parts.append("--ae false")
    if form.cleaned_data.get("convert_to_onnx"):
        parts.append("--convert-to-onnx")
    if form.replaces:
        parts.append("--overwrite")
    return "".join(files) + " \\\n  ".join(parts)


def _file(name: str, content: dict[str, object]) -> str:
    return f"cat > {name} <<'END'\n{json.dumps(content, indent=2)}\nEND\n"


def _without_secrets(config: dict[str, object]) -> dict[str, object]:
    if "environmentVariables" not in config:
        return config
    return config | {"environmentVariables": dict.fromkeys(config["environmentVariables"], "…")}


BODY = "%BODY%"
_STRING = r'("(?:\\.|[^"\\])*")'
_SPACE = re.compile(rf"{_STRING}|\s+")
_INNER_SPACE = re.compile(rf"{_STRING}|([\[{{]) | ([\]}}])")
_WORD = re.compile(rf"{_STRING}|\b(true|false|null)\b")
_WORDS = {"true": "True", "false": "False", "null": "None"}
_CURL_KEY = '-H "Authorization: Bearer $SLIPWAY_KEY" '
_CURL_CALL = """curl {key}-H 'Content-Type: application/json' \\
  {uri} \\
  -d {body}"""
_PYTHON_CALL = """import requests

answer = requests.post("{uri}", json={body})
answer.raise_for_status()
print(answer.json())"""
_PYTHON_CALL_WITH_KEY = """import os
import requests

answer = requests.post(
    "{uri}",
    headers={{"Authorization": f"Bearer {{os.environ['SLIPWAY_KEY']}}"}},
    json={body},
)
answer.raise_for_status()
print(answer.json())"""


def of_scoring(service: Service, body: str) -> Snippets:
    """Calls of the scoring URI that send `body`; `static/js/try_it.js` writes them again as it changes."""
    templates = scoring_templates(service)
    word = shlex.quote(_compact(body))
    return Snippets(
        cli=templates.cli.replace(BODY, word),
        curl=templates.curl.replace(BODY, word),
        python=templates.python.replace(BODY, _python_of(body)),
    )


def scoring_templates(service: Service) -> Snippets:
    """The calls with %BODY% where the request's body goes."""
    with_key = service.auth_enabled
    return Snippets(
        cli=f"slipway service run -n {service.name} -d {BODY}",
        curl=_CURL_CALL.format(key=_CURL_KEY if with_key else "", uri=service.scoring_uri, body=BODY),
        python=(_PYTHON_CALL_WITH_KEY if with_key else _PYTHON_CALL).format(uri=service.scoring_uri, body=BODY),
    )


def _compact(body: str) -> str:
    """JSON on one line, its numbers as they were written; what is no JSON as it is."""
    try:
        json.loads(body)
    except ValueError:
        return body
    line = _SPACE.sub(lambda found: found[1] or " ", body.strip())
    return _INNER_SPACE.sub(lambda found: found[1] or found[2] or found[3], line)


def _python_of(body: str) -> str:
    try:
        json.loads(body)
    except ValueError:
        return repr(body)
    return _WORD.sub(lambda found: found[1] or _WORDS[found[2]], _compact(body))
