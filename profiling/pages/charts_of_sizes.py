"""Charts of all sizes together."""

from django.utils.translation import gettext as _

from profiling.figures import memory, ms, rate, share, short
from profiling.pages.chart import Chart, died
from profiling.pages.sheets import PERCENTILES, Row, Sheet, compared
from profiling.states import Purpose, SizeState


def charts_of_sizes(sheets: list[Sheet], percentile: str) -> list[Chart]:
    return [throughput(compared(sheets), percentile), held(sheets), cost(compared(sheets)), cold(sheets)]


def throughput(sheets: list[Sheet], percentile: str) -> Chart:
    """Of sizes that were measured at several loads."""
    columns = [_("Size"), _("Load"), _("Requests/s"), *(f"p{p} ms" for p in PERCENTILES), _("Marked")]
    rows = [_of_load(sheet, row) for sheet in sheets for row in [*sheet.closed, *sheet.open]]
    return Chart(
        "throughput",
        _("Latency against throughput"),
        _throughput_said(sheets, PERCENTILES[percentile], percentile),
        columns,
        rows,
        _(
            "Hollow marks did not become stable. A large ring is the knee: the least load with nearly all the "
            "throughput; more at a time only waits longer. Diamonds are open loops: requests come at a rate, answered "
            "or not. The dotted line is the frontier: nothing measured is both faster and busier."
        ),
    )


def _of_load(sheet: Sheet, row: Row) -> list[str]:
    marks = [_("knee")] * (row is sheet.knee) + [_("unstable")] * (not row.facts["stable"])
    latencies = [short(row.facts[key]) for key in PERCENTILES.values()]
    return [sheet.title, row.titled, short(row.facts["throughput"]), *latencies, ", ".join(marks)]


def _throughput_said(sheets: list[Sheet], key: str, percentile: str) -> str:
    if not sheets:
        return _("No load was measured yet.")
    best = max(sheets, key=lambda sheet: sheet.best.facts["throughput"])
    said = _("%(size)s reaches %(rate)s, %(load)s, with a p%(p)s of %(ms)s") % {
        "size": best.title,
        "rate": rate(best.best.facts["throughput"]),
        "load": best.best.titled,
        "p": percentile,
        "ms": ms(best.best.facts[key]),
    }
    least = min(sheets, key=lambda sheet: sheet.best.facts["throughput"])
    if least is best:
        return f"{said}."
    return _("%(said)s; %(size)s reaches %(rate)s.") % {
        "said": said,
        "size": least.title,
        "rate": rate(least.best.facts["throughput"]),
    }


def held(sheets: list[Sheet]) -> Chart:
    known = [sheet for sheet in sheets if sheet.size.peak_memory_bytes or sheet in died(sheets)]
    columns = [_("Size"), _("Held at most"), _("Held before any load"), _("Limit"), _("Of the limit"), _("Ended by")]
    title = _("Memory: held at most, and the limit")
    return Chart("memory", title, _held_said(known), columns, [_of_memory(sheet) for sheet in known])


def _of_memory(sheet: Sheet) -> list[str]:
    size = sheet.size
    peak, idle = size.peak_memory_bytes, size.idle_memory_bytes
    return [
        sheet.title,
        memory(peak) if peak else "",
        memory(idle) if idle else "",
        memory(size.memory_bytes),
        share(peak / size.memory_bytes) if peak else "",
        size.failure["detail"] if sheet in died([sheet]) else "",
    ]


def _held_said(known: list[Sheet]) -> str:
    most = max(known, key=lambda sheet: sheet.size.peak_memory_bytes or 0, default=None)
    if most is None:
        return _("Nobody has read what a size holds yet.")
    said = []
    if peak := most.size.peak_memory_bytes:
        said.append(_("At most %(peak)s was held, on %(size)s.") % {"peak": memory(peak), "size": most.title})
    tried = [sheet.size for sheet in known if sheet.size.purpose == Purpose.MEMORY]
    enough = min((size.memory_bytes for size in tried if size.state == SizeState.DONE), default=None)
    too_little = max((size.memory_bytes for size in tried if size.state == SizeState.FAILED), default=None)
    if enough:
        said.append(_("%(limit)s was enough.") % {"limit": memory(enough)})
    if too_little:
        said.append(_("%(limit)s was not.") % {"limit": memory(too_little)})
    return " ".join(said) or _("No size lived long enough to be read.")


def cost(sheets: list[Sheet]) -> Chart:
    sheets = sorted((sheet for sheet in sheets if sheet.knee), key=lambda sheet: sheet.size.cpu)
    columns = [_("Size"), _("At the knee"), _("Requests/s"), _("Requests/s for each core"), "p95 ms", _("Cores used")]
    rows = [
        [
            sheet.title,
            sheet.knee.titled,
            short(sheet.knee.facts["throughput"]),
            short(_each(sheet)),
            short(sheet.knee.facts["p95_ms"]),
            short(sheet.knee.facts["cpu"], 3),
        ]
        for sheet in sheets
    ]
    return Chart("cost", _("What a core brings"), _cost_said(sheets), columns, rows)


def _each(sheet: Sheet) -> float:
    return sheet.knee.facts["throughput"] / sheet.size.cpu


def _cost_said(sheets: list[Sheet]) -> str:
    if not sheets:
        return _("No size was measured far enough to say what a core brings.")
    best = max(sheets, key=_each)
    said = _("%(size)s gives the most for its CPU: %(rate)s for each core") % {
        "size": best.title,
        "rate": rate(_each(best)),
    }
    least = min(sheets, key=_each)
    if least is best:
        return f"{said}."
    return _("%(said)s; %(size)s gives the least, %(rate)s.") % {
        "said": said,
        "size": least.title,
        "rate": rate(_each(least)),
    }


def cold(sheets: list[Sheet]) -> Chart:
    known = [sheet for sheet in sheets if sheet.size.cold_start]
    columns = [_("Size"), _("Pull s"), _("Start s"), _("Load s"), _("First prediction s"), _("In all s")]
    rows = [[sheet.title, *map(short, _parts(sheet)), short(sheet.ready_s)] for sheet in known]
    return Chart("cold", _("Cold start"), _cold_said(known), columns, rows)


def _parts(sheet: Sheet) -> list[float]:
    cold = sheet.size.cold_start
    return [cold["pull_s"], cold["start_s"], cold["load_s"], cold["first_ms"] / 1000]


def _cold_said(known: list[Sheet]) -> str:
    if not known:
        return _("No size has started yet.")
    fastest, slowest = (choose(known, key=lambda sheet: sheet.ready_s) for choose in (min, max))
    names = [_("pulling the image"), _("starting"), _("loading the model"), _("the first prediction")]
    longest = max(range(len(names)), key=lambda i: sum(_parts(sheet)[i] for sheet in known))
    said = _("%(size)s had answered after %(s)s s") % {"size": fastest.title, "s": short(fastest.ready_s, 3)}
    if slowest is not fastest:
        more = {"said": said, "size": slowest.title, "s": short(slowest.ready_s, 3)}
        said = _("%(said)s, %(size)s after %(s)s s") % more
    return _("%(said)s; most of it goes to %(part)s.") % {"said": said, "part": names[longest]}
