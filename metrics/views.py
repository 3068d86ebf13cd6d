"""The page of a service's metrics."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from deployments import queries, snippets
from deployments.views import service_page
from metrics.pages import metrics_page
from metrics.series import series_of
from metrics.windows import read_window
from workspaces.models import Workspace
from workspaces.pages import in_workspace


@require_safe
@in_workspace
def service(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = queries.find_service(user=request.user, workspace=workspace, name=name, with_revisions=False)
    window = read_window(request.GET.get("range", ""))
    api = f"/api/v1/workspaces/{workspace.name}/services/{name}/metrics?range={window.range.name}"
    shown = service_page(
        request,
        workspace,
        found,
        tab="metrics",
        metrics=metrics_page(series_of(found, window)),
        live=request.GET.get("live") != "off",
        snippets=snippets.reading(
            f"slipway service metrics -n {name} --range {window.range.name}", request.build_absolute_uri(api)
        ),
    )
    return render(request, "metrics/service.html", shown)
