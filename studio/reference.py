"""The pages on REST: the OpenAPI document, for people."""

import json
from dataclasses import dataclass
from functools import cache
from shlex import quote

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from workspaces.errors import NotFound

_DEEP = 3


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a table: a parameter, or a part of a body (`steps[].name`)."""

    name: str
    kind: str
    text: str
    required: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A body: what it is, its fields, and how one looks."""

    media_type: str
    fields: list[Field]
    example: str
    status: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """An operation as a page shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: Content | None
    answers: list[Content]
    refusals: list[tuple[str, list[str]]]
    curl: str

    @property
    def short_path(self) -> str:
        """As docs/api.md writes it."""
        return self.path.removeprefix("/api/v1/").replace("workspaces/{workspace}/", "W/") or "/"


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    text: str
    operations: list[Shown]


@require_safe
@login_required
def reference(request: HttpRequest) -> HttpResponse:
    return render(request, "studio/reference.html", {"subjects": subjects()})


@require_safe
@login_required
def subject(request: HttpRequest, name: str) -> HttpResponse:
    shown = next((each for each in subjects() if each.name == name), None)
    if shown is None:
        raise NotFound(f"The API has no subject {name[:64]!r}.", advice="Choose one of the list of all operations.")
    return render(request, "studio/reference_subject.html", {"subject": shown, "subjects": subjects()})


@cache
def subjects() -> list[Subject]:
    # Made when first asked for: most processes never are.
    from studio.openapi.document import document

    reader = _Reader(document())
    return [Subject(tag["name"], tag["description"], reader.operations_of(tag["name"])) for tag in document()["tags"]]


class _Reader:
    def __init__(self, document: dict) -> None:
        self.document = document

    def operations_of(self, tag: str) -> list[Shown]:
        paths = self.document["paths"].items()
        rows = [(path, method, row) for path, methods in paths for method, row in methods.items()]
        return [self._shown(path, method.upper(), row) for path, method, row in rows if tag in row["tags"]]

    def _shown(self, path: str, method: str, row: dict) -> Shown:
        contents = list(self._contents(row.get("requestBody", {})))
        responses = {status: self._whole(response) for status, response in row["responses"].items()}
        done = [(status, response) for status, response in responses.items() if status < "4"]
        return Shown(
            id=row["operationId"],
            method=method,
            path=path,
            summary=row["summary"],
            description=_marked(row["description"]),
            parameters=[self._parameter(each) for each in row.get("parameters", [])],
            body=contents[0] if contents else None,
            answers=[content for status, response in done for content in self._answers(status, response)],
            refusals=[
                (status, list(response["content"]["application/problem+json"]["examples"]))
                for status, response in responses.items()
                if status >= "4"
            ],
            curl=_curl(method, path, contents[0] if contents else None),
        )

    def _answers(self, status: str, response: dict) -> list[Content]:
        return list(self._contents(response, status)) or [Content("", [], "", status)]

    def _contents(self, holder: dict, status: str = ""):
        for media_type, content in holder.get("content", {}).items():
            schema = content["schema"]
            name = schema.get("$ref", "").rpartition("/")[2]
            example = next((each["value"] for each in content.get("examples", {}).values()), None)
            shown = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
            yield Content(media_type, self._fields(schema), "" if example is None else shown, status, name)

    def _parameter(self, given: dict) -> Field:
        kind = _kind(given["schema"])
        return Field(
            given["name"], kind, _marked(given.get("description", "")), given.get("required", False), given["in"]
        )

    def _fields(self, schema: dict, before: str = "", depth: int = 0) -> list[Field]:
        schema, many = self._inner(schema)
        if depth == _DEEP or "properties" not in schema:
            return []
        before += "[]." if many and before else "." if before else "[]." if many else ""
        needed = schema.get("required", [])
        found = []
        for name, part in schema["properties"].items():
            whole, _ = self._inner(part)
            text = part.get("description") or (whole.get("description", "") if "$ref" in part else "")
            found.append(Field(f"{before}{name}", _kind(part), _marked(text), name in needed))
            found += self._fields(part, f"{before}{name}", depth + 1)
        return found

    def _inner(self, schema: dict) -> tuple[dict, bool]:
        """What a reference, a list or a "this or null" is made of; and whether it is a list."""
        many = False
        while True:
            if "$ref" in schema:
                schema = self._whole(schema)
            elif "items" in schema:
                schema, many = schema["items"], True
            elif any("$ref" in each for each in schema.get("oneOf", []) + schema.get("allOf", [])):
                schema = next(each for each in schema.get("oneOf", []) + schema.get("allOf", []) if "$ref" in each)
            else:
                return schema, many

    def _whole(self, node: dict) -> dict:
        while "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node


def _marked(text: str) -> SafeString:
    """What stands between backticks as code."""
    words = enumerate(escape(text).split("`"))
    return format_html_join("", "{}", ((SafeString(f"<code>{word}</code>" if n % 2 else word),) for n, word in words))


def _kind(schema: dict) -> str:
    """The type in a word or two: `string`, `integer or null`, `Step list`."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "oneOf" in schema or "allOf" in schema:
        return " or ".join(_kind(each) for each in schema.get("oneOf") or schema["allOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    kinds = schema.get("type", "anything")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    said = " or ".join(schema.get("format", kind) if kind == "string" else kind for kind in kinds)
    if "items" in schema:
        return f"{said} of {_kind(schema['items'])}"
    return said + (f", {schema['default']} by default" if schema.get("default") not in (None, "", [], {}) else "")


def _curl(method: str, path: str, body: Content | None) -> str:
    words = ["curl", "-H", '"Authorization: Bearer $TOKEN"']
    words += ["-X", method] if method not in {"GET", "POST"} or (method == "POST" and body is None) else []
    if body and body.media_type == "application/json":
        words += ["-H", '"Content-Type: application/json"', "-d", quote(json.dumps(json.loads(body.example or "{}")))]
    elif body:
        words += ["-H", f'"Content-Type: {body.media_type}"', "--data-binary", "@FILE"]
    return " ".join([*words, f'"{settings.STUDIO_URL}{path}"'])
