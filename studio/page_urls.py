from django.contrib.auth.views import LogoutView
from django.urls import path

from studio import reference, views
from workspaces.views import settings as workspace_settings

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("account/", views.account, name="account"),
    path("account/theme/", views.theme, name="theme"),
    path("account/tokens/<int:token_id>/revoke/", views.revoke, name="revoke"),
    path("docs/api/", reference.reference, name="reference"),
    path("docs/api/<str:name>/", reference.subject, name="reference-subject"),
    path("w/<str:workspace>/settings/", workspace_settings, name="workspace-settings"),
    path("w/<str:workspace>/running/", views.running, name="running"),
    path("w/<str:workspace>/sample/", views.sample, name="sample"),
]
