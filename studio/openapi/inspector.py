"""Turns an Operation into OpenAPI. Django REST framework's DEFAULT_SCHEMA_CLASS."""

import re
from http import HTTPStatus

from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from registry.api.requests import Strict
from studio.openapi import extensions  # noqa: F401  (they are known by being imported)
from studio.openapi.refusals import problems_of
from workspaces.operations import Answer, Operation, Parameter

PROBLEM = {"$ref": "#/components/schemas/Problem"}
_WHERE = {"query": OpenApiParameter.QUERY, "header": OpenApiParameter.HEADER}
_OF_PATHS = {
    "workspace": "The workspace's name.",
    "name": "The name.",
    "number": "The version's number.",
    "path": "The file's path below the version's or upload's folder; its slashes need no encoding.",
    "deployment_id": "The deployment's number.",
    "upload_id": "The upload's id.",
    "file_id": "The id of the file on its way.",
    "alias": "The alias.",
    "view_id": "The saved view's number.",
}


class Inspector(AutoSchema):
    @property
    def operation(self) -> Operation | None:
        from studio.operations import OPERATIONS

        return OPERATIONS.get((type(self.view), self.method))

    def get_operation(self, path, path_regex, path_prefix, method, registry):
        self.method = method.upper()
        if self.operation is None:
            warn(f"{method} {path} has no row in its room's operations")
            return None
        made = super().get_operation(path, path_regex, path_prefix, method, registry)
        made["responses"] |= self._refusals(path)
        return made

    def _refusals(self, path: str) -> dict[str, dict]:
        by_status: dict[int, list[dict]] = {}
        for problem in problems_of(type(self.view), self.method, self.operation, path):
            by_status.setdefault(problem["status"], []).append(problem)
        return {str(status): _refusal(status, by_status[status]) for status in sorted(by_status)}

    def get_operation_id(self) -> str:
        return self.operation.id

    def get_summary(self) -> str:
        return self.operation.summary

    def get_description(self) -> str:
        return self.operation.description

    def get_tags(self) -> list[str]:
        return [self.operation.tag]

    def get_override_parameters(self) -> list[OpenApiParameter]:
        sent = [_parameter(each) for each in self.operation.parameters]
        headers = {name: text for answer in self.operation.answers for name, text in answer.headers.items()}
        statuses = {
            name: [answer.status for answer in self.operation.answers if name in answer.headers] for name in headers
        }
        return sent + [
            OpenApiParameter(
                name, {"type": "string"}, OpenApiParameter.HEADER, description=text, response=statuses[name]
            )
            for name, text in headers.items()
        ]

    def get_request_serializer(self) -> object:
        body = self.operation.body
        return {body.media_type: body.schema} if body else None

    def get_response_serializers(self) -> dict:
        return {(answer.status, answer.media_type): _response(answer) for answer in self.operation.answers}

    def get_examples(self) -> list[OpenApiExample]:
        body = self.operation.body
        if body is None or body.example is None:
            return []
        return [OpenApiExample("request", body.example, request_only=True, media_type=body.media_type)]

    def _get_format_parameters(self) -> list[dict]:
        return []  # answers have the form the operation says

    def _get_request_body(self, direction="request"):
        made = super()._get_request_body(direction)
        if made:
            made["required"] = self.operation.body.required
        return made

    def _resolve_path_parameters(self, variables):
        made = super()._resolve_path_parameters(variables)
        for parameter in made:
            parameter["description"] = _OF_PATHS.get(parameter["name"], "")
            if parameter["schema"]["type"] == "string":
                parameter["schema"].setdefault("minLength", 1)
            elif parameter["schema"]["type"] == "integer":
                parameter["schema"]["minimum"] = 0
        return made

    def _map_serializer_field(self, field, direction, bypass_extensions=False):
        made = super()._map_serializer_field(field, direction, bypass_extensions)
        # "Anything, or null" is anything.
        return {} if made and {} in made.get("oneOf", []) else made

    def _map_basic_serializer(self, serializer, direction):
        """Answers are whole, every field of one is always there; strict requests take no other fields."""
        made = super()._map_basic_serializer(serializer, direction)
        if direction == "response" and "properties" in made:
            made["required"] = sorted(made["properties"])
        if direction == "request" and isinstance(serializer, Strict):
            made["additionalProperties"] = False
        return made

    def get_serializer_name(self, serializer, direction) -> str:
        return type(serializer).__name__.strip("_").removesuffix("Serializer")


def _parameter(given: Parameter) -> OpenApiParameter:
    examples = [] if given.example is None else [OpenApiExample("example", given.example)]
    return OpenApiParameter(
        given.name,
        given.schema,
        _WHERE[given.where],
        required=given.required,
        description=given.description,
        examples=examples,
    )


def _response(answer: Answer) -> OpenApiResponse:
    said = answer.description or _phrase(answer.status)
    if answer.schema is None:
        return OpenApiResponse(description=said)
    examples = [] if answer.example is None else [OpenApiExample("answer", answer.example)]
    return OpenApiResponse(answer.schema, said, examples)


def _refusal(status: int, problems: list[dict]) -> dict:
    codes = sorted(problem["code"] for problem in problems)
    examples = {code: {"$ref": f"#/components/examples/{_key(status, code)}"} for code in codes}
    schema = {"allOf": [PROBLEM, {"properties": {"code": {"enum": codes}, "status": {"const": status}}}]}
    content = {"application/problem+json": {"schema": schema, "examples": examples}}
    return {"description": _phrase(status), "content": content}


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Checksum Mismatch"  # 460 is tus's


def _key(status: int, code: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", f"{status}-{code}")
