"""One size: the package is started on it, asked in every load, and taken away again."""

import time
from dataclasses import replace
from typing import Protocol

from deployments import readiness
from deployments.failures import DeploymentFailed, Failure
from deployments.instance import owner, workload_salt
from deployments.logs import LogWriter
from deployments.pulse import Pulse
from deployments.recipes import CONVERTING
from deployments.waiting import Waiting
from drivers.base import Driver, Handle, Observed, PackageRef, Phase, Workload
from profiling import asking, keeping, search
from profiling.cold_start import ColdStart
from profiling.figures import memory
from profiling.measuring import Method, measure
from profiling.models import Profile, Size
from profiling.plan import Plan
from profiling.sampling import Machine, Sampler, timeline
from profiling.search import Load
from profiling.states import Mode, Purpose, SizeState

SCORING_TIMEOUT_S = 60.0
_GRACE_S = 2.0
_LOOK_S = 1.0
_TIMELINE_S = 1.0
# Of the samples, how many are tried one by one before any load.
_TRIED = 20
_MOST_WORDS = 500


class SizeDied(Exception):
    """The workload ended while it was measured."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class NotConverted(Exception):
    """The runtime serves the model itself: there is no graph to measure. In its own words."""


class SamplesRejected(Exception):
    """The model does not take the requests; in its own words."""


class Walk(Protocol):
    """What a running profile lends to its sizes."""

    profile: Profile
    plan: Plan
    method: Method
    bodies: list[str]
    driver: Driver
    pulse: Pulse
    writer: LogWriter
    begun: float
    here: bool
    """Whether the target is the machine that measures."""

    def say(self, text: str) -> None: ...

    def placed(self, failure: Failure) -> Failure: ...

    def show(self, now: str) -> None: ...

    def out_of_time(self) -> bool: ...


def workload_name(profile: Profile, size: Size) -> str:
    """The same for the same size, always; fit for a DNS label."""
    salt = workload_salt(profile.workspace.name, f"profile {profile.pk}")
    return f"slipway-profile-{profile.pk}-{size.pk}-{salt}"


def title(size: Size) -> str:
    onnx = " as ONNX" if size.onnx else ""
    return f"{size.cpu:g} CPU, {memory(size.memory_bytes)}{onnx}"


class SizeRun:
    def __init__(self, walk: Walk, size: Size, package: PackageRef) -> None:
        self._walk, self._size, self._package = walk, size, package
        self._name = workload_name(walk.profile, size)
        self._handle = Handle(walk.driver.kind, self._name)
        self._looked = 0.0
        self._load: Load | None = None

    def go(self, levels: list[int] | None = None) -> None:
        """Measure what is not measured yet, at `levels` alone if they are given. Leaves the size done, or failed with
        what ended it, and nothing running. Raises SamplesRejected, CancelRequested, Abandoned, DriverError."""
        size = self._size
        self._walk.show(f"{title(size)}: starting")
        try:
            self._walk.driver.delete(self._handle, grace_s=0)  # of a worker that was lost
            url = self._start()
            keeping.set_state(size, SizeState.MEASURING)
            self._measure_all(url, levels)
            keeping.set_state(size, SizeState.DONE)
        except DeploymentFailed as exc:
            self._failed(exc.failure)
        except SizeDied as exc:
            self._failed(exc.failure)
        except NotConverted as exc:
            why = Failure("not-converted", str(exc))
            self._walk.say(f"{title(size)}: {why.detail}")
            keeping.set_skipped(size, why)
        finally:
            self._walk.driver.delete(self._handle, grace_s=_GRACE_S)

    def _failed(self, failure: Failure) -> None:
        self._walk.say(f"{title(self._size)}: {failure.detail}")
        keeping.set_failed(self._size, failure)

    def _start(self) -> str:
        """Until it is ready and has answered once; the address requests are sent to."""
        walk, size = self._walk, self._size
        keeping.set_state(size, SizeState.STARTING)
        walk.say(f"{title(size)}: starting {self._name}.")
        walk.begun = time.time()
        clock = ColdStart()
        walk.driver.apply(self._workload())
        Waiting(walk, self._handle, clock.seen).until_ready()
        clock.ready()
        url = walk.driver.direct(self._handle)
        if url is None:
            raise DeploymentFailed(_unreachable(walk.profile.target_name))
        if size.onnx:
            self._check_converted()
        first = self._try_samples(url)
        told = asking.runtime_facts(url)
        keeping.set_started(size, clock.told(told.get("load_seconds"), first), self._memory())
        return url

    def _workload(self) -> Workload:
        size, profile = self._size, self._walk.profile
        config = profile.inference_config
        return Workload(
            name=self._name,
            owner=owner(),
            labels={"workspace": profile.workspace.name, "profile": str(profile.pk)},
            package=self._package,
            cpu=size.cpu,
            memory_bytes=size.memory_bytes,
            variables={
                **config.get("variables", {}),
                "SERVICE_NAME": f"profile-{profile.pk}",
                "SCORING_TIMEOUT_MS": str(int(SCORING_TIMEOUT_S * 1000)),
                **CONVERTING[size.onnx],
            },
            background=True,
        )

    def _try_samples(self, url: str) -> float:
        """Milliseconds that the first answer took. Raises SamplesRejected."""
        first = None
        for number, body in enumerate(self._walk.bodies[:_TRIED], 1):
            self._walk.pulse.check()
            answer = asking.post(f"{url}/score", body, SCORING_TIMEOUT_S)
            first = first or answer.took_ms
            if answer.status == 0:
                self._check_alive(now=True)
            if answer.status != 200:
                said = f"{answer.status}: " if answer.status else ""
                raise SamplesRejected(f"Sample request {number} was answered with {said}{answer.body[:1500]}")
        return first or 0.0

    def _check_converted(self) -> None:
        """Raises NotConverted."""
        told = readiness.signature(self._walk.driver, self._handle)
        conversion = told.get("conversion") if isinstance(told, dict) else None
        if not isinstance(conversion, dict) or conversion.get("used") is not True:
            why = conversion.get("why", "") if isinstance(conversion, dict) else ""
            raise NotConverted(str(why)[:_MOST_WORDS] or "No graph was made of it.")

    def _memory(self) -> int | None:
        usages = self._walk.driver.usage(self._handle)
        return usages[0].memory_bytes if usages else None

    def _measure_all(self, url: str, levels: list[int] | None) -> None:
        walk, size = self._walk, self._size
        plan = replace(walk.plan, concurrency=levels) if levels else walk.plan
        # Of memory and of graphs, clients that wait for their answers tell enough.
        brief = size.purpose != Purpose.CPU
        sampler = Sampler(walk.driver, self._handle)
        sampler.start()
        try:
            while load := search.next_load(plan, keeping.measured(size), brief=brief):
                if walk.out_of_time():
                    return
                self._measure(url, load, sampler)
        finally:
            sampler.stop()

    def _measure(self, url: str, load: Load, sampler: Sampler) -> None:
        walk, size = self._walk, self._size
        walk.show(f"{title(size)}: {load}")
        self._load = load
        before, began, machine = asking.runtime_facts(url), time.time(), Machine()
        result = measure(self._order(url, load), self._meanwhile)
        self._check_alive(now=True)
        after = asking.runtime_facts(url)
        used = sampler.between(result["from"], result["to"])
        facts = {
            **{key: value for key, value in result.items() if key not in _OF_THE_GENERATOR_ALONE},
            "cpu": used.cpu,
            "throttled": used.throttled,
            "memory_bytes": used.memory_bytes,
            **(machine.others((used.cpu or 0) + result["generator_cpu"]) if walk.here else {}),
            "stages": asking.stages(before, after, result["mean_ms"]) if result["mean_ms"] is not None else None,
        }
        at_once = load.amount if load.mode == Mode.CLOSED else result["throughput"] * (result["mean_ms"] or 0) / 1000
        lately = [seen for seen in sampler.seen() if seen.at >= began]
        rows = [[*row, round(at_once, 1)] for row in timeline(lately, began, _TIMELINE_S)]
        keeping.add_point(size, load, facts, rows)
        walk.say(f"{title(size)}: {load}: {_told(facts)}")

    def _order(self, url: str, load: Load) -> dict[str, object]:
        how = {"concurrency": int(load.amount)} if load.mode == Mode.CLOSED else {"rate": load.amount}
        return {
            "url": f"{url}/score",
            "headers": {"Content-Type": "application/json"},
            "bodies": self._walk.bodies,
            "mode": str(load.mode),
            **how,
            "timeout_s": SCORING_TIMEOUT_S,
            **self._walk.method.as_dict(),
        }

    def _meanwhile(self) -> None:
        self._walk.pulse.check()
        self._check_alive()

    def _check_alive(self, *, now: bool = False) -> None:
        """Raises SizeDied when it has ended, or was started again after it had."""
        if not now and time.monotonic() - self._looked < _LOOK_S:
            return
        self._looked = time.monotonic()
        seen = self._walk.driver.observe(self._handle)
        if seen.phase in {Phase.CRASHED, Phase.GONE} or seen.restarts or any(each.restarts for each in seen.replicas):
            raise SizeDied(_died(seen, self._load))


def _died(seen: Observed, load: Load | None) -> Failure:
    when = f"It ended while it answered {load}" if load else "It ended before it was measured"
    why = seen.detail or next((each.detail for each in seen.replicas if each.detail), "")
    out_of_memory = "memory" in why.lower() or seen.exit_code == 137 or seen.code == "out-of-memory"
    code = "out-of-memory" if out_of_memory else "workload-ended"
    return Failure(code, f"{when}: {why}" if why else f"{when}.")


def _unreachable(target: str) -> Failure:
    return Failure(
        "unreachable",
        f"Replicas on {target} are reached through the cluster's API server alone: measured through it, the "
        "numbers would be the API server's.",
        "Run the studio where pods can be reached, or let the target be reached by node ports.",
    )


def _told(facts: dict[str, object]) -> str:
    if facts["p95_ms"] is None:
        return f"nothing succeeded of {facts['requests']} requests"
    errors = f", {facts['errors']} errors" if facts["errors"] else ""
    unstable = "" if facts["stable"] else ", unstable"
    return f"{facts['throughput']:.4g} requests/s, p95 {facts['p95_ms']:.3g} ms{errors}{unstable}"


_OF_THE_GENERATOR_ALONE = {"kind", "from", "to"}
