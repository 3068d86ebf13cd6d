from django.urls import path

from deployments.consumers import DeploymentLog, ServiceLog

websocket_urlpatterns = [
    path("ws/workspaces/<str:workspace>/deployments/<int:deployment_id>/log", DeploymentLog.as_asgi()),
    path("ws/workspaces/<str:workspace>/services/<str:name>/log", ServiceLog.as_asgi()),
]
