"""The page of models: what matches the search box, and how to say so."""

from dataclasses import dataclass

from registry import listing as before
from registry.finding.query import Chip, Query, parse_query
from registry.listing import mark_use, models_there_are
from registry.models import ModelVersion
from workspaces.models import User, Workspace
from workspaces.paging import Page

__all__ = ["Count", "Listing", "WayOut", "list_models", "mark_use", "models_there_are"]


@dataclass(frozen=True, slots=True)
class Count:
    """How many models match; `capped`: at least so many, nobody counted on."""

    number: int
    capped: bool = False


@dataclass(frozen=True, slots=True)
class WayOut:
    """With nothing found: leaving out `chip` gives `count`; `rest` is the text of the query without it."""

    chip: Chip
    rest: str
    count: Count


@dataclass(frozen=True, slots=True)
class Listing:
    """`sort` is the order in force. `partial`: the search stopped before it filled the page; `page.next` goes on."""

    query: Query
    page: Page[ModelVersion]
    count: Count
    ways_out: list[WayOut]
    sort: str
    partial: bool = False

    @property
    def filtered(self) -> bool:
        return bool(self.query.chips)


def list_models(*, user: User, workspace: Workspace, text: str, sort: str = "", cursor: str = "") -> Listing:
    """The newest matching version of every model. Raises Invalid for a sort or cursor this list does not know."""
    query = parse_query(text)
    old = before.list_models(user=user, workspace=workspace, text=text, cursor=cursor)
    ways = [
        WayOut(next(c for c in query.chips if c.text == str(way.term)), way.rest, Count(way.count))
        for way in old.ways_out
    ]
    return Listing(query, old.page, Count(old.count), ways, sort or "-registered")
