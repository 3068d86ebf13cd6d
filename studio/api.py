"""REST that belongs to no workspace."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.response import Response
from rest_framework.views import APIView

import studio
from workspaces.access import workspaces_of


def health(request: HttpRequest) -> JsonResponse:
    """Whether the web process answers; asked by the supervisor, without signing in."""
    return JsonResponse({"status": "ok"})


class Root(APIView):
    """Who am I here, and where is what."""

    def get(self, request):
        return Response(
            {
                "version": studio.__version__,
                "user": request.user.username,
                "gateway_url": settings.GATEWAY_URL,
                "workspaces": [
                    {"name": membership.workspace.name, "role": membership.role}
                    for membership in workspaces_of(request.user)
                ],
            }
        )


class OpenApi(APIView):
    """All of this, for programs."""

    def get(self, request):
        # Made when first asked for: most processes never are.
        from studio.openapi.document import as_json

        return HttpResponse(as_json(), content_type="application/json")
