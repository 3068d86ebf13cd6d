"""What the worker is rung for. A task takes ids, and may run twice or never: rows say what is to be done."""

import uuid

from celery import shared_task

from profiling import run, transitions


@shared_task(bind=True, acks_late=True, ignore_result=True)
def run_profile(self, profile_id: int) -> None:
    worker = f"{self.request.hostname or 'here'}:{uuid.uuid4().hex[:12]}"
    if transitions.claim(profile_id, worker):
        run.run(profile_id, worker)
