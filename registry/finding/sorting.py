"""Orders of the list, each walked along an index from any place on."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core import signing
from django.db.models import QuerySet

from registry.finding.conditions import Asker
from registry.models import Metric, Model, ModelVersion
from registry.orders import METRIC, checked_order
from workspaces.errors import Invalid

_COLUMNS = {"registered": "id", "size": "size_bytes", "version": "version"}
_SIGNER = signing.Signer(salt="registry.finding")


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which row a page begins: the row's value in this order, and its id; and how many were shown up to it."""

    value: object
    id: int
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Sort:
    """`name`, `registered`, `size`, `version` or `metric.acc`; a minus sign in front turns it round."""

    by: str
    descending: bool

    def __str__(self) -> str:
        return f"-{self.by}" if self.descending else self.by

    @property
    def metric(self) -> str:
        return self.by.removeprefix(METRIC) if self.by.startswith(METRIC) else ""

    def rows(self, asker: Asker, *, newest: bool = True) -> "Rows":
        """What is walked when no index of the query's own is: versions, or models when by name each shows one."""
        if self.by == "name" and not newest:
            return Rows(ModelVersion.objects.filter(model__workspace=asker.workspace), "model__name", "id")
        if self.by == "name":
            return Rows(Model.objects.filter(workspace=asker.workspace), "name", "id")
        if self.metric:
            return Rows(Metric.objects.filter(workspace=asker.workspace, key=self.metric), "value", "version_id")
        return Rows(ModelVersion.objects.filter(workspace=asker.workspace), _COLUMNS[self.by], "id")

    def of_versions(self, versions: QuerySet[ModelVersion], *, newest: bool = True) -> "Rows":
        """The same order of some versions."""
        if self.by == "name":
            return Rows(versions, "model__name", "model_id" if newest else "id")
        if self.metric:
            return Rows(versions.filter(metrics__key=self.metric), "metrics__value", "id")
        return Rows(versions, _COLUMNS[self.by], "id")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows with the columns that hold their value in an order and their id."""

    rows: QuerySet
    value: str
    id: str

    def after(self, place: Place | None, *, descending: bool) -> Iterator[QuerySet]:
        """Querysets that together are the rows in order, behind `place`, as pairs of value and id. Rows of one
        value come by their ids. Where a page begins among such, the index is entered twice: databases differ
        in how they compare pairs."""
        sign, beyond = ("-", "lt") if descending else ("", "gt")
        rows = self.rows.values_list(self.value, self.id)
        ordered = rows.order_by(f"{sign}{self.value}", *([f"{sign}{self.id}"] if self.id != self.value else []))
        if place is None:
            yield ordered
        elif self.id == self.value:
            yield ordered.filter(**{f"{self.value}__{beyond}": place.id})
        else:
            same = rows.filter(**{self.value: place.value, f"{self.id}__{beyond}": place.id})
            yield same.order_by(f"{sign}{self.id}")
            yield ordered.filter(**{f"{self.value}__{beyond}": place.value})

    def first(self, count: int, place: Place | None, *, descending: bool) -> list[Place]:
        found: list[Place] = []
        for part in self.after(place, descending=descending):
            found += [Place(*pair) for pair in part[: count - len(found)]]
            if len(found) == count:
                break
        return found


def parse_sort(word: str) -> Sort:
    """Raises Invalid for an order that there is not."""
    order = checked_order(word)
    return Sort(order.removeprefix("-"), order.startswith("-"))


def cursor_of(sort: Sort, place: Place) -> str:
    return _SIGNER.sign_object([str(sort), place.value, place.id, place.shown])


def place_of(cursor: str, sort: Sort) -> Place:
    """Raises Invalid for a cursor that this list, in this order, never gave out."""
    try:
        order, value, row, shown = _SIGNER.unsign_object(cursor[:3000])
        if order != str(sort):
            raise ValueError(order)
    except (signing.BadSignature, ValueError):
        raise Invalid(f"{cursor[:40]!r} is not a cursor of this list.", advice="Start from the first page.") from None
    return Place(value, row, shown)
