from django.urls import path

from deployments import target_views, views

app_name = "deployments"
_DEPLOY = "models/<str:name>/<int:version>/deploy/"
_SERVICE = "services/<str:name>/"
_DEPLOYMENT = "deployments/<int:pk>/"
_TARGET = "targets/<str:name>/"

urlpatterns = [
    path(_DEPLOY, views.deploy, name="deploy"),
    path(f"{_DEPLOY}summary/", views.deploy_summary, name="deploy-summary"),
    path("services/", views.services, name="services"),
    path(_SERVICE, views.service, name="service"),
    path(f"{_SERVICE}try/", views.try_service, name="try"),
    path(f"{_SERVICE}scale/", views.scale_service, name="scale"),
    path(f"{_SERVICE}keys/", views.regenerate_key, name="regenerate-key"),
    path(f"{_SERVICE}delete/", views.delete_service, name="delete-service"),
    path("deployments/", views.deployments, name="deployments"),
    path(_DEPLOYMENT, views.deployment, name="deployment"),
    path(f"{_DEPLOYMENT}cancel/", views.cancel, name="cancel"),
    path(f"{_DEPLOYMENT}retry/", views.retry, name="retry"),
    path("targets/", target_views.targets, name="targets"),
    path("targets/attach/", target_views.attach, name="attach"),
    path(_TARGET, target_views.target, name="target"),
    path(f"{_TARGET}test/", target_views.test, name="test-target"),
    path(f"{_TARGET}update/", target_views.update, name="update-target"),
    path(f"{_TARGET}detach/", target_views.detach, name="detach-target"),
]
