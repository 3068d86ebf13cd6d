from django.urls import path

from profiling.views import changes, listing, result, starting

app_name = "profiling"
_START = "models/<str:name>/<int:version>/profile/"
_PROFILE = "profiles/<str:name>/"

urlpatterns = [
    path(_START, starting.start, name="start"),
    path(f"{_START}summary/", starting.start_summary, name="start-summary"),
    path("profiles/", listing.profiles, name="profiles"),
    path("profiles/compare/", result.compare, name="compare"),
    path(_PROFILE, result.profile, name="profile"),
    path(f"{_PROFILE}cancel/", changes.cancel, name="cancel"),
    path(f"{_PROFILE}resume/", changes.resume, name="resume"),
    path(f"{_PROFILE}delete/", changes.delete, name="delete"),
]
