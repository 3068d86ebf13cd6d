from django.urls import path

from registry.views import bulk, changes, compare, model, models, register, table, version, views

app_name = "registry"
_VERSION = "models/<str:name>/<int:number>/"

urlpatterns = [
    path("models/", models.models, name="models"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("table/", table.table, name="table"),
    path("views/", views.views, name="views"),
    path("views/<int:pk>/", views.saved_view, name="saved-view"),
    path("register/", register.register, name="register"),
    path("models/<str:name>/", model.model, name="model"),
    path(_VERSION, version.version, name="version"),
    path(f"{_VERSION}tags/", changes.tags, name="tags"),
    path(f"{_VERSION}description/", changes.description, name="description"),
    path(f"{_VERSION}properties/", changes.properties, name="properties"),
    path(f"{_VERSION}aliases/", changes.aliases, name="aliases"),
    path(f"{_VERSION}stage/", changes.stage, name="stage"),
    path(f"{_VERSION}verify/", changes.verify, name="verify"),
    path(f"{_VERSION}delete/", changes.delete, name="delete"),
    path("compare/", compare.compare, name="compare"),
    path("compare/candidates/", compare.candidates, name="candidates"),
]
