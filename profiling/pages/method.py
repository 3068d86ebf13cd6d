"""How it was measured, in words made from the profile's own numbers."""

from django.utils.translation import gettext as _

from profiling.figures import ms, rate, share, short
from profiling.memory import HEADROOM, STEP_BYTES
from profiling.models import Profile
from profiling.pages.sheets import Sheet
from profiling.plan import Plan
from profiling.recommending.candidates import CPU_HEADROOM
from profiling.search import FLAT_GAIN, MOST_ERRORS, OPEN_SHARES


def method_of(profile: Profile, sheets: list[Sheet]) -> list[tuple[str, str]]:
    """(What it is about, sentences); empty before the method is known."""
    if not profile.method:
        return []
    plan = Plan.from_dict(profile.plan)
    return [
        (_("Requests"), _requests(profile)),
        (_("A load"), _windows(profile.method)),
        (_("Closed loop"), _closed(plan)),
        (_("Open loop"), _open(plan)),
        (_("Load generator"), _generator(sheets)),
        (_("CPU"), _cpu(profile, plan)),
        (_("Recommendation"), _recommendation()),
    ]


def _requests(profile: Profile) -> str:
    sources = {
        "upload": _("given with the profile"),
        "version": _("the model version's own sample"),
        "signature": _("made from the model's signature"),
    }
    source = {"source": sources.get(profile.samples_source, profile.samples_source)}
    said = _("1 request, %(source)s.") if profile.samples_count == 1 else _("%(n)s requests, %(source)s, in turn.")
    straight = _("Requests go straight to the workload, not through the gateway.")
    return f"{said % (source | {'n': profile.samples_count})} {straight if profile.method['way'] == 'direct' else ''}"


def _windows(rule: dict[str, float]) -> str:
    return _(
        "The first %(warm_up)s s, until each connection had an answer, are warm-up and discarded. Then come windows of "
        "%(window)s s and %(requests)s requests, or of %(longest)s s. It is measured when the last %(agree)s windows "
        "lie within %(within)s of each other, in throughput and in p95; after %(most)s windows it is called unstable."
    ) % {
        "warm_up": short(rule["warm_up_s"]),
        "window": short(rule["window_s"]),
        "requests": rule["window_requests"],
        "longest": short(rule["max_window_s"]),
        "agree": rule["agree"],
        "within": share(rule["within"]),
        "most": rule["max_windows"],
    }


def _closed(plan: Plan) -> str:
    ends = _(
        "So many clients send at a time, each its next request when it has its answer: %(levels)s. A size is done when "
        "two more steps bring less than %(gain)s more throughput, or more than %(errors)s of the requests fail"
    ) % {
        "levels": ", ".join(map(str, plan.concurrency)),
        "gain": share(FLAT_GAIN - 1),
        "errors": share(MOST_ERRORS),
    }
    if plan.goal and plan.goal.p95_ms:
        ends += _(", or p95 is above the goal of %(ms)s") % {"ms": ms(plan.goal.p95_ms)}
    return f"{ends}."


def _open(plan: Plan) -> str:
    shares = _(" and ").join(map(share, OPEN_SHARES))
    said = _(
        "Requests come at a steady rate, answered or not, and latency counts from when each was due, so waiting is "
        "not left out. It is measured at %(shares)s of the highest throughput"
    ) % {"shares": shares}
    if plan.goal and plan.goal.requests_per_second:
        said += _(", and at the goal of %(rate)s") % {"rate": rate(plan.goal.requests_per_second)}
    return f"{said}."


def _generator(sheets: list[Sheet]) -> str:
    facts = [row.facts for sheet in sheets for row in sheet.rows]
    used = max((each["generator_cpu"] or 0 for each in facts), default=0)
    bound = sum(bool(each["generator_bound"]) for each in facts)
    said = _("It runs on the studio's machine and used up to %(cores)s cores itself.") % {"cores": short(used, 2)}
    if bound:
        limit = _("At %(n)s of %(all)s points it was the limit itself: the model may be faster there.")
        return f"{said} {limit % {'n': bound, 'all': len(facts)}}"
    return f"{said} {_('At no point was it the limit.')}" if facts else said


def _cpu(profile: Profile, plan: Plan) -> str:
    if profile.method["cpu_limited"]:
        said = _("%(target)s limits CPU: a size is held back when it wants more.")
    else:
        said = _("%(target)s does not limit CPU: a size only tells the model's threads how many to be.")
    may_use = _("The profile may use %(share)s of the target, for %(minutes)s minutes.")
    return f"{said % {'target': profile.target_name}} " + may_use % {
        "share": share(plan.share),
        "minutes": short(plan.budget_minutes),
    }


def _recommendation() -> str:
    return _(
        "Memory is the most that was held, times %(headroom)s, rounded up to whole %(step)s MB. CPU is to be used to "
        "%(cpu)s; the rest is for peaks."
    ) % {"headroom": short(HEADROOM), "step": STEP_BYTES >> 20, "cpu": share(CPU_HEADROOM)}
