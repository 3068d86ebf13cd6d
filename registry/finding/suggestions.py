"""What could be written next."""

from dataclasses import dataclass

from workspaces.models import User, Workspace


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`insert` replaces the text being written; `count` is how many versions have it, None where nobody counts."""

    insert: str
    label: str
    detail: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """They replace `text[start:end]`."""

    start: int
    end: int
    items: list[Suggestion]


def suggest(*, user: User, workspace: Workspace, text: str, caret: int) -> Suggestions:
    return Suggestions(caret, caret, [])
