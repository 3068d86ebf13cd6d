"""Charts of one size."""

from collections.abc import Iterator
from itertools import groupby

from django.utils.translation import gettext as _

from profiling.figures import memory, ms, share, short
from profiling.pages.chart import Chart
from profiling.pages.sheets import PERCENTILES, Row, Sheet
from profiling.plan import Goal

_STAGES = ("client", "queue", "model", "other")


def charts_of_one(sheet: Sheet | None, goal: Goal | None, *, limited: bool) -> list[Chart]:
    return [percentiles(sheet, goal), stages(sheet), used(sheet, limited=limited)]


def _of(sheet: Sheet | None, said: str) -> str:
    """Which size it is about goes first."""
    return f"{sheet.title}: {said[:1].lower()}{said[1:]}" if sheet else said


def percentiles(sheet: Sheet | None, goal: Goal | None) -> Chart:
    rows = sheet.closed if sheet else []
    columns = [_("At a time"), _("Requests/s"), *(f"p{p} ms" for p in PERCENTILES), _("Stable")]
    table = [
        [
            short(row.load),
            short(row.facts["throughput"]),
            *(short(row.facts[key]) for key in PERCENTILES.values()),
            _("yes") if row.facts["stable"] else _("no"),
        ]
        for row in rows
    ]
    return Chart(
        "percentiles", _("Latency by requests at a time"), _of(sheet, _percentiles_said(rows, goal)), columns, table
    )


def _percentiles_said(rows: list[Row], goal: Goal | None) -> str:
    if not rows:
        return _("Nothing was answered on this size.")
    first, last = rows[0], rows[-1]
    said = _("p95 is %(ms)s, %(load)s") % {"ms": ms(first.facts["p95_ms"]), "load": first.titled}
    if last is not first:
        more = {"said": said, "ms": ms(last.facts["p95_ms"]), "load": last.titled}
        said = _("%(said)s, and %(ms)s, %(load)s") % more
    if goal and goal.p95_ms:
        within = [row for row in rows if row.facts["p95_ms"] <= goal.p95_ms]
        kept = _("the goal of %(ms)s is kept up to %(load)s") if within else _("the goal of %(ms)s is never kept")
        words = kept % {"ms": ms(goal.p95_ms), "load": within[-1].titled if within else ""}
        return f"{said}; {words}."
    return f"{said}."


def stages(sheet: Sheet | None) -> Chart:
    rows = [row for row in sheet.closed if row.facts.get("stages")] if sheet else []
    titles = [_("Client ms"), _("Queue ms"), _("Model ms"), _("Other ms")]
    table = [
        [
            short(row.load),
            *(short(row.facts["stages"][name]) for name in _STAGES),
            short(sum(row.facts["stages"].values())),
        ]
        for row in rows
    ]
    return Chart(
        "stages",
        _("Where a mean request's time goes"),
        _of(sheet, _stages_said(rows)),
        [_("At a time"), *titles, _("In all ms")],
        table,
        _(
            "Client: outside of the runtime, mostly the network and the load generator. Queue: waiting for the model. "
            "Model: the call that has the request in it. Other: reading and writing JSON."
        ),
    )


def _stages_said(rows: list[Row]) -> str:
    if not rows:
        return _("The runtime did not count where time went.")
    names = {"client": _("client"), "queue": _("queue"), "model": _("model"), "other": _("other")}
    told = []
    for row in [rows[0], *rows[-1:]] if len(rows) > 1 else rows:
        name, most = max(row.facts["stages"].items(), key=lambda each: each[1])
        of = {"load": row.titled, "part": names[name], "ms": ms(most), "all": ms(sum(row.facts["stages"].values()))}
        told.append(_("%(load)s, the largest part of %(all)s is “%(part)s” with %(ms)s") % of)
    return f"{'; '.join(told)}."


def used(sheet: Sheet | None, *, limited: bool) -> Chart:
    """`limited`: whether CPU is a limit there."""
    lines = sheet.size.timeline if sheet else []
    columns = [_("Seconds"), _("At a time"), _("Cores"), _("Time held back"), _("Memory")]
    title = _("CPU and memory while it was measured")
    return Chart("used", title, _of(sheet, _used_said(sheet, lines, limited=limited)), columns, list(_stretches(lines)))


def _stretches(lines: list[list[float | None]]) -> Iterator[list[str]]:
    """A row for each load: what it used meanwhile."""
    for load, group in groupby(lines, key=lambda line: line[4]):
        rows = list(group)
        cores, throttled = _known(rows, 1), _known(rows, 3)
        yield [
            f"{rows[0][0]:.0f} – {rows[-1][0]:.0f}",
            short(load),
            short(sum(cores) / len(cores), 3) if cores else "",
            share(sum(throttled) / len(throttled)) if throttled else "",
            memory(max(_known(rows, 2), default=0)),
        ]


def _known(lines: list[list[float | None]], column: int) -> list[float]:
    return [line[column] for line in lines if line[column] is not None]


def _used_said(sheet: Sheet | None, lines: list[list[float | None]], *, limited: bool) -> str:
    if not lines:
        return _("Nobody has read what this size uses.")
    cores, throttled = max(_known(lines, 1), default=None), max(_known(lines, 3), default=0)
    said = []
    if cores is not None:
        of = {"cores": short(cores, 2), "limit": short(sheet.size.cpu)}
        within = _("It used up to %(cores)s of %(limit)s cores.")
        said.append((within if limited else _("It used up to %(cores)s cores; nothing limits them here.")) % of)
    if throttled >= 0.01:
        said.append(_("The limit held it back up to %(share)s of the time.") % {"share": share(throttled)})
    peak = {"peak": memory(max(_known(lines, 2))), "limit": memory(sheet.size.memory_bytes)}
    return " ".join([*said, _("It held up to %(peak)s of %(limit)s.") % peak])
