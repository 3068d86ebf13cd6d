"""What the form that starts a profile explains: the requests it would send, and what would be measured, in words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deployments.models import Target
from deployments.pages import pretty
from profiling.figures import short
from profiling.form import FILE, PASTE, ProfileForm
from profiling.plan import Goal, Plan, limits_cpu, read_plan
from profiling.samples import Samples
from registry.models import ModelVersion

_SHOWN_CHARACTERS = 900


@dataclass(frozen=True, slots=True)
class SampleShown:
    """The version's own requests: `text` is the first of them, or its beginning."""

    source: str
    count: int
    text: str
    whole: bool


def sample_shown(own: Samples | None) -> SampleShown | None:
    if own is None:
        return None
    text = pretty(json.loads(own.bodies[0]))
    return SampleShown(own.source, len(own.bodies), text[:_SHOWN_CHARACTERS], len(text) <= _SHOWN_CHARACTERS)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is measured where no sizes are named, in words; whether CPU is a limit there."""

    cpu: str
    memory_gb: str
    limits_cpu: bool


def usual_for(form: ProfileForm) -> Usual | None:
    target = form.chosen_target
    if target is None:
        return None
    plan = read_plan({"share": form.cleaned_data.get("share")}, target, form.model_bytes, convertible=False)
    return Usual(listed(plan.cpu), listed(plan.memory_gb), limits_cpu(target))


def what_is_measured(form: ProfileForm, version: ModelVersion) -> list[tuple[str, str]]:
    """Terms and what they mean for the form as it stands; of a form that cannot be followed, what can be said."""
    plan, target = form.plan, form.chosen_target
    told = [(_("Model"), version.reference), (_("Where"), target.name if target else "–")]
    if form.errors or plan is None or target is None:
        return told + _to_correct(form)
    told += [
        (_("Sizes"), _sizes(plan)),
        (_("Requests"), _requests(form)),
        (_("At a time"), listed(plan.concurrency)),
        (_("Goal"), _goal(plan.goal) if plan.goal else _("none: the smallest that is nearly as quick as any")),
        (_("May use"), _share(plan, target)),
    ]
    if form.convertible:
        told.append((_("ONNX"), _("tried on the best size") if plan.try_onnx else _("not tried")))
    return [*told, (_("Takes"), _("%(n)s minutes at most") % {"n": f"{plan.budget_minutes:g}"})]


def listed(numbers: Sequence[float]) -> str:
    """`0.5, 1 and 2`, the least first."""
    words = [f"{number:g}" for number in sorted(numbers)]
    if len(words) == 1:
        return words[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def _to_correct(form: ProfileForm) -> list[tuple[str, str]]:
    wrong = [(form.fields[name].label if name in form.fields else "", texts[0]) for name, texts in form.errors.items()]
    return [(_("To correct"), f"{label}: {text}".removeprefix(": ")) for label, text in wrong]


def _sizes(plan: Plan) -> str:
    said = _("%(cpu)s CPU with %(memory)s GB") % {"cpu": listed(plan.cpu), "memory": listed(plan.memory_gb)}
    return _("%(sizes)s, then as little memory as is enough") % {"sizes": said} if plan.search_memory else said


def _requests(form: ProfileForm) -> str:
    how = form.cleaned_data.get("samples")
    if how == FILE:
        return _("from your file")
    if how == PASTE:
        return _("those you pasted")
    if form.own is None:
        return _("none yet")
    if form.own.source == "version":
        return _("the version's sample")
    n = len(form.own.bodies)
    return ngettext("%(n)d, made from the signature", "%(n)d, made from the signature", n) % {"n": n}


def _goal(goal: Goal) -> str:
    parts = []
    if goal.p95_ms:
        parts.append(_("95 of 100 answers within %(ms)s ms") % {"ms": short(goal.p95_ms)})
    if goal.requests_per_second:
        parts.append(_("%(n)s requests a second") % {"n": short(goal.requests_per_second)})
    return ", ".join(parts)


def _share(plan: Plan, target: Target) -> str:
    if not target.cpu or not target.memory_bytes:
        return f"{plan.share:.0%}"
    cpu, memory_gb = target.cpu, target.memory_bytes / 1024**3
    room = {"cpu": cpu * plan.share, "all_cpu": cpu, "memory": memory_gb * plan.share, "all_memory": memory_gb}
    return _("%(cpu).3g of %(all_cpu).3g CPU, %(memory).3g of %(all_memory).3g GB") % room
