"""swagger.json in versions 2, 3 and 3.1: a file of the user's, or generated as Azure's server did."""

import json
from pathlib import Path
from typing import Any

import orjson

from slipway_scoring.dataplane import Scorer
from slipway_scoring.errors import BootFailure, ScoringError
from slipway_scoring.settings import Settings

FILES = {"2": ("swagger.json", "swagger2.json"), "3": ("swagger3.json",), "3.1": ("swagger3.1.json",)}
ALIASES = {"2.0": "2", "3.0": "3"}
BEARER = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "description": "For example: Bearer abc123",
}
ERROR = {"type": "object", "properties": {"message": {"type": "string"}}}
FAILED = "The service failed to execute due to an error."
HEALTHY = "If service is up and running, this response will be returned with the content 'Healthy'"
SCORED = "The service processed the input correctly and provided a result prediction, if applicable."
OPERATIONS = {
    "/": (
        "get",
        "ServiceHealthCheck",
        "Simple health check endpoint to ensure the service is up at any given point.",
    ),
    "/score": ("post", "RunMLService", "Run web service's model and get the prediction output"),
    "/swagger.json": ("get", "GetSwaggerSpec", "Get the Swagger specification."),
}


class VersionNotServed(ScoringError):
    """No document in this version."""


class Swagger:
    """Made once, after the model is loaded. Raises BootFailure for a user's file that is not JSON."""

    def __init__(self, settings: Settings, scorer: Scorer) -> None:
        made = {version: _document(version, settings, scorer) for version in FILES}
        self._documents = {version: text for version, text in made.items() if text is not None}

    def document(self, version: str) -> bytes:
        text = self._documents.get(ALIASES.get(version, version))
        if text is None:
            served = ", ".join(self._documents)
            raise VersionNotServed(f"Swagger version [{version}] is not valid. Supported versions: [{served}].")
        return text


def _document(version: str, settings: Settings, scorer: Scorer) -> bytes | None:
    for name in FILES[version]:
        path = Path(settings.app_root, name)
        if path.is_file():
            return _user_document(path)
    schemas = scorer.schemas(version)
    if schemas is None:
        return None
    build = _swagger if version == "2" else _openapi
    return orjson.dumps(build(version, settings, *schemas), default=str, option=orjson.OPT_NON_STR_KEYS)


def _user_document(path: Path) -> bytes:
    text = path.read_bytes()
    try:
        json.loads(text)
    except ValueError as error:
        raise BootFailure("entry-script-contract", f"{path.name} is not JSON: {error}") from error
    return text


def _info(settings: Settings) -> dict[str, str]:
    about = f"API specification for the Azure Machine Learning service {settings.service_name}"
    return {"title": settings.service_name, "description": about, "version": settings.service_version}


def _paths(settings: Settings, operation: Any) -> dict[str, Any]:
    prefix = settings.service_path_prefix.strip("/")
    start = f"/{prefix}" if prefix else ""
    paths = {}
    for path, (method, name, about) in OPERATIONS.items():
        paths[start + path] = {method: {"operationId": name, "description": about, **operation(path)}}
    return paths


def _swagger(version: str, settings: Settings, given: dict, returned: dict) -> dict[str, Any]:
    return {
        "swagger": "2.0",
        "info": _info(settings),
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {"Bearer": BEARER},
        "paths": _paths(settings, _swagger_operation),
        "definitions": {"ServiceInput": given, "ServiceOutput": returned, "ErrorResponse": ERROR},
    }


def _swagger_operation(path: str) -> dict[str, Any]:
    text = {"type": "string"}
    failed = {"description": FAILED, "schema": {"$ref": "#/definitions/ErrorResponse"}}
    if path == "/":
        healthy = {"description": HEALTHY, "schema": text, "examples": {"application/json": "Healthy"}}
        return {"responses": {"200": healthy, "default": failed}}
    if path == "/swagger.json":
        version = {"name": "version", "in": "query", "required": False, "type": "integer", "enum": [2, 3]}
        found = {"description": "The Swagger specification.", "schema": text}
        return {"parameters": [version], "responses": {"200": found, "default": failed}}
    payload = {
        "name": "serviceInputPayload",
        "in": "body",
        "description": "The input payload for executing the real-time machine learning service.",
        "schema": {"$ref": "#/definitions/ServiceInput"},
    }
    scored = {"description": SCORED, "schema": {"$ref": "#/definitions/ServiceOutput"}}
    return {
        "security": [{"Bearer": []}],
        "parameters": [payload],
        "responses": {"200": scored, "default": failed},
    }


def _openapi(version: str, settings: Settings, given: dict, returned: dict) -> dict[str, Any]:
    schemas = {"ServiceInput": given, "ServiceOutput": returned, "ErrorResponse": ERROR}
    return {
        "openapi": {"3": "3.0.3", "3.1": "3.1.0"}[version],
        "info": _info(settings),
        "security": [{"Bearer": []}],
        "paths": _paths(settings, _openapi_operation),
        "components": {"schemas": schemas, "securitySchemes": {"Bearer": BEARER}},
    }


def _openapi_operation(path: str) -> dict[str, Any]:
    failed = {"description": FAILED, **_content("application/json", "ErrorResponse")}
    if path == "/":
        healthy = {"description": HEALTHY, "content": {"text/plain": {"schema": {"type": "string"}}}}
        return {"responses": {"200": healthy, "default": failed}}
    if path == "/swagger.json":
        number = {"type": "integer", "enum": [2, 3]}
        version = {"name": "version", "in": "query", "required": False, "schema": number}
        found = {
            "description": "The Swagger specification.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
        return {"parameters": [version], "responses": {"200": found, "default": failed}}
    words = "The input payload for executing the real-time machine learning service."
    return {
        "security": [{"Bearer": []}],
        "requestBody": {"description": words, **_content("application/json", "ServiceInput")},
        "responses": {
            "200": {"description": SCORED, **_content("application/json", "ServiceOutput")},
            "default": failed,
        },
    }


def _content(media_type: str, schema: str) -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}
