"""What the models found have in common, with counts."""

from dataclasses import dataclass

from registry.finding.query import Query
from workspaces.models import User, Workspace


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`text` is the query after clicking the value: with it when it is not `chosen`, without it when it is."""

    value: str
    label: str
    count: int
    capped: bool
    chosen: bool
    text: str


@dataclass(frozen=True, slots=True)
class Facet:
    """`key` is a tag's key with `=` behind it, or a word of the grammar with `:` (`framework:`, `stage:`)."""

    key: str
    title: str
    values: list[FacetValue]


def facets(*, user: User, workspace: Workspace, query: Query) -> list[Facet]:
    return []
