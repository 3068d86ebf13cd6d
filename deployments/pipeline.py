"""A deployment's way from queued to live. Every step may run twice; only the lease's holder walks it."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from deployments import failures, logs, packages, readiness, recipes, recording, transitions
from deployments.failures import DeploymentFailed, Failure
from deployments.instance import owner, workload_name
from deployments.models import Deployment, Workload
from deployments.pulse import Abandoned, CancelRequested, Pulse
from deployments.states import Status, Step
from deployments.targets import check_offered, driver_of
from drivers import base
from drivers.errors import DriverError

log = logging.getLogger("slipway.pipeline")
_POLL_S = 0.05
_POLL_LATER_S = 0.25


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
        self.driver = driver_of(deployment.revision.target.kind)
        self.status = Status(deployment.status)
        self.step = ""
        variables = self.revision.inference_config.get("variables", {}) | self.config.get("variables", {})
        self.writer = logs.LogWriter(self.id, worker, secrets=logs.secrets_among(variables))
        self.pulse = Pulse(deployment, worker, self.writer)
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
        package = self.build_package(environment)
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
            environment = self.driver.prepare_environment(recipes.environment_spec(self.revision), self.log)
            made = "Reused" if environment.reused else "Built"
            detail.append(f"{made} environment {environment.fingerprint[:12]}, {_megabytes(environment.size_bytes)}.")
            self.say(detail[0])
            return environment

    def greet(self) -> None:
        models = ", ".join(self.revision.model_references) or "no model"
        self.say(f"{self.revision}: {models} on {self.revision.target.name}")
        for note in [*self.revision.inference_config.get("notes", []), *self.config.get("notes", [])]:
            self.say(note)

    def build_package(self, environment: base.EnvironmentRef) -> base.PackageRef:
        with self.walking(Step.PACKAGE) as detail:
            package = self.driver.build_package(recipes.package_spec(self.revision), environment, self.log)
            self.package_row = packages.note_used(self.driver.kind, package.location)
            detail.append(f"{'Reused' if package.reused else 'Built'} package {package.digest[:12]}.")
            self.say(detail[0])
            return package

    def start(self, package: base.PackageRef) -> tuple[Workload, base.Handle]:
        with self.walking(Step.START) as detail:
            service = self.revision.service
            name = workload_name(service.workspace.name, service.name, self.revision.number)
            # The row first: whatever happens next, reconcile knows the workload is ours and whose.
            row, _ = Workload.objects.update_or_create(
                revision=self.revision, defaults={"name": name, "package": self.package_row, "retire_time": None}
            )
            handle = self.driver.apply(self.workload(name, package))
            detail.append(f"{self.config['cpu']:g} CPU, {self.config['memory_gb']:g} GB.")
            self.say(f"Started {name} with {detail[0]}")
            return row, handle

    def workload(self, name: str, package: base.PackageRef) -> base.Workload:
        service = self.revision.service
        return base.Workload(
            name=name,
            owner=owner(),
            labels={
                "workspace": service.workspace.name,
                "service": service.name,
                "revision": str(self.revision.number),
            },
            package=package,
            cpu=self.config["cpu"],
            memory_bytes=int(self.config["memory_gb"] * 1024**3),
            variables={
                **self.config.get("variables", {}),
                "SERVICE_NAME": service.name,
                "SCORING_TIMEOUT_MS": str(self.config["scoring_timeout_ms"]),
                **({"SLIPWAY_CONVERT_TO_ONNX": "on"} if self.config.get("convert_to_onnx") else {}),
            },
        )

    def wait_until_ready(self, workload: Workload, handle: base.Handle) -> None:
        with self.walking(Step.CHECK) as detail:
            begun = time.monotonic()
            tail = _Tail(self, handle)
            answer = ""
            while True:
                self.pulse.check()
                seen = self.driver.observe(handle)
                if cause := tail.read():  # the runtime says why it gives up; how it ends adds nothing
                    raise DeploymentFailed(self.placed(cause))
                if seen.phase in {base.Phase.CRASHED, base.Phase.GONE}:
                    raise DeploymentFailed(self.placed(tail.read() or failures.of_end(seen)))
                if seen.address:
                    ready, answer = readiness.is_ready(seen.address)
                    if ready:
                        break
                waited = time.monotonic() - begun
                if waited > settings.START_TIMEOUT_S:
                    raise DeploymentFailed(self.placed(failures.of_time(settings.START_TIMEOUT_S, answer)))
                time.sleep(_POLL_S if waited < 5 else _POLL_LATER_S)
            tail.read()
            workload.address = seen.address
            workload.save(update_fields=["address"])
            self.revision.sample_request = readiness.sample_request(seen.address)
            self.revision.save(update_fields=["sample_request"])
            recording.record_what_it_tells(self.revision, seen.address)
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
            self.driver.delete(base.Handle(self.driver.kind, workload.name), grace_s=2.0)
            workload.delete()


class _Tail:
    """Copies what a workload writes into the deployment's log, and hears why it gives up."""

    def __init__(self, walk: _Walk, handle: base.Handle) -> None:
        self._walk, self._handle = walk, handle
        self._since = walk.begun

    def read(self) -> Failure | None:
        cause = None
        for record in self._walk.driver.logs(self._handle, since=self._since):
            self._since = record.at
            found = failures.of_boot_line(record.text)
            if found is None:
                self._walk.writer.line(record.stream, record.text, at=record.at)
            cause = found or cause
        return cause


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
