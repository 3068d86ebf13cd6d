from django.urls import path

from deployments import api

urlpatterns = [
    path("targets", api.Targets.as_view()),
    path("services", api.Services.as_view()),
    path("services/<str:name>", api.Service.as_view()),
    path("services/<str:name>/keys", api.Keys.as_view()),
    path("services/<str:name>/keys/regenerate", api.RegenerateKey.as_view()),
    path("services/<str:name>/logs", api.ServiceLogs.as_view()),
    path("services/<str:name>/try", api.TryService.as_view()),
    path("deployments", api.Deployments.as_view()),
    path("deployments/<int:deployment_id>", api.Deployment.as_view()),
    path("deployments/<int:deployment_id>/cancel", api.CancelDeployment.as_view()),
    path("deployments/<int:deployment_id>/retry", api.RetryDeployment.as_view()),
    path("deployments/<int:deployment_id>/log", api.DeploymentLog.as_view()),
    path("deployments/<int:deployment_id>/log/stream", api.DeploymentLogStream.as_view()),
    path("deployments/<int:deployment_id>/log.txt", api.DeploymentLogText.as_view()),
]
