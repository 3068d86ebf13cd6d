from django.urls import path

from registry import views

app_name = "registry"
_VERSION = "models/<str:name>/<int:number>/"

urlpatterns = [
    path("models/", views.models, name="models"),
    path("register/", views.register, name="register"),
    path("models/<str:name>/", views.model, name="model"),
    path(_VERSION, views.version, name="version"),
    path(f"{_VERSION}tags/", views.tags, name="tags"),
    path(f"{_VERSION}description/", views.description, name="description"),
    path(f"{_VERSION}delete/", views.delete, name="delete"),
]
