"""The same thing without the page: what "Copy as" offers on the pages of profiles."""

import json
import shlex

from deployments.snippets import SESSION, TOKEN, Snippets, reading
from profiling import plan
from profiling.form import OWN, ProfileForm
from profiling.models import Profile
from registry.models import ModelVersion

_FILE = "requests.jsonl"


def of_profiles(api: str) -> Snippets:
    return reading("slipway profile list", f"{api}/profiles")


def of_profile(api: str, profile: Profile) -> Snippets:
    return reading(f"slipway profile show -n {profile.name}", f"{api}/profiles/{profile.name}")


def of_starting(api: str, version: ModelVersion, form: ProfileForm) -> Snippets:
    """What the form asks for. Requests that were given are read from a file where the command runs."""
    url, asked = f"{api}/profiles", _asked(version, form)
    with_file = form.cleaned_data.get("samples") not in {OWN, "", None}
    call = f"session.post(\n    {url!r},\n    json={asked!r},\n)"
    send = f"curl {TOKEN} -H 'Content-Type: application/json' \\\n  {url} -d {shlex.quote(json.dumps(asked, indent=2))}"
    if with_file:
        call = f"session.post(\n    {url!r},\n    json={asked!r}\n    | {{'samples': open({_FILE!r}).read()}},\n)"
        send = (
            f"jq -n --rawfile samples {_FILE} \\\n  {shlex.quote(json.dumps(asked, indent=2) + ' + {$samples}')} \\\n"
        )
        send += f"  | curl {TOKEN} -H 'Content-Type: application/json' \\\n    {url} -d @-"
    return Snippets(
        cli=_command(version, form, with_file),
        curl=send,
        python=f"{SESSION}\nanswer = {call}\nanswer.raise_for_status()\nprint(answer.json()['name'])",
    )


def _asked(version: ModelVersion, form: ProfileForm) -> dict[str, object]:
    """Without what is as usual."""
    wanted = form.wanted
    asked = {"name": form.cleaned_data.get("name"), "models": [version.reference],
             "target": form.cleaned_data.get("target")} | wanted  # fmt: skip
    if form.inference_config:
        asked |= {"source": "UPLOAD", "inference_config": form.inference_config}
    if wanted["try_onnx"]:
        del asked["try_onnx"]
    return {key: value for key, value in asked.items() if value not in (None, "") and value != _USUAL.get(key)}


_USUAL = {
    "concurrency": list(plan.CONCURRENCY),
    "share": plan.DEFAULT_SHARE,
    "budget_minutes": plan.DEFAULT_BUDGET_MIN,
}
# Options of the command; each number of a list is given by an option of its own.
_OPTIONS = {
    "cpu": "--cc",
    "memory_gb": "--gb",
    "concurrency": "--concurrency",
    "p95_ms": "--p95-ms",
    "requests_per_second": "--requests-per-second",
    "share": "--share",
    "budget_minutes": "--budget-minutes",
}


def _command(version: ModelVersion, form: ProfileForm, with_file: bool) -> str:
    asked, before = _asked(version, form), ""
    parts = [f"slipway model profile -m {version.reference}"]
    if name := asked.get("name"):
        parts[0] += f" -n {name}"
    if target := asked.get("target"):
        parts.append(f"--ct {target}")
    if with_file:
        parts.append(f"--input-data {_FILE}")
    flat = asked | asked.get("goal", {})
    for key, flag in _OPTIONS.items():
        values = flat.get(key, [])
        parts += [" ".join(f"{flag} {value:g}" for value in (values if isinstance(values, list) else [values]))]
    config = form.inference_config or {}
    if "environment" in config:
        before = f"cat > inferenceconfig.json <<'END'\n{json.dumps(config, indent=2)}\nEND\n"
        parts.append("--ic inferenceconfig.json")
    elif config:
        folder = f" --sd {shlex.quote(config['sourceDirectory'])}" if "sourceDirectory" in config else ""
        parts.append(f"--es {shlex.quote(config['entryScript'])}{folder}")
    if asked.get("try_onnx") is False:
        parts.append("--no-onnx")
    return before + " \\\n  ".join(filter(None, parts))
