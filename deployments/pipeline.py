"""A deployment's way from queued to live. Every step may run twice; only the lease's holder walks it."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from deployments import failures, logs, packages, readiness, recipes, recording, transitions
from deployments.failures import DeploymentFailed, Failure
from deployments.instance import workload_name
from deployments.models import Deployment, Workload
from deployments.pulse import Abandoned, CancelRequested, Pulse
from deployments.states import Status, Step
from deployments.targets import check_offered, driver_of
from deployments.waiting import Waiting
from deployments.watching import note, note_seen
from drivers import base
from drivers.errors import DriverError

log = logging.getLogger("slipway.pipeline")
_FAILED_GRACE_S = 2.0


def run(deployment_id: int, worker: str) -> None:
    """Walk on from wherever the deployment stands; `worker` holds its lease.

    Leaves it live, failed with a stated cause, or cancelled. When the lease is lost it stops where it is."""
    deployment = Deployment.objects.select_related("revision__service__workspace", "revision__target").get(
        pk=deployment_id
    )
    walk = _Walk(deployment, worker)
    walk.pulse.start()
    try:
        walk.go()
    except Abandoned:
        log.warning("deployment %s: its lease went to another worker", deployment_id)
    except CancelRequested:
        walk.give_up(Status.CANCELLED, None)
    except DeploymentFailed as exc:
        walk.give_up(Status.FAILED, exc.failure)
    except DriverError as exc:
        walk.give_up(Status.FAILED, failures.of_driver(exc, walk.step))
    except Exception as exc:
        log.exception("deployment %s failed in the studio itself", deployment_id)
        detail = f"The studio failed at this step: {type(exc).__name__}: {exc}"
        walk.give_up(Status.FAILED, Failure("studio-error", detail, "The worker's log has the traceback.", walk.step))
    finally:
        walk.pulse.stop()
        logs.announce(deployment_id)


class _Walk:
    def __init__(self, deployment: Deployment, worker: str) -> None:
        self.id = deployment.pk
        self.worker = worker
        self.revision = deployment.revision
        self.config = deployment.revision.deployment_config
        self.driver = driver_of(deployment.revision.target)
        self.status = Status(deployment.status)
        self.step = ""
        variables = self.revision.inference_config.get("variables", {}) | self.config.get("variables", {})
        self.writer = logs.LogWriter(self.id, worker, secrets=logs.secrets_among(variables))
        self.pulse = Pulse(Deployment.objects.filter(pk=self.id), worker, self.writer)
        self.resumed = self.status != Status.QUEUED
        # What the workload wrote before this attempt belongs to another one's log, and what a worker
        # that was lost has copied of it stands in this one already.
        begun = deployment.started_time.timestamp() if deployment.started_time else time.time()
        self.begun = max(begun, logs.last_copied(self.id))

    def say(self, text: str) -> None:
        self.log("slipway", text)

    def log(self, stream: str, text: str) -> None:
        """What drivers call for each line; also where a long build hears that it should stop."""
        self.pulse.check()
        self.writer.line(stream, text)

    def go(self) -> None:
        check_offered(self.revision.target.kind)
        self.reach(Status.BUILDING)
        environment = self.prepare_environment()
        package = self.deliver(self.build_package(environment))
        self.reach(Status.STARTING)
        workload, handle = self.start(package)
        self.reach(Status.CHECKING)
        self.wait_until_ready(workload, handle)
        self.switch()

    def reach(self, status: Status) -> None:
        """Move on to `status`, unless an earlier worker had come that far already."""
        self.pulse.check()
        order = list(Status)
        if order.index(self.status) >= order.index(status):
            return
        if not transitions.move(self.id, self.status, status, worker=self.worker):
            raise Abandoned
        self.status = status
        logs.announce(self.id)

    @contextmanager
    def walking(self, step: Step) -> Iterator[list[str]]:
        """A step: yields a list to which a sentence on how it went may be added."""
        self.begin(step)
        detail: list[str] = []
        yield detail
        transitions.end_step(self.id, step, " ".join(detail))
        logs.announce(self.id)

    def begin(self, step: Step) -> None:
        self.pulse.check()
        self.step = self.writer.step = step
        transitions.begin_step(self.id, step)
        if self.resumed:
            self.resumed = False
            self.say("The worker was lost; another one goes on from here.")
        logs.announce(self.id)

    def prepare_environment(self) -> base.EnvironmentRef:
        with self.walking(Step.ENVIRONMENT) as detail:
            self.greet()
            spec = recipes.environment_spec(recipes.of_revision(self.revision))
            environment = self.driver.prepare_environment(spec, self.log)
            made = "Reused" if environment.reused else "Built"
            detail.append(f"{made} environment {environment.fingerprint[:12]}, {_megabytes(environment.size_bytes)}.")
            self.say(detail[0])
            return environment

    def greet(self) -> None:
        models = ", ".join(self.revision.model_references) or "no model"
        self.say(f"{self.revision}: {models} on {self.revision.target.name}")
        for each in [*self.revision.inference_config.get("notes", []), *self.config.get("notes", [])]:
            self.say(each)

    def build_package(self, environment: base.EnvironmentRef) -> base.PackageRef:
        with self.walking(Step.PACKAGE) as detail:
            spec = recipes.package_spec(recipes.of_revision(self.revision))
            package = self.driver.build_package(spec, environment, self.log)
            detail.append(f"{'Reused' if package.reused else 'Built'} package {package.digest[:12]}.")
            self.say(detail[0])
            return package

    def deliver(self, package: base.PackageRef) -> base.PackageRef:
        if self.driver.delivers:
            with self.walking(Step.PUSH) as detail:
                package = self.driver.deliver(package, self.log)
                detail.append(package.location)
        self.package_row = packages.note_used(self.revision.target.place, package.location)
        return package

    def start(self, package: base.PackageRef) -> tuple[Workload, base.Handle]:
        with self.walking(Step.START) as detail:
            service = self.revision.service
            name = workload_name(service.workspace.name, service.name, self.revision.number)
            # The row first: whatever happens next, reconcile knows the workload is ours and whose.
            row, _ = Workload.objects.update_or_create(
                revision=self.revision, defaults={"name": name, "package": self.package_row, "retire_time": None}
            )
            self.revision.workload = row
            wanted = recipes.workload_spec(self.revision, name, package)
            handle = self.driver.apply(wanted)
            detail.append(f"{self.config['cpu']:g} CPU, {self.config['memory_gb']:g} GB{_times(wanted.scale)}.")
            self.say(f"Started {name} with {detail[0]}")
            return row, handle

    def wait_until_ready(self, workload: Workload, handle: base.Handle) -> None:
        with self.walking(Step.CHECK) as detail:
            begun = time.monotonic()
            seen = Waiting(self, handle, lambda seen: _show(workload, seen)).until_ready()
            note(workload, address=seen.address or "")
            self.revision.sample_request = readiness.sample_request(self.driver, handle)
            self.revision.save(update_fields=["sample_request"])
            recording.record_what_it_tells(self.revision, self.driver, handle)
            if self.revision.conversion:
                self.say(f"ONNX: {self.revision.conversion['why']}")
            detail.append(f"Ready after {time.monotonic() - begun:.1f} s.")
            self.say(detail[0])

    def placed(self, failure: Failure) -> Failure:
        return Failure(failure.code, failure.detail, failure.advice, self.step, failure.traceback)

    def switch(self) -> None:
        """The last step ends in the transaction that makes the deployment live: nothing changes after it."""
        self.begin(Step.SWITCH)
        self.say(f"{self.revision} takes all traffic.")
        self.writer.flush()
        with transaction.atomic():
            transitions.end_step(self.id, Step.SWITCH, "All traffic.")
            if not transitions.switch_traffic(self.id, self.worker):
                raise Abandoned

    def give_up(self, status: Status, failure: Failure | None) -> None:
        """End as failed or cancelled, with nothing left of the attempt; what served goes on serving."""
        if not transitions.renew(self.id, self.worker):
            return  # the workload is another worker's to judge now
        if failure:
            failure = Failure(**{name: self.writer.clean(text) for name, text in failure.as_dict().items()})
        try:
            self.take_away()
        except DriverError as exc:
            self.writer.line("slipway", f"The workload could not be removed now: {exc} It will be later.")
            Workload.objects.filter(revision=self.revision).update(retire_time=timezone.now())
        text = f"Failed: {failure.detail}" if failure else "Cancelled."
        self.writer.line("slipway", text)
        self.writer.flush()
        transitions.move(
            self.id,
            self.status,
            status,
            worker=self.worker,
            reason=text,
            failure=failure.as_dict() if failure else None,
        )

    def take_away(self) -> None:
        self.revision.refresh_from_db(fields=["traffic"])
        workload = Workload.objects.filter(revision=self.revision).first()
        if workload and not self.revision.traffic:
            self.driver.delete(base.Handle(self.driver.kind, workload.name), grace_s=_FAILED_GRACE_S)
            workload.delete()


def _show(workload: Workload, seen: base.Observed) -> None:
    note_seen(workload, seen, healthy=bool(seen.ready), detail=seen.detail, address=workload.address)


def _times(scale: base.Scale) -> str:
    if scale.maximum:
        return f", {scale.minimum} to {scale.maximum} replicas"
    return f", {scale.minimum} replicas" if scale.minimum > 1 else ""


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
