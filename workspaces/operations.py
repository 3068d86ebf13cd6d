"""How rooms say what each operation of their REST takes and answers, for the OpenAPI document.

A room's `operations` has a table of these by view class and method. Nothing that serves requests imports it:
it is read when somebody asks for the document, and by tests that hold it against real answers.
"""

from dataclasses import dataclass, field

from workspaces.errors import Refusal

Schema = object
"""A serializer (class or instance), or a JSON schema."""

JSON = "application/json"
BYTES = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back when it goes well; without a schema the body is empty."""

    schema: Schema | None = None
    example: object = None
    description: str = ""
    status: int = 200
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent."""

    schema: Schema
    example: object = None
    media_type: str = JSON
    required: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """Of the query string, or a header. The parts of the path describe themselves."""

    name: str
    description: str
    schema: dict[str, object] = field(default_factory=lambda: {"type": "string"})
    example: object = None
    where: str = "query"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """`errors` are those of the operation itself. What every operation can refuse (no token, no such
    workspace, a body that is no JSON …) is added by studio.openapi, as are all statuses and codes."""

    id: str
    summary: str
    answers: list[Answer]
    tag: str
    description: str = ""
    body: Body | None = None
    parameters: list[Parameter] = field(default_factory=list)
    errors: list[type[Refusal]] = field(default_factory=list)
    strict: bool = False
    """The query string is checked as a body is, and what is not known in it is refused."""


Operations = dict[tuple[type, str], Operation]


def whole_number(low: int, default: int, high: int | None = None) -> dict[str, object]:
    """The schema of a parameter."""
    limits = {"minimum": low, "default": default}
    return {"type": "integer"} | limits | ({"maximum": high} if high is not None else {})
