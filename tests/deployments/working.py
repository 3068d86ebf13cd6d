"""What a worker does with a deployment, and what a test asks of it afterwards."""

from deployments import pipeline, services, transitions
from deployments.models import Deployment, Service
from tests import objects


def work(deployment: Deployment, worker: str = "first") -> Deployment:
    """What the worker does when it is rung."""
    if transitions.claim(deployment.pk, worker):
        pipeline.run(deployment.pk, worker)
    deployment.refresh_from_db()
    return deployment


def texts(deployment) -> list[str]:
    return list(deployment.lines.values_list("text", flat=True))


def redeploy(service: Service, by, **options) -> Deployment:
    version = objects.version(service.workspace, by)
    return services.deploy(
        workspace=service.workspace, name=service.name, by=by, models=[version.reference], overwrite=True, **options
    )
