"""The two ways to say who one is."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class Token(OpenApiAuthenticationExtension):
    target_class = "workspaces.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "slp_…",
            "description": "A personal token, made on your account page.",
        }


class Session(OpenApiAuthenticationExtension):
    target_class = "workspaces.authentication.Session"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The browser's session; what changes something also needs the header X-CSRFToken.",
        }
