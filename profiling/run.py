"""A profile's way from queued to measured. Every step may run twice; only the lease's holder walks it."""

import json
import logging
import time
import zlib
from functools import cached_property

from deployments import failures, packages, recipes
from deployments.failures import DeploymentFailed, Failure
from deployments.logs import LogWriter, secrets_among
from deployments.pulse import Abandoned, CancelRequested, Pulse
from deployments.recipes import Recipe
from deployments.targets import BUILT_IN, check_offered, driver_of
from drivers.base import Driver, PackageRef
from drivers.errors import DriverError, TargetUnavailable
from profiling import recommending, transitions
from profiling.doorbell import ring_waiting
from profiling.measuring import GeneratorFailed, Method
from profiling.memory import memory_sizes, onnx_size
from profiling.models import Profile, ProfileFile, ProfileLine, Size
from profiling.plan import Plan, limits_cpu
from profiling.sizes import SamplesRejected, SizeRun
from profiling.states import SIZE_ENDED, Purpose, Status

log = logging.getLogger("slipway.profiling")
_OUT_OF_TIME = "The time for this profile was over before it was measured."
_STOPPED = "The profile was stopped before it was measured."
_FAILED = "The profile failed before it was measured."


def run(profile_id: int, worker: str) -> None:
    """Walk on from wherever the profile stands; `worker` holds its lease.

    Leaves it succeeded, failed with a stated cause, or cancelled, with what was measured until then. When the lease
    is lost it stops where it is."""
    profile = Profile.objects.select_related("workspace", "target").get(pk=profile_id)
    walk = _Walk(profile, worker)
    walk.pulse.start()
    try:
        walk.go()
    except Abandoned:
        log.warning("profile %s: its lease went to another worker", profile_id)
    except CancelRequested:
        walk.end(Status.CANCELLED, None, _STOPPED)
    except DeploymentFailed as exc:
        walk.fail(exc.failure)
    except SamplesRejected as exc:
        walk.fail(Failure("samples-rejected", str(exc), "Give sample requests that the model takes."))
    except GeneratorFailed as exc:
        walk.fail(Failure("load-generator", str(exc), "The worker's log has more."))
    except DriverError as exc:
        walk.fail(failures.of_driver(exc, ""))
    except Exception as exc:
        log.exception("profile %s failed in the studio itself", profile_id)
        said = f"The studio failed while it measured: {type(exc).__name__}: {exc}"
        walk.fail(Failure("studio-error", said, "The worker's log has the traceback."))
    finally:
        walk.pulse.stop()
        ring_waiting()


class _Lines(LogWriter):
    work, lines, parent = Profile, ProfileLine, "profile"

    def announce(self) -> None:
        """Pages look by themselves."""


class _Walk:
    """What `profiling.sizes.Walk` asks for, and the steps."""

    def __init__(self, profile: Profile, worker: str) -> None:
        self.profile, self.worker = profile, worker
        self.plan = Plan.from_dict(profile.plan)
        self.method = Method()
        self.begun = time.time()
        self.here = profile.target is not None and profile.target.kind in BUILT_IN
        secrets = secrets_among(profile.inference_config.get("variables", {}))
        self.writer = _Lines(profile.pk, worker, secrets=secrets)
        self.pulse = Pulse(Profile.objects.filter(pk=profile.pk), worker, self.writer)

    @cached_property
    def driver(self) -> Driver:
        if self.profile.target is None:
            said = f"The target {self.profile.target_name} was detached."
            raise TargetUnavailable(said, advice="Profile it on another target.")
        return driver_of(self.profile.target)

    @cached_property
    def bodies(self) -> list[str]:
        return json.loads(zlib.decompress(self.profile.samples.bodies))

    def go(self) -> None:
        check_offered(self.profile.target.kind if self.profile.target else "")
        if any(size.points.exists() for size in self.profile.sizes.all()):
            self.say("The worker was lost, or the profile stopped; it goes on from what was measured.")
        self._reach(Status.PREPARING)
        package = self._package(onnx=False)
        self._note(method=self.method.as_dict() | {"way": "direct", "cpu_limited": limits_cpu(self.profile.target)})
        self._reach(Status.MEASURING)
        self._measure(self._of(Purpose.CPU), package)
        self._measure_memory(package)
        self._measure_onnx()
        if not any(size.points.exists() for size in self.profile.sizes.all()):
            self.fail(self._nothing_measured())
            return
        self.end(Status.SUCCEEDED, None, _OUT_OF_TIME)

    def _measure(self, sizes: list[Size], package: PackageRef, levels: list[int] | None = None) -> None:
        for size in sizes:
            if self.out_of_time():
                return
            if size.state not in SIZE_ENDED:
                SizeRun(self, size, package).go(levels)
            self._judge(size)

    def _judge(self, size: Size) -> None:
        """A model that cannot be loaded for a reason of its own ends the profile: no other size would change that."""
        failure = size.failure or {}
        if size.purpose == Purpose.CPU and failure.get("code") in _OF_ANY_SIZE:
            raise DeploymentFailed(Failure(failure["code"], failure["detail"], "The log has what it wrote."))

    def _measure_memory(self, package: PackageRef) -> None:
        if self.plan.search_memory:
            while not self.out_of_time() and (wanted := memory_sizes(self.profile)):
                self._measure([wanted.size], package, [wanted.level])

    def _measure_onnx(self) -> None:
        wanted = onnx_size(self.profile) if self.plan.try_onnx else None
        if wanted is None or self.out_of_time():
            return
        try:
            package = self._package(onnx=True)
        except DriverError as exc:
            self.say(f"No ONNX graph is tried: {exc}")
            return
        self._measure([wanted], package)

    def _package(self, *, onnx: bool) -> PackageRef:
        began, as_onnx = time.monotonic(), " as ONNX" if onnx else ""
        self.show(f"Building the package{as_onnx}")
        recipe = self._recipe(onnx=onnx)
        self.say(f"{', '.join(self.profile.model_references)} on {self.profile.target_name}{as_onnx}")
        environment = self.driver.prepare_environment(recipes.environment_spec(recipe), self._log)
        package = self.driver.build_package(recipes.package_spec(recipe), environment, self._log)
        if self.driver.delivers:
            package = self.driver.deliver(package, self._log)
        packages.note_used(self.profile.target.place, package.location)
        took = time.monotonic() - began
        self.say(f"Package {package.digest[:12]} is there after {took:.1f} s.")
        if not onnx:
            facts = {"environment_reused": environment.reused, "image_bytes": package.size_bytes}
            self._note(package=facts | {"prepare_seconds": round(took, 2)})
        return package

    def _recipe(self, *, onnx: bool) -> Recipe:
        links = self.profile.model_links.select_related("version__model")
        versions = [link.version for link in links]
        if len(versions) < len(self.profile.model_references):
            said = "A model version of this profile was deleted."
            raise DeploymentFailed(Failure("version-not-found", said, "Profile another version."))
        files = ProfileFile.objects.filter(profile=self.profile).select_related("blob")
        return Recipe(versions, self.profile.inference_config, files, convert_to_onnx=onnx)

    def _of(self, purpose: Purpose) -> list[Size]:
        return list(self.profile.sizes.filter(purpose=purpose))

    def _nothing_measured(self) -> Failure:
        said = [size.failure["detail"] for size in self.profile.sizes.all() if size.failure]
        why = said[0] if said else "The time was over before the first number."
        advice = "Try larger sizes, or give it more time." if said else "Give it more time."
        return Failure("nothing-measured", f"The model ran on none of the sizes. {why}", advice)

    def out_of_time(self) -> bool:
        took = time.time() - self.profile.started_time.timestamp()
        return took > self.plan.budget_minutes * 60

    def say(self, text: str) -> None:
        self._log("slipway", text)

    def show(self, now: str) -> None:
        self._note(now=now[:300])

    def placed(self, failure: Failure) -> Failure:
        return failure

    def _log(self, stream: str, text: str) -> None:
        self.pulse.check()
        self.writer.line(stream, text)

    def _note(self, **facts: object) -> None:
        self.pulse.check()
        if not transitions.note(self.profile, self.worker, **facts):
            raise Abandoned

    def _reach(self, status: Status) -> None:
        self.pulse.check()
        if not transitions.reach(self.profile, status, self.worker):
            raise Abandoned

    def fail(self, failure: Failure) -> None:
        cleaned = {name: self.writer.clean(text) for name, text in failure.as_dict().items()}
        self.end(Status.FAILED, cleaned, _FAILED)

    def end(self, status: Status, failure: dict[str, str] | None, why: str) -> None:
        said = f"Failed: {failure['detail']}" if failure else {Status.CANCELLED: "Cancelled."}.get(status, "Done.")
        self.writer.line("slipway", said)
        self.writer.flush()
        recommendation = recommending.recommend(self.profile) if status != Status.FAILED else None
        transitions.finish(self.profile, status, self.worker, failure=failure, recommendation=recommendation, why=why)


_OF_ANY_SIZE = {
    "entry-script-syntax", "entry-script-import", "entry-script-contract", "init-failed", "model-not-loadable",
    "model-ambiguous", "model-missing", "framework-missing", "settings-invalid", "unreachable",
}  # fmt: skip
