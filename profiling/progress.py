"""How far a profile is, in loads measured of loads expected."""

from dataclasses import dataclass

from profiling.models import Profile, Size
from profiling.plan import Plan
from profiling.search import OPEN_SHARES
from profiling.states import SIZE_ENDED, Purpose

# Sizes that a search for memory usually tries.
_MEMORY_SIZES = 3


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    now: str


def progress_of(profile: Profile) -> Progress:
    """`total` is a guess while it runs: a size whose throughput flattens early needs fewer loads."""
    plan, sizes = Plan.from_dict(profile.plan), list(profile.sizes.all())
    full = len(plan.concurrency) + len(OPEN_SHARES)
    done = sum(_done(size, full) for size in sizes)
    if profile.finished:
        return Progress(done, done, "")
    coming = 0
    if plan.search_memory:
        coming += max(0, _MEMORY_SIZES - sum(size.purpose == Purpose.MEMORY for size in sizes))
    if plan.try_onnx and not any(size.onnx for size in sizes):
        coming += len(plan.concurrency)
    return Progress(done, sum(_loads(size, full) for size in sizes) + coming, profile.now)


def _loads(size: Size, full: int) -> int:
    """Memory is measured at one load, graphs at no steady rate."""
    if size.purpose == Purpose.MEMORY:
        return 1
    return full - len(OPEN_SHARES) if size.onnx else full


def _done(size: Size, full: int) -> int:
    loads = _loads(size, full)
    return loads if size.state in SIZE_ENDED else min(loads, len(size.points.all()))
