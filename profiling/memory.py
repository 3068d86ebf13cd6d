"""Sizes that follow from what was measured: how little memory is enough, and whether an ONNX graph is faster."""

import math
from dataclasses import dataclass

from profiling.models import Profile, Size
from profiling.states import SIZE_ENDED, Mode, Purpose, SizeState

HEADROOM = 1.25
STEP_BYTES = 128 * 1024**2
_SMALL_STEP = 32 * 1024**2
_LEAST = 64 * 1024**2
# Of the most memory it held: what is tried once the recommended size has held.
_SMALLER = (0.9, 0.6)
_MOST_TRIES = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A size, and the one load that says enough about its memory."""

    size: Size
    level: int


def with_headroom(peak_bytes: int) -> int:
    """The most that was held and a quarter more, rounded up to whole steps of 128 MiB."""
    return math.ceil(peak_bytes * HEADROOM / STEP_BYTES) * STEP_BYTES


def memory_sizes(profile: Profile) -> Wanted | None:
    """The next size to try, as a row; None when it is known what is enough and what is not.

    First what would be recommended; when it holds, less than was ever held, until it dies of it."""
    like = _largest(profile)
    if like is None or not like.peak_memory_bytes:
        return None
    level = max(int(point.load) for point in like.points.all() if point.mode == Mode.CLOSED)
    tried = list(profile.sizes.filter(purpose=Purpose.MEMORY))
    under_way = next((size for size in tried if size.state not in SIZE_ENDED), None)
    if under_way is not None:
        return Wanted(under_way, level)
    memory = _next(like, tried)
    if memory is None or len(tried) >= _MOST_TRIES:
        return None
    return Wanted(profile.sizes.create(cpu=like.cpu, memory_bytes=memory, purpose=Purpose.MEMORY), level)


def _next(like: Size, tried: list[Size]) -> int | None:
    enough = with_headroom(like.peak_memory_bytes)
    held = {size.memory_bytes for size in tried if size.state == SizeState.DONE}
    died = {size.memory_bytes for size in tried if size.state == SizeState.FAILED}
    if not held:
        more = [enough + len(died) * STEP_BYTES] if max(died, default=0) < like.memory_bytes else []
        return next((memory for memory in more if memory < like.memory_bytes), None)
    if died:
        return None
    smaller = (math.floor(like.peak_memory_bytes * share / _SMALL_STEP) * _SMALL_STEP for share in _SMALLER)
    return next((memory for memory in smaller if _LEAST <= memory < min(held)), None)


def onnx_size(profile: Profile) -> Size | None:
    """A graph on the largest size that was measured, as a row; None when there is nothing to compare it with, or it
    was measured."""
    there = profile.sizes.filter(purpose=Purpose.ONNX).first()
    if there is not None:
        return None if there.state in SIZE_ENDED else there
    like = _largest(profile)
    if like is None:
        return None
    return profile.sizes.create(cpu=like.cpu, memory_bytes=like.memory_bytes, purpose=Purpose.ONNX, onnx=True)


def _largest(profile: Profile) -> Size | None:
    measured = profile.sizes.filter(purpose=Purpose.CPU, state=SizeState.DONE).prefetch_related("points")
    return max((size for size in measured if size.points.all()), key=lambda size: size.cpu, default=None)
