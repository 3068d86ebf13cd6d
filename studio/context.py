"""What every page's frame shows."""

from django.conf import settings

from deployments.models import Deployment
from deployments.states import FINAL
from workspaces.access import workspaces_of


def shell(request) -> dict[str, object]:
    """Context of base.html: the user's workspaces, the one this page is in, deployments running there."""
    user = getattr(request, "user", None)
    theme = request.COOKIES.get("theme", "system")
    context = {"theme": theme if theme in {"light", "dark", "contrast"} else "system", "studio_url": settings.STUDIO_URL}
    if user is None or not user.is_authenticated or request.path.startswith("/admin/"):
        return context
    memberships = list(workspaces_of(user))
    name = (request.resolver_match.kwargs if request.resolver_match else {}).get("workspace")
    current = next((m for m in memberships if m.workspace.name == name), memberships[0] if memberships else None)
    running = (
        Deployment.objects.filter(revision__service__workspace=current.workspace)
        .exclude(status__in=FINAL)
        .select_related("revision__service")
        if current
        else Deployment.objects.none()
    )
    return context | {"memberships": memberships, "membership": current, "running_deployments": list(running[:10])}
