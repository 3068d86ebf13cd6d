from django.urls import path

from profiling import api

_ONE = "profiles/<str:name>"

urlpatterns = [
    path("profiles", api.Profiles.as_view()),
    path(_ONE, api.Profile.as_view()),
    path(f"{_ONE}/cancel", api.CancelProfile.as_view()),
    path(f"{_ONE}/resume", api.ResumeProfile.as_view()),
    path(f"{_ONE}/result", api.ProfileResult.as_view()),
    path(f"{_ONE}/points.csv", api.ProfilePoints.as_view()),
    path(f"{_ONE}/log", api.ProfileLog.as_view()),
]
