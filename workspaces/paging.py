"""Keyset pages: newest first by primary key, as fast on page 1,000 as on page 1."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

from workspaces.errors import Invalid

MAX_LIMIT = 255
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`next` is the cursor that continues the list after `rows`; None when it ends there."""

    rows: list[Row]
    next: str | None


def page_of(rows: QuerySet[Row], *, cursor: str = "", limit: int = 50) -> Page[Row]:
    """Up to `limit` rows (at most 255) after `cursor`. Raises Invalid for a cursor never given out."""
    if cursor:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
            raise Invalid(f"{cursor[:40]!r} is not a cursor of this list.", advice="Start from the first page.")
        rows = rows.filter(pk__lt=int(cursor))
    limit = max(1, min(limit, MAX_LIMIT))
    found = list(rows.order_by("-pk")[: limit + 1])
    return Page(found[:limit], str(found[limit - 1].pk) if len(found) > limit else None)
