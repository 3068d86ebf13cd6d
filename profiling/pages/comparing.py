"""Profiles side by side: their curves in one drawing, their key numbers, and what makes them hard to compare."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from profiling.figures import memory, ms, rate, short
from profiling.models import Profile
from profiling.pages.chart import Chart
from profiling.pages.charts_of_sizes import throughput
from profiling.pages.drawing import drawn
from profiling.pages.sheets import PERCENTILES, Sheet, compared, fullest, sheets_of

MOST = 4
_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Side:
    """`sheet` is the size that is compared; None when this profile has none."""

    profile: Profile
    sheets: list[Sheet]
    sheet: Sheet | None
    without: str

    @property
    def name(self) -> str:
        return self.profile.name


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: a cell for each side, "" where nobody knows; bytes where it is `on_disk`."""

    title: str
    cells: list[str | int]
    on_disk: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """A size at which sides can be compared; `cpu` is None for the best of each."""

    title: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class ComparePage:
    sides: list[Side]
    missing: list[str]
    left_out: int
    offered: list[str]
    sizes: list[Size]
    percentile: str
    log: bool
    cpu: str
    warnings: list[str]
    differences: list[str]
    lines: list[Line]
    chart: Chart
    numbers: dict[str, object]

    @property
    def most(self) -> int:
        return MOST

    @property
    def kept(self) -> dict[str, str]:
        """What the address says besides names."""
        said = {
            "p": self.percentile if self.percentile != "95" else "",
            "scale": "" if self.log else "linear",
            "cpu": self.cpu,
        }
        return {name: value for name, value in said.items() if value}

    @property
    def ready(self) -> bool:
        return len(self.sides) > 1


def compare_page(there: QuerySet[Profile], asked: QueryDict) -> ComparePage:
    """Of the profiles in `there`, those the address names: `?name=a&name=b`, and `&cpu=0.5` for that size of each."""
    names = [name for name in dict.fromkeys(asked.getlist("name")) if name]
    rows = {row.name: row for row in there.filter(name__in=names[:MOST]).prefetch_related("sizes__points")}
    found = [rows[name] for name in names if name in rows]
    sheets = [sheets_of(profile) for profile in found]
    common = _common(sheets)
    cpu = asked.get("cpu", "") if asked.get("cpu") in common else ""
    percentile = asked.get("p") if asked.get("p") in PERCENTILES else "95"
    view = {"p": percentile} if percentile != "95" else {}
    view |= {"scale": "linear"} if asked.get("scale") == "linear" else {}
    sides = [
        Side(profile, own, _chosen(profile, own, cpu), _address(_other(names, profile.name), view, cpu))
        for profile, own in zip(found, sheets, strict=True)
    ]
    named = [_named(side) for side in sides if side.sheet]
    return ComparePage(
        sides=sides,
        missing=[name for name in names[:MOST] if name not in rows],
        left_out=max(0, len(names) - MOST),
        offered=list(there.exclude(name__in=names).values_list("name", flat=True)[:_OFFERED]),
        sizes=[
            Size(_("Best of each"), _address(names, view, ""), not cpu),
            *(Size(f"{each} CPU", _address(names, view, each), each == cpu) for each in common),
        ],
        percentile=percentile,
        log="scale" not in view,
        cpu=cpu,
        warnings=_warnings([side.profile for side in sides]),
        differences=_differences(sides),
        lines=_lines(sides),
        chart=throughput(named, percentile),
        numbers={
            "percentile": percentile,
            "log": "scale" not in view,
            "goal_ms": None,
            "compared": [sheet.size.pk for sheet in named],
            "sizes": [drawn(sheet, name=sheet.title) for sheet in named],
        },
    )


def _named(side: Side) -> Sheet:
    """The profile's name goes with the size's, where several are in one drawing."""
    sheet = side.sheet
    return Sheet(sheet.size, f"{side.name}: {sheet.title}", sheet.rows, sheet.knee)


def _other(names: list[str], name: str) -> list[str]:
    return [each for each in names if each != name]


def _address(names: list[str], view: dict[str, str], cpu: str) -> str:
    asked = [*(("name", name) for name in names), *view.items(), *([("cpu", cpu)] if cpu else [])]
    return f"?{urlencode(asked)}"


def _common(sheets: list[list[Sheet]]) -> list[str]:
    """CPU sizes that all of them have measured."""
    each = [{f"{sheet.size.cpu:g}" for sheet in compared(own) if not sheet.size.onnx} for own in sheets]
    return sorted(set.intersection(*each), key=float) if each else []


def _chosen(profile: Profile, sheets: list[Sheet], cpu: str) -> Sheet | None:
    if not cpu:
        return fullest(profile, sheets)
    return next((each for each in compared(sheets) if f"{each.size.cpu:g}" == cpu and not each.size.onnx), None)


def _warnings(profiles: list[Profile]) -> list[str]:
    """Why numbers of these profiles say little about each other."""
    told = []
    if len({profile.target_name for profile in profiles}) > 1:
        names = ", ".join(f"{profile.name}: {profile.target_name}" for profile in profiles)
        told.append(_("They ran on different targets (%(names)s).") % {"names": names})
    if len({str(sorted(profile.method.items())) for profile in profiles}) > 1:
        told.append(_("They were measured by different methods: windows, warm-up, or whether CPU is limited."))
    if len({(each.samples_source, each.samples_count, each.samples_bytes) for each in profiles}) > 1:
        told.append(_("They were sent different requests."))
    if unfinished := [profile.name for profile in profiles if not profile.finished]:
        told.append(_("Not all is measured yet: %(names)s.") % {"names": ", ".join(unfinished)})
    return told


def _differences(sides: list[Side]) -> list[str]:
    """Each of the others beside the first."""
    known = [side for side in sides if side.sheet]
    return [_beside(other, known[0]) for other in known[1:]]


def _beside(other: Side, first: Side) -> str:
    here, there = other.sheet, first.sheet
    much = here.best.facts["throughput"] / there.best.facts["throughput"]
    late = here.at_rest.facts["p95_ms"] / there.at_rest.facts["p95_ms"]
    said = _("%(other)s answers %(much)s times the requests of %(first)s") % {
        "other": other.name,
        "much": short(much, 3),
        "first": first.name,
    }
    said += _(", and its p95 at rest is %(late)s times as long") % {"late": short(late, 3)}
    peaks = here.size.peak_memory_bytes, there.size.peak_memory_bytes
    if all(peaks):
        said += _("; it holds %(memory)s times the memory") % {"memory": short(peaks[0] / peaks[1], 3)}
    return f"{said}."


def _lines(sides: list[Side]) -> list[Line]:
    rows: list[tuple[str, Callable[[Side], str]]] = [
        (_("Models"), lambda side: ", ".join(side.profile.model_references)),
        (_("Target"), lambda side: side.profile.target_name),
        (_("Size compared"), lambda side: side.sheet.title if side.sheet else ""),
        (_("p95 at rest"), lambda side: ms(side.sheet.at_rest.facts["p95_ms"]) if side.sheet else ""),
        (_("Best throughput"), lambda side: rate(side.sheet.best.facts["throughput"]) if side.sheet else ""),
        (_("At the knee"), _at_knee),
        (_("Memory held at most"), lambda side: _memory(side.sheet)),
        (_("Cold start"), lambda side: f"{short(side.sheet.ready_s, 3)} s" if _started(side) else ""),
        (_("Recommended size"), _recommended),
        (_("Replicas"), lambda side: short(_told(side).get("replicas"))),
        (_("Expected p95"), lambda side: ms(_told(side)["p95_ms"]) if _told(side) else ""),
        (_("Expected throughput"), lambda side: rate(_told(side)["requests_per_second"]) if _told(side) else ""),
    ]
    packages = [side.profile.package.get("image_bytes") or "" for side in sides]
    told = [Line(title, [tell(side) for side in sides]) for title, tell in rows]
    return [*told, Line(_("Package on disk"), packages, on_disk=True)]


def _told(side: Side) -> dict:
    return side.profile.recommendation or {}


def _started(side: Side) -> bool:
    return bool(side.sheet and side.sheet.ready_s)


def _at_knee(side: Side) -> str:
    knee = side.sheet and side.sheet.knee
    return f"{knee.titled}: {rate(knee.facts['throughput'])}, {ms(knee.facts['p95_ms'])}" if knee else ""


def _memory(sheet: Sheet | None) -> str:
    return memory(sheet.size.peak_memory_bytes) if sheet and sheet.size.peak_memory_bytes else ""


def _recommended(side: Side) -> str:
    told = _told(side)
    if not told:
        return ""
    onnx = _(" as ONNX") if told["onnx"] else ""
    return f"{told['cpu']:g} CPU, {told['memory_gb']:.4g} GB{onnx}"
