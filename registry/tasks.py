"""Housekeeping of the registry, rung by the worker's clock."""

from celery import shared_task

from registry import blobs, uploads


@shared_task(ignore_result=True)
def sweep_uploads() -> None:
    uploads.sweep()
    blobs.sweep()
