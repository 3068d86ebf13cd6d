"""Pages of services, deployments and targets: parse, check, call one function, draw."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deployments import pages, queries, recipes, snippets
from deployments import services as verbs
from deployments.deploy_form import DeployForm, defaults
from deployments.hooks import offer_for
from deployments.log_view import service_log_view
from deployments.models import Deployment, Service
from deployments.script_form import sent_script, why_script_needed
from registry.models import ModelVersion
from registry.services import find_version
from workspaces.errors import Refusal
from workspaces.models import Workspace
from workspaces.pages import in_workspace
from workspaces.paging import page_of

TABS = {
    "try": gettext_lazy("Try it"),
    "logs": gettext_lazy("Logs"),
    "revisions": gettext_lazy("Revisions"),
    "metrics": gettext_lazy("Metrics"),
    "settings": gettext_lazy("Settings"),
}
# Tabs that are pages of other rooms, known here by the names of their addresses alone.
_ELSEWHERE = {"metrics": "metrics:service"}
# static/js/live_parts.js asks with it; lines of logs come by their own way then.
_PARTS = "X-Slipway-Parts"


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace
def deploy(request: HttpRequest, workspace: Workspace, name: str, version: int) -> HttpResponse:
    found = find_version(user=request.user, workspace=workspace, name=name, version=version)
    form = _deploy_form(request, workspace, found)
    if request.method == "POST" and form.is_valid():
        try:
            deployment = verbs.deploy(
                workspace=workspace,
                name=form.service_name,
                models=[found.reference],
                by=request.user,
                target=form.cleaned_data["target"],
                source=form.source,
                inference_config=form.inference_config,
                deployment_config=form.deployment_config,
                description=form.cleaned_data["description"],
                overwrite=form.replaces,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("deployments:service", workspace.name, deployment.revision.service.name)
    page = _deploy_page(request, workspace, found, form)
    return render(request, "deployments/deploy.html", page, status=422 if form.errors else 200)


@require_POST
@in_workspace
def deploy_summary(request: HttpRequest, workspace: Workspace, name: str, version: int) -> HttpResponse:
    """The summary beside the form, for what is chosen at the moment."""
    found = find_version(user=request.user, workspace=workspace, name=name, version=version)
    form = _deploy_form(request, workspace, found)
    return render(request, "deployments/_summary.html", _deploy_page(request, workspace, found, form))


def _deploy_form(request: HttpRequest, workspace: Workspace, version: ModelVersion) -> DeployForm:
    services = list(queries.services_in(user=request.user, workspace=workspace).filter(deleting=False))
    targets, offer = pages.targets_in(workspace), offer_for(version)
    choices = {"services": services, "targets": targets, "offer": offer}
    if request.method != "POST":
        initial = defaults(version, services, targets, request.GET, offer).as_initial()
        return DeployForm(initial=initial, **choices)
    return DeployForm(request.POST, **choices, **sent_script(request.POST, workspace, request.user))


def _deploy_page(
    request: HttpRequest, workspace: Workspace, version: ModelVersion, form: DeployForm
) -> dict[str, object]:
    """The form shown for the first time is checked like one that was sent, so that the summary is right."""
    chosen = form
    if not form.is_bound:
        sent = {key: form.get_initial_for_field(field, key) for key, field in form.fields.items()}
        chosen = DeployForm(sent | form.initial, services=form.services, targets=form.targets, offer=form.offer)
    chosen.is_valid()
    service = chosen.service_name
    return {
        "workspace": workspace,
        "version": version,
        "form": form,
        "chosen": chosen,
        "scoring_uri": Service(workspace=workspace, name=service).scoring_uri if service else "",
        "needs_script": why_script_needed(version),
        "requirements": recipes.requirements_of([version]),
        "can_convert": recipes.convertible(version),
        "snippets": snippets.of_deploying(_api(request, workspace), version, chosen),
    }


@require_safe
@in_workspace
def services(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    found = queries.services_in(user=request.user, workspace=workspace)
    page = {
        "workspace": workspace,
        "rows": pages.service_rows(found),
        "snippets": snippets.of_services(_api(request, workspace)),
    }
    return render(request, "deployments/services.html", page)


@require_safe
@in_workspace
def service(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = queries.find_service(user=request.user, workspace=workspace, name=name)
    return render(request, "deployments/service.html", service_page(request, workspace, found))


def service_page(
    request: HttpRequest, workspace: Workspace, found: Service, *, tab: str = "", **more: object
) -> dict[str, object]:
    """What `deployments/service.html` shows; `tab` is the current one where the address does not say it."""
    asked = request.GET.get("tab", "")
    tab = tab or (asked if asked in TABS and asked not in _ELSEWHERE else "try")
    serving, newest = pages.serving_revision(found), _newest(request, workspace, found)
    body = str(more.pop("body", "")) or pages.sample_for(serving)
    page = {
        "workspace": workspace,
        "service": found,
        "serving": serving,
        "revision": serving or (newest and newest.revision),
        "replicas": pages.replicas_of(serving or (newest and newest.revision)),
        "tab": tab,
        "tabs": _tabs(found, workspace, tab),
        "attempt": _attempt(request, workspace, newest),
        "body": body,
        "calls": snippets.of_scoring(found, body),
        "call_templates": snippets.scoring_templates(found),
        "snippets": snippets.of_service(_api(request, workspace), found),
    }
    if tab == "logs":
        workload, replica = getattr(serving, "workload", None), request.GET.get("replica", "")
        known, with_lines = workload.replicas if workload else [], _PARTS not in request.headers
        page["logs"] = service_log_view(workspace, found, replica, known, with_lines=with_lines)
    if tab == "revisions":
        page["revisions"] = pages.revisions_of(found)
    return page | more


def _attempt(request: HttpRequest, workspace: Workspace, newest: Deployment | None) -> pages.Attempt | None:
    """A page that is already open asks for its parts: it then also hears that the deployment went live."""
    parts = _PARTS in request.headers
    if newest is None or not (parts or pages.shows_attempt(newest)):
        return None
    return pages.attempt(workspace, newest, with_lines=not parts)


def _newest(request: HttpRequest, workspace: Workspace, found: Service) -> Deployment | None:
    rows = queries.deployments_in(user=request.user, workspace=workspace, service=found.name)
    return rows.prefetch_related(None).prefetch_related("steps").first()


def _tabs(found: Service, workspace: Workspace, current: str) -> list[dict[str, object]]:
    here = reverse("deployments:service", args=[workspace.name, found.name])
    urls = {tab: f"{here}?tab={tab}" for tab in TABS} | {"try": here}
    urls |= {tab: reverse(name, args=[workspace.name, found.name]) for tab, name in _ELSEWHERE.items()}
    return [{"name": title, "url": urls[tab], "current": tab == current, "count": None} for tab, title in TABS.items()]


@require_POST
@in_workspace
def try_service(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Sends the body in the box to the service; answers with the result alone, or the whole page."""
    found = queries.find_service(user=request.user, workspace=workspace, name=name)
    body = request.POST.get("body", "")
    page: dict[str, object] = {"body": body}
    try:
        answer = verbs.try_service(service=found, body=body.encode())
        page |= {"result": pages.try_result(answer), "failure": verbs.why_failed(service=found, answer=answer)}
    except Refusal as refusal:
        page["refusal"] = refusal
    if request.headers.get("HX-Request"):
        return render(request, "deployments/_try_result.html", page)
    return render(request, "deployments/service.html", service_page(request, workspace, found, **page))


@require_POST
@in_workspace
def regenerate_key(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = queries.find_service(user=request.user, workspace=workspace, name=name)
    slot = request.POST.get("key", "")
    verbs.regenerate_key(service=found, slot=slot)
    messages.success(request, _("The %(slot)s key is new; the old one no longer works.") % {"slot": slot.lower()})
    return redirect(f"{reverse('deployments:service', args=[workspace.name, name])}?tab=settings")


@require_POST
@in_workspace
def scale_service(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = queries.find_service(user=request.user, workspace=workspace, name=name)
    try:
        verbs.scale_service(service=found, **pages.asked_scale(request.POST))
        messages.success(request, _("%(name)s is being scaled.") % {"name": name})
    except Refusal as refusal:
        messages.error(request, f"{refusal.detail} {refusal.advice}")
    return redirect(f"{reverse('deployments:service', args=[workspace.name, name])}?tab=settings")


@require_POST
@in_workspace
def delete_service(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    service = queries.find_service(user=request.user, workspace=workspace, name=name)
    verbs.delete_service(service=service, by=request.user)
    messages.success(request, _("Service %(name)s is being deleted.") % {"name": name})
    return redirect("deployments:services", workspace.name)


@require_safe
@in_workspace
def deployments(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    asked = request.GET.get("service", "")
    found = queries.deployments_in(user=request.user, workspace=workspace, service=asked)
    shown = page_of(found, cursor=request.GET.get("cursor", ""))
    page = {
        "workspace": workspace,
        "asked": asked,
        "rows": pages.deployment_rows(shown.rows),
        "next": shown.next,
        "running": any(not row.finished for row in shown.rows),
        "snippets": snippets.of_deployments(_api(request, workspace)),
    }
    return render(request, "deployments/deployments.html", page)


@require_safe
@in_workspace
def deployment(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    found = queries.find_deployment(user=request.user, workspace=workspace, deployment_id=pk)
    page = {
        "workspace": workspace,
        "deployment": found,
        "service": found.revision.service,
        "attempt": pages.attempt(workspace, found, with_lines=_PARTS not in request.headers),
        "snippets": snippets.of_deployment(_api(request, workspace), found),
    }
    return render(request, "deployments/deployment.html", page)


@require_POST
@in_workspace
def cancel(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    found = queries.find_deployment(user=request.user, workspace=workspace, deployment_id=pk)
    try:
        verbs.cancel_deployment(deployment=found)
    except Refusal as refusal:
        messages.error(request, f"{refusal.detail} {refusal.advice}")
    return redirect("deployments:deployment", workspace.name, pk)


@require_POST
@in_workspace
def retry(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    found = queries.find_deployment(user=request.user, workspace=workspace, deployment_id=pk)
    try:
        made = verbs.retry_deployment(deployment=found, by=request.user)
    except Refusal as refusal:
        messages.error(request, f"{refusal.detail} {refusal.advice}")
        return redirect("deployments:deployment", workspace.name, pk)
    return redirect("deployments:deployment", workspace.name, made.pk)


def _api(request: HttpRequest, workspace: Workspace) -> str:
    return request.build_absolute_uri(f"/api/v1/workspaces/{workspace.name}")
