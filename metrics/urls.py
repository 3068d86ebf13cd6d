from django.urls import path

from metrics import views

app_name = "metrics"

urlpatterns = [
    path("services/<str:name>/metrics/", views.service, name="service"),
]
