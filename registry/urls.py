from django.urls import path

from registry.views import model, models, register, version

app_name = "registry"
_VERSION = "models/<str:name>/<int:number>/"

urlpatterns = [
    path("models/", models.models, name="models"),
    path("register/", register.register, name="register"),
    path("models/<str:name>/", model.model, name="model"),
    path(_VERSION, version.version, name="version"),
    path(f"{_VERSION}tags/", version.tags, name="tags"),
    path(f"{_VERSION}description/", version.description, name="description"),
    path(f"{_VERSION}delete/", version.delete, name="delete"),
]
