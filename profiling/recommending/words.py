"""A recommendation in sentences: why this size, why no smaller one, what is left over, what may be wrong with it."""

import math
from collections.abc import Sequence

from profiling.figures import memory as in_mb
from profiling.figures import ms, rate
from profiling.memory import HEADROOM
from profiling.models import Profile, Size
from profiling.plan import Goal
from profiling.recommending.candidates import CPU_HEADROOM, Candidate, Fit
from profiling.states import Mode, Purpose, SizeState

_BATCHING_PAYS = 1.5
_FEW_SAMPLES = 3
# Cores: with less than that left and more than that used by others, they were in each other's way.
_LITTLE_IDLE, _MUCH_OF_OTHERS = 0.2, 0.3


def cpu_needed(chosen: Fit) -> float:
    """Where nothing limits the CPU: what it used, with head-room, in tenths of a core."""
    used = chosen.candidate.used_at(chosen.point)
    return max(0.1, math.ceil(used / CPU_HEADROOM * 10) / 10) if used else chosen.candidate.cpu


def why(chosen: Fit, goal: Goal | None, among: int) -> list[str]:
    """`among` so many sizes that could be recommended."""
    said = [
        f"On {chosen.candidate.cpu:g} CPU, 95 of 100 requests are answered within {ms(chosen.candidate.at_rest_ms)} "
        f"when they come one by one, and within {ms(chosen.point.p95_ms)} at {rate(chosen.point.throughput)}, "
        f"{chosen.point.load}."
    ]
    if goal is None and among == 1:
        return [*said, "It is the only size that could be measured."]
    if goal is None:
        return [*said, "It is the smallest size whose latency is within 10 % of the best that was measured."]
    if goal.p95_ms and not chosen.meets:
        return [*said, f"No size that was measured answers 95 of 100 requests within {ms(goal.p95_ms)}."]
    if goal.requests_per_second:
        said.append(
            f"{rate(goal.requests_per_second)} need {_count(chosen.replicas, 'replica')} at {rate(chosen.each)} each."
        )
    return said


def why_not_smaller(chosen: Fit, fits: Sequence[Fit], sizes: Sequence[Size], goal: Goal | None) -> str:
    smaller = [each for each in fits if each.candidate.cpu < chosen.candidate.cpu]
    died = [
        size for size in sizes
        if size.purpose == Purpose.CPU and size.state == SizeState.FAILED and size.cpu < chosen.candidate.cpu
    ]  # fmt: skip
    if not smaller and died:
        return f"On {died[-1].cpu:g} CPU it did not run: {died[-1].failure['detail']}"
    if not smaller:
        return "No smaller size was measured."
    next_one = smaller[-1]
    cpu, at_rest = next_one.candidate.cpu, next_one.candidate.at_rest_ms
    if goal is not None and goal.p95_ms and not next_one.meets:
        return f"On {cpu:g} CPU, no load was answered within {ms(goal.p95_ms)}: one by one it takes {ms(at_rest)}."
    if goal is not None and next_one.replicas > chosen.replicas:
        return (
            f"On {cpu:g} CPU it takes {_count(next_one.replicas, 'replica')} of {rate(next_one.each)}, "
            f"{next_one.in_all_cpu:g} CPU in all."
        )
    if goal is not None:
        return f"{chosen.in_all_cpu:g} CPU in all is the least; {cpu:g} CPU each would take {next_one.in_all_cpu:g}."
    times = at_rest / chosen.candidate.at_rest_ms
    return f"On {cpu:g} CPU the same requests take {ms(at_rest)}, {times:.1f} times as long."


def headroom(chosen: Fit, memory: int, *, limited: bool) -> list[str]:
    peak = chosen.candidate.peak_memory_bytes
    said = [
        f"Memory: it held {in_mb(peak)} at most; times {HEADROOM:g}, rounded up to whole 128 MB, is {in_mb(memory)}."
    ]
    if limited:
        said.append(
            f"CPU: at {rate(chosen.each)} for each replica it works at {CPU_HEADROOM:.0%} of what this size can do; "
            "the rest is for peaks."
        )
    else:
        used = chosen.candidate.used_at(chosen.point) or 0.0
        said.append(f"CPU: it used {used:.2g} cores; {CPU_HEADROOM:.0%} of what is recommended.")
    return said


def batching(chosen: Fit) -> str:
    closed = [each for each in chosen.candidate.points if each.load.mode == Mode.CLOSED]
    alone, knee = min(closed, key=lambda each: each.load.amount), chosen.candidate.knee
    gain = knee.throughput / alone.throughput if alone.throughput else 1.0
    if gain < _BATCHING_PAYS or knee is alone:
        return f"More than {alone.load.amount:g} request at a time brings {gain:.1f} times the throughput: not much."
    return (
        f"Requests that wait together are scored together: {knee.load.amount:g} at a time bring {gain:.1f} times the "
        f"throughput of {alone.load.amount:g}. Let at least {knee.load.amount:g} requests in at a time."
    )


def of_onnx(graphs: Sequence[Candidate], beside: Candidate | None, tried: Sequence[Size], *, pays: bool) -> str | None:
    """None when a graph was not asked for."""
    if graphs and beside:
        times = graphs[0].best / beside.best
        verdict = "It pays." if pays else "It does not pay."
        return (
            f"As an ONNX graph it reaches {times:.2f} times the throughput on {beside.cpu:g} CPU "
            f"({rate(graphs[0].best)} instead of {rate(beside.best)}). {verdict}"
        )
    failed = next((size.failure["detail"] for size in tried if size.failure), "")
    return f"An ONNX graph was not measured: {failed}" if failed else None


def doubts(profile: Profile, sizes: Sequence[Size], chosen: Fit, *, limited: bool, scales: bool) -> list[str]:
    found = []
    facts = chosen.candidate.facts
    if profile.cancel_requested or any(size.state == SizeState.SKIPPED for size in sizes):
        found.append("Not all sizes were measured.")
    unstable = sum(not each["stable"] for each in facts)
    if unstable:
        found.append(f"{_count(unstable, 'point')} of {len(facts)} on this size did not become stable.")
    if any(each["generator_bound"] for each in facts):
        found.append("At some loads the load generator itself was the limit: the model may be faster.")
    busy = [each for each in facts if each.get("idle_cpu", 1.0) < _LITTLE_IDLE and each["others_cpu"] > _MUCH_OF_OTHERS]
    if busy:
        most = max(each["others_cpu"] for each in busy)
        found.append(f"Other work took up to {most:.1f} cores of this machine and left none: on its own it is faster.")
    if not limited:
        found.append("This target does not limit CPU: what is recommended follows from what was used.")
    if not any(size.purpose == Purpose.MEMORY and size.state == SizeState.DONE for size in sizes):
        found.append("The recommended memory was not tried by itself.")
    if profile.samples_source == "signature":
        found.append("The requests were made from the signature; real ones may take longer.")
    elif profile.samples_count < _FEW_SAMPLES:
        found.append(f"Only {_count(profile.samples_count, 'request')} served as a sample.")
    if chosen.replicas > 1 and not scales:
        found.append(f"{profile.target_name} runs one replica of a service.")
    return found


def confidence(doubts: Sequence[str]) -> str:
    return "high" if not doubts else "medium" if len(doubts) < 3 else "low"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
