from django.urls import path

from deployments import api, target_api

urlpatterns = [
    path("targets", target_api.Targets.as_view()),
    path("targets/<str:name>", target_api.Target.as_view()),
    path("targets/<str:name>/test", target_api.TestTarget.as_view()),
    path("kubernetes/rbac.yaml", target_api.Rbac.as_view()),
    path("services", api.Services.as_view()),
    path("services/<str:name>", api.Service.as_view()),
    path("services/<str:name>/scale", api.ScaleService.as_view()),
    path("services/<str:name>/keys", api.Keys.as_view()),
    path("services/<str:name>/keys/regenerate", api.RegenerateKey.as_view()),
    path("services/<str:name>/logs", api.ServiceLogs.as_view()),
    path("services/<str:name>/log", api.ServiceLog.as_view()),
    path("services/<str:name>/log/stream", api.ServiceLogStream.as_view()),
    path("services/<str:name>/log.txt", api.ServiceLogText.as_view()),
    path("services/<str:name>/try", api.TryService.as_view()),
    path("deployments", api.Deployments.as_view()),
    path("deployments/<int:deployment_id>", api.Deployment.as_view()),
    path("deployments/<int:deployment_id>/cancel", api.CancelDeployment.as_view()),
    path("deployments/<int:deployment_id>/retry", api.RetryDeployment.as_view()),
    path("deployments/<int:deployment_id>/log", api.DeploymentLog.as_view()),
    path("deployments/<int:deployment_id>/log/stream", api.DeploymentLogStream.as_view()),
    path("deployments/<int:deployment_id>/log.txt", api.DeploymentLogText.as_view()),
]
