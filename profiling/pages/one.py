"""The page of one profile."""

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from profiling.log import last_lines
from profiling.models import Profile, ProfileLine
from profiling.pages.chart import Chart
from profiling.pages.charts_of_one import charts_of_one
from profiling.pages.charts_of_sizes import charts_of_sizes
from profiling.pages.drawing import drawn
from profiling.pages.method import method_of
from profiling.pages.sheets import PERCENTILES, Row, Sheet, compared, fullest, sheets_of
from profiling.plan import Goal, Plan
from profiling.progress import Progress, progress_of
from profiling.serializers import deploy_url
from profiling.states import SizeState, Status
from profiling.transitions import NOT_MEASURED
from registry.models import ModelVersion

_LINES = 40
_LAST = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """What of it is shown, as the address says: `?size=ID&p=99&scale=linear`."""

    size: Sheet | None
    percentile: str
    log: bool


@dataclass(frozen=True, slots=True)
class Model:
    """`version` is None once it was deleted."""

    reference: str
    version: ModelVersion | None


@dataclass(frozen=True, slots=True)
class ProfilePage:
    profile: Profile
    models: list[Model]
    goal: Goal | None
    progress: Progress
    elapsed_s: float | None
    can_resume: bool
    deploy_url: str | None
    why_none: str
    sheets: list[Sheet]
    choice: Choice
    choices: list[Sheet]
    first: Chart
    of_one: list[Chart]
    of_sizes: list[Chart]
    method: list[tuple[str, str]]
    lines: list[ProfileLine]
    numbers: dict[str, object]

    @property
    def key(self) -> str:
        """Differs when there is something new to draw."""
        measured = "".join(f"{sheet.size.state}{len(sheet.rows)}" for sheet in self.sheets)
        choice = self.choice
        shown = f"{choice.size and choice.size.size.pk} {choice.percentile} {choice.log}"
        return f"{self.profile.status} {measured} {shown}"

    @property
    def drawable(self) -> bool:
        """There is something to draw, or there may be soon."""
        charts = [self.first, *self.of_one, *self.of_sizes]
        return not self.profile.finished or any(chart.rows for chart in charts)

    @property
    def last_words(self) -> str:
        """The end of the log of one that failed."""
        return "\n".join(line.text for line in self.lines[-_LAST:]) if self.profile.failure else ""

    @property
    def points(self) -> list[tuple[Sheet, Row]]:
        return [(sheet, row) for sheet in self.sheets for row in sheet.rows]


def profile_page(profile: Profile, asked: QueryDict) -> ProfilePage:
    """`profile` as `profiling.queries.find_profile` finds it."""
    sheets = sheets_of(profile)
    plan = Plan.from_dict(profile.plan)
    choices = [sheet for sheet in sheets if sheet.rows]
    choice = _choice(asked, profile, sheets, choices)
    limited = profile.method.get("cpu_limited", True)
    first, *of_sizes = charts_of_sizes(sheets, choice.percentile)
    return ProfilePage(
        profile=profile,
        models=_models(profile),
        goal=plan.goal,
        progress=progress_of(profile),
        elapsed_s=_elapsed_s(profile, timezone.now()),
        can_resume=profile.finished and (profile.status != Status.SUCCEEDED or _left(sheets)),
        deploy_url=deploy_url(profile),
        why_none=_why_none(profile, sheets),
        sheets=sheets,
        choice=choice,
        choices=choices,
        first=first,
        of_one=charts_of_one(choice.size, plan.goal, limited=limited),
        of_sizes=of_sizes,
        method=method_of(profile, sheets),
        lines=last_lines(profile, _LINES),
        numbers=_numbers(sheets, choice, plan.goal, limited=limited),
    )


def _choice(asked: QueryDict, profile: Profile, sheets: list[Sheet], choices: list[Sheet]) -> Choice:
    """What cannot be shown is as if nobody had asked for it."""
    named = next((sheet for sheet in choices if str(sheet.size.pk) == asked.get("size")), None)
    percentile = asked.get("p", "")
    return Choice(
        named or fullest(profile, sheets) or next(iter(choices), None),
        percentile if percentile in PERCENTILES else "95",
        asked.get("scale") != "linear",
    )


def _models(profile: Profile) -> list[Model]:
    links = profile.model_links.select_related("version__model")
    there = {link.version.reference: link.version for link in links}
    return [Model(reference, there.get(reference)) for reference in profile.model_references]


def _elapsed_s(profile: Profile, now: datetime) -> float | None:
    """Since it was begun; until it ended."""
    if profile.started_time is None:
        return None
    return ((profile.finished_time or now) - profile.started_time).total_seconds()


def _left(sheets: list[Sheet]) -> bool:
    return any(
        sheet.size.state == SizeState.SKIPPED and (sheet.size.failure or {}).get("code") == NOT_MEASURED
        for sheet in sheets
    )


def _why_none(profile: Profile, sheets: list[Sheet]) -> str:
    """Why there is no recommendation; empty when there is one, or there may be one yet."""
    if profile.recommendation or not profile.finished:
        return ""
    if profile.status == Status.FAILED:
        return _("The profile failed before it could.")
    if profile.target is None:
        return _("The target %(target)s is gone.") % {"target": profile.target_name}
    if any(sheet.size.state == SizeState.FAILED for sheet in sheets):
        return _("No size lived through its measuring.")
    if profile.status == Status.CANCELLED:
        return _("It was stopped before one size was measured.")
    return _("No size was measured to its end in the time there was.")


def _numbers(sheets: list[Sheet], choice: Choice, goal: Goal | None, *, limited: bool) -> dict[str, object]:
    return {
        "percentile": choice.percentile,
        "log": choice.log,
        "goal_ms": goal.p95_ms if goal else None,
        "limited": limited,
        "compared": [sheet.size.pk for sheet in compared(sheets)],
        "size": choice.size.size.pk if choice.size else None,
        "sizes": [drawn(sheet) for sheet in sheets],
        "timeline": choice.size.size.timeline if choice.size else [],
    }
