"""Every URL of the web process."""

from django.contrib import admin
from django.urls import include, path

from studio import api
from workspaces.settings_api import WorkspaceSettings

workspace_api = [
    path("", include("registry.api_urls")),
    path("", include("deployments.api_urls")),
    path("", include("profiling.api_urls")),
    path("", include("metrics.api_urls")),
    path("settings", WorkspaceSettings.as_view()),
]

workspace_pages = [
    path("", include("registry.urls")),
    path("", include("deployments.urls")),
    path("", include("profiling.urls")),
    path("", include("metrics.urls")),
]

urlpatterns = [
    path("", include("studio.page_urls")),
    path("healthz", api.health),
    path("api/v1/", api.Root.as_view()),
    path("api/v1/openapi.json", api.OpenApi.as_view(), name="openapi"),
    path("api/v1/workspaces/<str:workspace>/", include(workspace_api)),
    path("w/<str:workspace>/", include(workspace_pages)),
    path("admin/", admin.site.urls),
]

handler400 = "studio.http_errors.bad_request"
handler404 = "studio.http_errors.not_found"
handler500 = "studio.http_errors.server_error"
