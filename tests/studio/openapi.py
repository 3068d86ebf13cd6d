"""Holding answers against the OpenAPI document."""

import json
import re

from jsonschema import Draft202012Validator, FormatChecker

from studio.openapi.document import document

PROBLEM = "application/problem+json"


def operations() -> list[tuple[str, str, dict]]:
    """Path, method and operation of all that is documented."""
    paths = document()["paths"].items()
    return [(path, method.upper(), operation) for path, methods in paths for method, operation in methods.items()]


def path_of(route: str) -> str:
    """A route of the URL configuration as the document writes it."""
    return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)


def resolved(node: dict) -> dict:
    while "$ref" in node:
        found = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def faults(value: object, schema: dict) -> list[str]:
    """Where `value` is not what `schema` says; fields that it does not speak of are faults too."""
    checker = Draft202012Validator(schema | {"components": document()["components"]}, format_checker=FormatChecker())
    said = [f"{fault.json_path}: {fault.message}" for fault in checker.iter_errors(value)]
    return said + [f"{path} is not documented" for path in _unknown(value, schema, "$")]


def _unknown(value: object, schema: dict, path: str) -> list[str]:
    schema = resolved(schema)
    if isinstance(value, list):
        return [found for item in value for found in _unknown(item, schema.get("items", {}), f"{path}[]")]
    if not isinstance(value, dict):
        return []
    schema = next((resolved(each) for each in schema.get("oneOf", []) if "$ref" in each), schema)
    known = schema.get("properties")
    if known is None:
        return []
    strangers = [f"{path}.{key}" for key in value if key not in known and not schema.get("additionalProperties")]
    return strangers + [
        found for key in value if key in known for found in _unknown(value[key], known[key], f"{path}.{key}")
    ]


def faults_of(answer, path: str, method: str) -> list[str]:
    """Where an answer of Django's test client differs from the document."""
    operation = document()["paths"][path][method.lower()]
    if str(answer.status_code) not in operation["responses"]:
        return [f"status {answer.status_code} is not documented: {answer.content[:300]!r}"]
    content = resolved(operation["responses"][str(answer.status_code)]).get("content", {})
    if not content:
        return [f"a body came: {answer.content[:100]!r}"] if not answer.streaming and answer.content else []
    kind = answer["Content-Type"].split(";")[0]
    if kind not in content:
        return [f"content type {kind} is not documented"]
    if method == "HEAD" or answer.streaming or not kind.endswith("json"):
        return []
    return faults(json.loads(answer.content), content[kind]["schema"])
