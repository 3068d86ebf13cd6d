"""What to ask for: the smallest size that does what is wanted, with the numbers that say so. Nothing is invented: where
too little was measured, there is no recommendation."""

from profiling.memory import with_headroom
from profiling.models import Profile
from profiling.plan import Plan, limits_cpu
from profiling.recommending import words
from profiling.recommending.candidates import Fit, candidates_of, choose, fit
from profiling.states import Purpose, SizeState

ONNX_PAYS = 1.2
"""An ONNX graph is recommended from this many times the throughput on."""


def recommend(profile: Profile) -> dict[str, object] | None:
    """As the API tells it (docs/profile.md); None when no size was measured well enough to recommend one."""
    plan = Plan.from_dict(profile.plan)
    sizes = list(profile.sizes.prefetch_related("points"))
    measured = candidates_of(size for size in sizes if size.purpose == Purpose.CPU and size.state == SizeState.DONE)
    graphs = candidates_of(size for size in sizes if size.purpose == Purpose.ONNX and size.state == SizeState.DONE)
    if not measured or profile.target is None:
        return None
    limited = limits_cpu(profile.target)
    fits = [fit(each, plan.goal, limits_cpu=limited) for each in measured]
    scales = profile.target.kind == profile.target.Kind.KUBERNETES
    chosen = choose(fits, plan.goal, one_replica=not scales)
    beside = next((each for each in measured if graphs and each.cpu == graphs[0].cpu), None)
    onnx = bool(beside and graphs[0].best >= ONNX_PAYS * beside.best)
    memory = _memory(chosen, sizes)
    if onnx:  # a graph and what runs it may hold more
        memory = max(memory, with_headroom(graphs[0].peak_memory_bytes))
    meets = None if plan.goal is None else chosen.meets and (scales or chosen.replicas == 1)
    doubts = words.doubts(profile, sizes, chosen, limited=limited, scales=scales)
    return {
        "measured_cpu": chosen.candidate.cpu,
        "cpu": chosen.candidate.cpu if limited else words.cpu_needed(chosen),
        "memory_gb": memory / 1024**3,
        "replicas": chosen.replicas,
        "concurrency": int(chosen.candidate.knee.load.amount),
        "onnx": onnx,
        "p95_ms": chosen.point.p95_ms,
        "requests_per_second": round(chosen.each * chosen.replicas, 2),
        "meets_goal": meets,
        "why": words.why(chosen, plan.goal, len(fits)),
        "why_not_smaller": words.why_not_smaller(chosen, fits, sizes, plan.goal),
        "headroom": words.headroom(chosen, memory, limited=limited),
        "batching": words.batching(chosen),
        "onnx_says": words.of_onnx(graphs, beside, [size for size in sizes if size.purpose == Purpose.ONNX], pays=onnx),
        "confidence": words.confidence(doubts),
        "doubts": doubts,
    }


def _memory(chosen: Fit, sizes: list) -> int:
    """With head-room; more where that much was tried and was not enough."""
    wanted = with_headroom(chosen.candidate.peak_memory_bytes)
    died = [size.memory_bytes for size in sizes if size.purpose == Purpose.MEMORY and size.state == SizeState.FAILED]
    held = [size.memory_bytes for size in sizes if size.purpose == Purpose.MEMORY and size.state == SizeState.DONE]
    if wanted in died:
        return min((memory for memory in held if memory > max(died)), default=chosen.candidate.memory_bytes)
    return min(wanted, chosen.candidate.memory_bytes)
