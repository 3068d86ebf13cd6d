"""Finding services and deployments that a user may see."""

from django.db.models import F, Prefetch, Q, QuerySet

from deployments.errors import DeploymentNotFound, ServiceNotFound, TargetNotFound
from deployments.models import Deployment, Revision, Service, Target
from workspaces.models import User, Workspace


def services_in(*, user: User, workspace: Workspace) -> QuerySet[Service]:
    """By name, each with `shown_revisions`: those that serve, and the newest."""
    shown = Revision.objects.filter(Q(traffic__gt=0) | Q(number=F("service__last_revision"))).select_related("target")
    shown = shown.prefetch_related("model_links__version__model").order_by("-number")
    found = Service.objects.visible_to(user).filter(workspace=workspace)
    found = found.prefetch_related(Prefetch("revisions", shown, to_attr="shown_revisions"))
    return found.select_related("workspace", "created_by").order_by("name")


def find_service(*, user: User, workspace: Workspace, name: str, with_revisions: bool = True) -> Service:
    """Raises ServiceNotFound."""
    services = services_in(user=user, workspace=workspace).filter(name=name)
    found = (services if with_revisions else services.prefetch_related(None)).first()
    if found is None:
        raise ServiceNotFound(
            f"There is no service {name[:64]!r} in workspace {workspace.name!r}.",
            advice="List the services to see which there are.",
        )
    return found


def deployments_in(*, user: User, workspace: Workspace, service: str = "") -> QuerySet[Deployment]:
    """Newest first."""
    found = Deployment.objects.filter(
        revision__service__workspace=workspace, revision__service__workspace__memberships__user=user
    )
    if service:
        found = found.filter(revision__service__name=service)
    related = found.select_related("revision__service__workspace", "revision__target", "created_by")
    return related.prefetch_related("steps", "revision__model_links__version__model").order_by("-pk")


def find_deployment(*, user: User, workspace: Workspace, deployment_id: int) -> Deployment:
    """Raises DeploymentNotFound."""
    found = deployments_in(user=user, workspace=workspace).filter(pk=deployment_id).first()
    if found is None:
        raise DeploymentNotFound(
            f"There is no deployment {deployment_id} in workspace {workspace.name!r}.",
            advice="It may belong to a service that was deleted.",
        )
    return found


def find_target_row(*, workspace: Workspace, name: str) -> Target:
    """Whether it answers or not. Raises TargetNotFound."""
    found = Target.objects.filter(workspace=workspace, name=name, detached=False).select_related("created_by").first()
    if found is None:
        raise TargetNotFound(
            f"There is no compute target {name[:64]!r} in workspace {workspace.name!r}.",
            advice="List the targets to see which there are.",
        )
    return found
