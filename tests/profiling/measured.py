"""Profiles as tests need them: started the way people do, or with numbers that were never measured."""

from profiling import run, services, transitions
from profiling.models import Point, Profile, Size
from profiling.states import Mode, Purpose, SizeState, Status
from tests import objects

GIB, MIB = 1024**3, 1024**2
SAMPLES = '{"data": [[1.0, 2.0]]}\n{"data": [[3.0, 4.0]]}\n{"data": [[5.0, 6.0]]}'


def started(place, by, **wanted) -> Profile:
    """Queued. One size and two loads, unless `wanted` says otherwise."""
    if "models" not in wanted:
        wanted["models"] = [objects.version(place, by).reference]
    wanted = {"samples": SAMPLES, "cpu": 1, "memory_gb": 1, "concurrency": [1, 2], "try_onnx": False, **wanted}
    return services.start_profile(workspace=place, by=by, **wanted)


def work(profile: Profile, worker: str = "first") -> Profile:
    """What the worker does when it is rung."""
    if transitions.claim(profile.pk, worker):
        run.run(profile.pk, worker)
    profile.refresh_from_db()
    return profile


def texts(profile: Profile) -> str:
    return "\n".join(profile.lines.values_list("text", flat=True))


def size(profile: Profile, cpu: float, *loads: tuple[float, float, float], peak: int = 100 * MIB, **fields) -> Size:
    """One that is done. `loads` are (at a time, throughput, p95 in ms); of a rate, a negative first number."""
    fields = {"memory_bytes": GIB, "purpose": Purpose.CPU, "state": SizeState.DONE, **fields}
    made = profile.sizes.create(cpu=cpu, peak_memory_bytes=peak, **fields)
    Point.objects.bulk_create(
        Point(
            size=made,
            mode=Mode.CLOSED if load > 0 else Mode.OPEN,
            load=abs(load),
            facts=facts(throughput, p95, cpu=cpu * 0.9),
        )
        for load, throughput, p95 in loads
    )
    return made


def facts(throughput: float, p95: float | None, **changes) -> dict[str, object]:
    return {
        "stable": True, "windows": 3, "requests": 1000, "errors": 0, "timeouts": 0, "throughput": throughput,
        "offered": None, "mean_ms": p95 and p95 / 2, "p50_ms": p95 and p95 / 2, "p90_ms": p95, "p95_ms": p95,
        "p99_ms": p95, "p999_ms": p95, "max_ms": p95, "statuses": {"200": 1000}, "first_error": None,
        "generator_cpu": 0.2, "generator_bound": False, "late_ms": None, "cpu": 0.5, "throttled": 0.1,
        "memory_bytes": 100 * MIB, "stages": {"client": 0.1, "queue": 0.2, "model": 0.3, "other": 0.1},
        **changes,
    }  # fmt: skip


def ended(profile: Profile, status: Status = Status.SUCCEEDED) -> Profile:
    Profile.objects.filter(pk=profile.pk).update(status=status)
    profile.refresh_from_db()
    return profile
