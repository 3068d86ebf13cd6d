"""Pages of compute targets: parse, check, call one verb, draw."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deployments import clusters, pages, queries, snippets
from deployments.models import Target
from deployments.target_form import ClusterForm, initial_of
from workspaces.access import enter
from workspaces.errors import Refusal
from workspaces.models import Role, Workspace
from workspaces.pages import in_workspace

_SECRETS = ("kubeconfig", "registry_password")


@require_safe
@in_workspace
def targets(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    page = {
        "workspace": workspace,
        "targets": pages.targets_in(workspace),
        "is_owner": _is_owner(request, workspace),
        "snippets": snippets.of_targets(_api(request, workspace)),
    }
    return render(request, "deployments/targets.html", page)


@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace
def attach(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    enter(request.user, workspace.name, at_least=Role.OWNER, among=request.memberships)
    form = ClusterForm(request.POST or None, request.FILES or None, initial={"access": "auto"})
    if request.method == "POST" and form.is_valid():
        try:
            name = form.cleaned_data["name"]
            clusters.attach_kubernetes(workspace=workspace, name=name, asked=form.asked, by=request.user)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(name)s is attached; services can be deployed to it.") % {"name": name})
            return redirect("deployments:target", workspace.name, name)
    return _form(request, workspace, form)


@require_safe
@in_workspace
def target(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = queries.find_target_row(workspace=workspace, name=name)
    return _page(request, workspace, found)


@require_POST
@in_workspace
def test(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    """The page with what the test found; nothing is stored, so nothing is redirected to."""
    found = queries.find_target_row(workspace=workspace, name=name)
    try:
        report, refusal = clusters.test_target(target=found), None
    except Refusal as exc:
        report, refusal = None, exc
    found.refresh_from_db()
    return _page(request, workspace, found, report=report, refusal=refusal)


@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace
def update(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    enter(request.user, workspace.name, at_least=Role.OWNER, among=request.memberships)
    found = queries.find_target_row(workspace=workspace, name=name)
    if found.kind != Target.Kind.KUBERNETES:
        return redirect("deployments:target", workspace.name, name)
    form = ClusterForm(request.POST or None, request.FILES or None, target=found, initial=initial_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            clusters.update_kubernetes(target=found, asked=form.asked)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(name)s is changed.") % {"name": name})
            return redirect("deployments:target", workspace.name, name)
    return _form(request, workspace, form)


@require_POST
@in_workspace
def detach(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    enter(request.user, workspace.name, at_least=Role.OWNER, among=request.memberships)
    found = queries.find_target_row(workspace=workspace, name=name)
    try:
        clusters.detach(target=found)
    except Refusal as refusal:
        messages.error(request, f"{refusal.detail} {refusal.advice}")
        return redirect("deployments:target", workspace.name, name)
    messages.success(request, _("%(name)s is detached.") % {"name": name})
    return redirect("deployments:targets", workspace.name)


def _form(request: HttpRequest, workspace: Workspace, form: ClusterForm) -> HttpResponse:
    page = {
        "workspace": workspace,
        "form": form,
        "target": form.target,
        "default_namespace": clusters.default_namespace(workspace),
        "rbac": clusters.rbac(workspace=workspace),
        "snippets": snippets.of_attaching(_api(request, workspace)),
    }
    return render(request, "deployments/cluster_form.html", page, status=422 if form.errors else 200)


def _page(request: HttpRequest, workspace: Workspace, found: Target, **more: object) -> HttpResponse:
    namespace = found.connection.get("namespace", "")
    page = {
        "workspace": workspace,
        "target": found,
        "services": pages.services_on(found),
        "rbac": clusters.rbac(workspace=workspace, namespace=namespace) if namespace else "",
        "snippets": snippets.of_target(_api(request, workspace), found),
        "is_owner": _is_owner(request, workspace),
    }
    return render(request, "deployments/target.html", page | more)


def _is_owner(request: HttpRequest, workspace: Workspace) -> bool:
    return any(mine.workspace_id == workspace.pk and mine.role == Role.OWNER for mine in request.memberships)


def _api(request: HttpRequest, workspace: Workspace) -> str:
    return request.build_absolute_uri(f"/api/v1/workspaces/{workspace.name}")
