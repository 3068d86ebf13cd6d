"""Profiles as rows of a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from profiling.figures import ms, rate
from profiling.models import Point, Profile
from profiling.progress import Progress, progress_of


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """`progress` while it runs, `cause` of a failure, `told` of its recommendation."""

    profile: Profile
    progress: Progress | None
    cause: str
    told: "Told | None"


@dataclass(frozen=True, slots=True)
class Told:
    """A recommendation as a table shows it."""

    cpu: float
    memory_gb: float
    p95: str
    rate: str
    onnx: bool

    @classmethod
    def of(cls, recommendation: dict[str, Any]) -> "Told":
        told = recommendation
        return cls(told["cpu"], told["memory_gb"], ms(told["p95_ms"]), rate(told["requests_per_second"]), told["onnx"])


def with_progress(profiles: QuerySet[Profile]) -> QuerySet[Profile]:
    """With sizes and how many points each has, and none of their numbers."""
    return profiles.prefetch_related(Prefetch("sizes__points", Point.objects.only("pk", "size")))


def profile_rows(profiles: Iterable[Profile]) -> list[ProfileRow]:
    return [_row(profile) for profile in profiles]


def _row(profile: Profile) -> ProfileRow:
    told = profile.recommendation
    return ProfileRow(
        profile,
        None if profile.finished else progress_of(profile),
        (profile.failure or {}).get("detail", ""),
        Told.of(told) if told else None,
    )
