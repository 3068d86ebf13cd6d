"""The whole document, made once a process."""

from functools import cache

import orjson
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator

from studio.openapi.refusals import problems_of

PROBLEM = {
    "type": "object",
    "description": "Why something asked for was not done (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail", "advice"],
    "properties": {
        "type": {"type": "string", "description": "A name for the kind of problem; `code` says the same."},
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "For programs: it stays the same."},
        "detail": {"type": "string", "description": "What is wrong, and where."},
        "advice": {"type": "string", "description": "What to do about it."},
        "errors": {"type": "object", "description": "Fields by name, with what is wrong with each."},
    },
    "additionalProperties": True,
}


class _Endpoints(EndpointEnumerator):
    """HEAD too, where it is an operation of its own and no shorter GET."""

    def get_allowed_methods(self, callback):
        own = [] if hasattr(callback.cls, "get") or not hasattr(callback.cls, "head") else ["HEAD"]
        return [*super().get_allowed_methods(callback), *own]


class Generator(SchemaGenerator):
    endpoint_inspector_cls = _Endpoints


@cache
def document() -> dict:
    return Generator().get_schema(request=None, public=True)


@cache
def as_json() -> bytes:
    return orjson.dumps(document())


def finished(result: dict, generator, **_) -> dict:
    """drf-spectacular's POSTPROCESSING_HOOK: what belongs to no single operation."""
    from studio.operations import OPERATIONS, TAGS

    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    found = [problem for (view, method), row in OPERATIONS.items() for problem in problems_of(view, method, row, "")]
    examples = {f"{problem['status']}-{problem['code']}": {"value": problem} for problem in found}
    components["examples"] = dict(sorted(examples.items()))
    components["responses"] = _told_once(result)
    used = {tag for methods in result["paths"].values() for operation in methods.values() for tag in operation["tags"]}
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
    return _without_marks(result)


def _told_once(result: dict) -> dict[str, dict]:
    """Many operations refuse alike: each kind of refusal is moved to one place, and referred to."""
    shared: dict[str, dict] = {}
    for operation in (operation for methods in result["paths"].values() for operation in methods.values()):
        for status, response in operation["responses"].items():
            if "application/problem+json" in response.get("content", {}):
                codes = response["content"]["application/problem+json"]["examples"]
                name = f"{status}-{'-or-'.join(codes)}"
                shared[name] = response
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))


def _without_marks(node):
    """Without the notes drf-spectacular leaves for a hook of its own."""
    if isinstance(node, dict):
        return {key: _without_marks(value) for key, value in node.items() if key != "x-spec-enum-id"}
    return [_without_marks(each) for each in node] if isinstance(node, list) else node
