from django.urls import path

from metrics import api

urlpatterns = [
    path("services/<str:name>/metrics", api.ServiceMetrics.as_view()),
]
