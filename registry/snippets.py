"""The same thing without the page: what "Copy as" offers."""

import shlex
from dataclasses import dataclass
from urllib.parse import urlencode

from registry.finding import Query
from registry.models import ModelVersion

_HEADER = '-H "Authorization: Bearer $SLIPWAY_TOKEN"'
_PYTHON = """import os
import requests

answer = requests.get(
    {url!r},{params}
    headers={{"Authorization": f"Bearer {{os.environ['SLIPWAY_TOKEN']}}"}},
)
answer.raise_for_status()
print(answer.json())"""


@dataclass(frozen=True, slots=True)
class Snippets:
    cli: str
    curl: str
    python: str


def of_list(api: str, query: Query) -> Snippets:
    """`api` is the address of the workspace's REST."""
    options = f" --search {shlex.quote(str(query))}" if query.chips else ""
    asked = {"q": str(query), "latest": "true"} if query.chips else {"latest": "true"}
    url = f"{api}/models"
    return Snippets(
        cli=f"slipway model list --latest{options}",
        curl=f"curl {_HEADER} \\\n  {shlex.quote(f'{url}?{urlencode(asked)}')}",
        python=_PYTHON.format(url=url, params=f"\n    params={asked!r},"),
    )


def of_model(api: str, name: str) -> Snippets:
    url = f"{api}/models/{name}"
    return Snippets(
        cli=f"slipway model list -n {name}",
        curl=f"curl {_HEADER} \\\n  {url}",
        python=_PYTHON.format(url=url, params=""),
    )


def of_version(api: str, version: ModelVersion) -> Snippets:
    url = f"{api}/models/{version.name}/versions/{version.version}"
    return Snippets(
        cli=f"slipway model show -i {version.reference}\nslipway model download -i {version.reference} -t .",
        curl=f"curl {_HEADER} \\\n  {url}",
        python=_PYTHON.format(url=url, params=""),
    )


def of_comparison(api: str, references: list[str]) -> Snippets:
    asked = [("version", reference) for reference in references]
    url = f"{api}/compare"
    return Snippets(
        cli="",
        curl=f"curl {_HEADER} \\\n  {shlex.quote(f'{url}?{urlencode(asked)}')}",
        python=_PYTHON.format(url=url, params=f"\n    params={asked!r},"),
    )


def of_registering(api: str) -> Snippets:
    auth = f"{_HEADER} \\\n  "
    asked = """{"name": "my-model", "upload": "'$id'", "tags": {"area": "mnist"}}"""
    return Snippets(
        cli="slipway model register -n my-model -p model.pkl --tag area=mnist",
        curl=f"""id=$(curl -s -X POST {auth}{api}/uploads | sed 's/.*"id": *"\\([^"]*\\)".*/\\1/')
curl -T model.pkl {auth}"{api}/uploads/$id/files/model.pkl"
curl -H "Content-Type: application/json" {auth}-d '{asked}' \\
  {api}/models""",
        python=f"""import os
import requests

api = "{api}"
session = requests.Session()
session.headers["Authorization"] = f"Bearer {{os.environ['SLIPWAY_TOKEN']}}"

upload = session.post(f"{{api}}/uploads").json()["id"]
with open("model.pkl", "rb") as file:
    session.put(f"{{api}}/uploads/{{upload}}/files/model.pkl", data=file).raise_for_status()
made = session.post(f"{{api}}/models", json={{"name": "my-model", "upload": upload, "tags": {{"area": "mnist"}}}})
made.raise_for_status()
print(made.json()["id"])""",
    )
