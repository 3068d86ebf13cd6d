"""Workers, the clock, the gateway and people, all at once: rows agree in the end, and nobody meets a fault."""

import random
import threading
import time

import pytest
from django.db import connections, transaction

from deployments import pipeline, reconcile, routes, services, transitions
from deployments.models import Deployment, Service, Workload
from deployments.service_state import refresh_state
from deployments.states import FINAL, Status
from tests import objects
from workspaces.errors import Refusal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]
SERVICES = ["one", "two", "three"]
LASTS_S = 4.0


class Crowd:
    """Threads that each do one thing over and over; `faults` are what no refusal explains."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.faults: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def add(self, act) -> None:
        self._threads.append(threading.Thread(target=self._again, args=(act, random.Random(len(self._threads)))))

    def _again(self, act, chance: random.Random) -> None:
        while not self.over.is_set():
            try:
                act(chance)
            except Refusal:
                pass
            except Exception as fault:
                self.faults.append(fault)
            time.sleep(chance.uniform(0.005, 0.05))
        connections.close_all()

    def run(self) -> None:
        for thread in self._threads:
            thread.start()
        time.sleep(LASTS_S)
        self.over.set()
        for thread in self._threads:
            thread.join()


def work(chance: random.Random) -> None:
    waiting = list(Deployment.objects.exclude(status__in=FINAL).values_list("pk", flat=True))
    worker = f"worker {chance.random()}"
    if waiting and transitions.claim(number := chance.choice(waiting), worker):
        pipeline.run(number, worker)


def test_everything_at_once(driver, place, contributor, rings, runtime):
    version = objects.version(place, contributor)
    objects.target(place)

    def deploy(chance):
        name = chance.choice(SERVICES)
        services.deploy(workspace=place, name=name, models=[version.reference], by=contributor, overwrite=True)

    def meddle(chance):
        deployment = chance.choice(list(Deployment.objects.all()[:6]))
        verb = chance.choice([services.cancel_deployment, services.release_lease, retry])
        verb(deployment=deployment)

    def retry(deployment):
        services.retry_deployment(deployment=deployment, by=contributor)

    def disturb(chance):
        if running := list(driver.running):
            chance.choice([driver.vanish, driver.vanish, lambda name: None])(chance.choice(running))
        service = chance.choice(list(Service.objects.all()))
        services.regenerate_key(service=service, slot="Primary")

    deploy(random.Random(0))
    crowd = Crowd()
    for act in (work, work, deploy, meddle, disturb, lambda _: reconcile.once(), lambda _: routes.load()):
        crowd.add(act)
    crowd.run()
    assert crowd.faults == []

    _settle()
    for service in Service.objects.all():
        assert sum(service.revisions.values_list("traffic", flat=True)) in {0, 100}
        shown = service.state, service.state_detail
        with transaction.atomic():
            refresh_state(service)
        service.refresh_from_db()
        assert (service.state, service.state_detail) == shown, "what people read is what the rows amount to"
    for deployment in Deployment.objects.all():
        seqs = list(deployment.lines.values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
    kept = Workload.objects.filter(revision__traffic=100) | Workload.objects.exclude(retire_time=None)
    assert set(driver.running) <= set(kept.values_list("name", flat=True))


def _settle() -> None:
    """As after some quiet minutes: every deployment ends, what is left over goes."""
    for _ in range(5):
        Deployment.objects.exclude(status__in=FINAL).update(lease_until=None)
        for number in Deployment.objects.exclude(status__in=FINAL).values_list("pk", flat=True):
            assert transitions.claim(number, "last")
            pipeline.run(number, "last")
        reconcile.once()
    assert not Deployment.objects.exclude(status__in=FINAL).exists()
    assert Deployment.objects.filter(status=Status.LIVE).exists()
