"""The page of a workspace's settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from workspaces.changing import change_settings
from workspaces.models import PicklePolicy, Role, Workspace
from workspaces.pages import in_workspace


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace
def settings(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Everybody in it may look; what is sent is saved for owners only."""
    if request.method == "POST":
        change_settings(workspace=workspace, by=request.user, pickle_policy=request.POST.get("pickle_policy", ""))
        messages.success(request, _("The settings are saved."))
        return redirect("workspace-settings", workspace.name)
    members = workspace.memberships.select_related("user").order_by("user__username")
    own = next(member.role for member in members if member.user_id == request.user.pk)
    page = {
        "workspace": workspace,
        "members": members,
        "policies": [(policy.value, policy.label, _EXPLAINED[policy]) for policy in PicklePolicy],
        "is_owner": own == Role.OWNER,
    }
    return render(request, "studio/workspace_settings.html", page)


_EXPLAINED = {
    PicklePolicy.ALLOW: "Anything can be registered. Lists, pages and the API say what each pickle may do.",
    PicklePolicy.REFUSE_UNSAFE: (
        "Refused are pickles that import names which run commands, open files or reach the network. Names that "
        "nobody vouches for are still taken, and among them some may do harm."
    ),
    PicklePolicy.KNOWN_ONLY: (
        "Refused are also pickles that import any name the studio does not know, or that cannot be followed to "
        "their end. Models with classes of your own then need another format, such as ONNX."
    ),
}
