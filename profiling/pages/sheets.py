"""A size with what was measured on it, as pages tell it."""

from dataclasses import dataclass
from functools import cached_property

from profiling import search
from profiling.keeping import measured_of
from profiling.models import Point, Profile, Size
from profiling.sizes import title
from profiling.states import Mode, Purpose

PERCENTILES = {"50": "p50_ms", "90": "p90_ms", "95": "p95_ms", "99": "p99_ms"}


@dataclass(frozen=True)
class Row:
    """One point. `facts` are those of `profiling.models.Point`."""

    mode: str
    load: float
    facts: dict[str, object]

    @property
    def closed(self) -> bool:
        return self.mode == Mode.CLOSED

    @property
    def answered(self) -> bool:
        """Something succeeded: there are latencies."""
        return self.facts["p95_ms"] is not None

    @property
    def titled(self) -> str:
        """ "8 at a time", "120 a second"."""
        return str(search.Load(Mode(self.mode), self.load))


@dataclass(frozen=True)
class Sheet:
    """`rows`: closed loads first, each kind from the least load on."""

    size: Size
    title: str
    rows: list[Row]
    knee: Row | None

    @property
    def closed(self) -> list[Row]:
        return [row for row in self.rows if row.closed and row.answered]

    @property
    def open(self) -> list[Row]:
        return [row for row in self.rows if not row.closed and row.answered]

    @cached_property
    def at_rest(self) -> Row | None:
        """The fewest requests at a time."""
        return next(iter(self.closed), None)

    @cached_property
    def best(self) -> Row | None:
        """The highest throughput."""
        return max(self.closed, key=lambda row: row.facts["throughput"], default=None)

    @property
    def ready_s(self) -> float | None:
        """Seconds until it had answered once."""
        cold = self.size.cold_start
        return cold and cold["pull_s"] + cold["start_s"] + cold["load_s"] + cold["first_ms"] / 1000


def sheets_of(profile: Profile) -> list[Sheet]:
    """Smallest CPU first; those that look for memory after them, then graphs."""
    order = [Purpose.CPU, Purpose.MEMORY, Purpose.ONNX]
    sizes = sorted(profile.sizes.all(), key=lambda size: (order.index(size.purpose), size.cpu, size.memory_bytes))
    return [_sheet(size) for size in sizes]


def _sheet(size: Size) -> Sheet:
    points = sorted(size.points.all(), key=lambda point: (point.mode != Mode.CLOSED, point.load))
    found = search.knee([measured_of(point) for point in points])
    rows = [_row(point) for point in points]
    knee = next((row for row in rows if found and row.closed and row.load == found.load.amount), None)
    return Sheet(size, title(size), rows, knee)


def _row(point: Point) -> Row:
    return Row(point.mode, point.load, point.facts)


def compared(sheets: list[Sheet]) -> list[Sheet]:
    """Those measured at several loads: what looks for memory is left out."""
    return [sheet for sheet in sheets if sheet.closed and sheet.size.purpose != Purpose.MEMORY]


def recommended(profile: Profile, sheets: list[Sheet]) -> Sheet | None:
    """The one on which the recommendation rests."""
    told = profile.recommendation or {}
    of_cpu = [sheet for sheet in sheets if sheet.size.purpose == Purpose.CPU and sheet.closed]
    alike = [sheet for sheet in of_cpu if sheet.size.cpu == told.get("measured_cpu")]
    return max(alike, key=lambda sheet: sheet.size.memory_bytes, default=None)


def fullest(profile: Profile, sheets: list[Sheet]) -> Sheet | None:
    """What stands for the profile: the recommended size, else the one with the highest throughput."""
    known = compared(sheets)
    return recommended(profile, sheets) or max(known, key=lambda sheet: sheet.best.facts["throughput"], default=None)
