"""What the worker is rung for. A task takes ids, and may run twice or never: rows say what is to be done."""

import uuid

from celery import shared_task

from deployments import pipeline, reconcile, removal, transitions


@shared_task(bind=True, acks_late=True, ignore_result=True)
def run_deployment(self, deployment_id: int) -> None:
    # An identity per run: a redelivered message must not share a lease with the run it doubles.
    worker = f"{self.request.hostname or 'here'}:{uuid.uuid4().hex[:12]}"
    if transitions.claim(deployment_id, worker):
        pipeline.run(deployment_id, worker)


@shared_task(acks_late=True, ignore_result=True)
def remove_service(service_id: int) -> None:
    removal.remove_service(service_id)


@shared_task(acks_late=True, ignore_result=True)
def look_at_workload(workload_id: int) -> None:
    reconcile.look_at_workload(workload_id)
