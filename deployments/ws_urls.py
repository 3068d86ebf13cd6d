from django.urls import path

from deployments.consumers import DeploymentLog

websocket_urlpatterns = [
    path("ws/workspaces/<str:workspace>/deployments/<int:deployment_id>/log", DeploymentLog.as_asgi()),
]
