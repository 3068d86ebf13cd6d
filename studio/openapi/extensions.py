"""What drf-spectacular cannot know by itself: the two ways to say who one is, and fields of our own."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension


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


class _Number(OpenApiSerializerFieldExtension):
    target_class = "registry.api.requests.NumberField"

    def map_serializer_field(self, auto_schema, direction):
        return {"type": "number"}


class _AnyJson(OpenApiSerializerFieldExtension):
    target_class = "registry.api.requests.AnyJson"

    def map_serializer_field(self, auto_schema, direction):
        return {}


class _Config(OpenApiSerializerFieldExtension):
    target_class = "deployments.serializers.ConfigField"

    def map_serializer_field(self, auto_schema, direction):
        return {"type": ["string", "object"], "description": "The text of the file, or an object."}


class _Numbers(OpenApiSerializerFieldExtension):
    target_class = "profiling.serializers.NumbersField"

    def map_serializer_field(self, auto_schema, direction):
        several = {"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 100}
        return {"oneOf": [{"type": "number"}, several], "description": "A number, or a list of them."}
