"""Errors become HTTP here and nowhere else: one table, problem details (RFC 9457) or a page."""

import logging
from http import HTTPStatus

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import exception_handler

from deployments import errors as deployments
from registry import errors as registry
from workspaces import errors as workspaces

log = logging.getLogger("studio")

STATUS_OF: dict[type[workspaces.Refusal], int] = {
    workspaces.NotFound: 404,
    workspaces.Invalid: 422,
    workspaces.RoleTooLow: 403,
    registry.VersionInUse: 409,
    registry.UploadBrokenOff: 400,
    registry.DiskFull: 507,
    deployments.ServiceExists: 409,
    deployments.ServiceBusy: 409,
    deployments.DeploymentFinished: 409,
    deployments.TargetUnavailable: 503,
    deployments.ServiceNotReady: 409,
}


def status_of(error: workspaces.Refusal) -> int:
    """The status of the nearest ancestor in the table; 400 for a refusal nobody listed."""
    return next((STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF), 400)


def problem(error: workspaces.Refusal) -> dict[str, object]:
    return {
        "type": f"urn:slipway:problem:{error.code}",
        "title": error.title,
        "status": status_of(error),
        "code": error.code,
        "detail": error.detail,
        "advice": error.advice,
        **error.extras,
    }


def problem_response(exc: Exception, context: dict) -> Response | None:
    """Django REST framework's EXCEPTION_HANDLER."""
    if isinstance(exc, workspaces.Refusal):
        return Response(problem(exc), status=status_of(exc), content_type="application/problem+json")
    response = exception_handler(exc, context)
    if response is None:
        return None  # Django logs it and answers 500
    response.data = _of_framework(exc, response)
    response.content_type = "application/problem+json"
    return response


def _of_framework(exc: Exception, response: Response) -> dict[str, object]:
    phrase = HTTPStatus(response.status_code).phrase
    body = {
        "type": "about:blank",
        "title": phrase,
        "status": response.status_code,
        "code": phrase.lower().replace(" ", "-"),
        "detail": "",
        "advice": "",
    }
    if isinstance(exc, drf.ValidationError):
        errors = exc.detail if isinstance(exc.detail, dict) else {"": exc.detail}
        said = "; ".join(f"{field}: {_sentence(texts)}" if field else _sentence(texts) for field, texts in errors.items())
        return body | {"code": "invalid", "title": "Not valid", "detail": said, "errors": errors}
    if isinstance(exc, drf.NotAuthenticated):
        return body | {
            "code": "sign-in-needed",
            "detail": "This needs a signed-in user or a personal token.",
            "advice": "Send `Authorization: Bearer TOKEN`; make a token on your account page.",
        }
    return body | {"detail": _sentence(getattr(exc, "detail", str(exc)))}


def _sentence(detail: object) -> str:
    if isinstance(detail, dict):
        return "; ".join(f"{key}: {_sentence(value)}" for key, value in detail.items())
    if isinstance(detail, list | tuple):
        return " ".join(_sentence(part) for part in detail)
    return str(detail)


def _page(request: HttpRequest, error: workspaces.Refusal) -> HttpResponse:
    status = status_of(error)
    if request.path.startswith("/api/"):
        return JsonResponse(problem(error), status=status, content_type="application/problem+json")
    return render(request, "error.html", {"error": error, "status": status}, status=status)


class _Pages:
    """Turns refusals that leave a page's view into an error page that says what to do."""

    sync_capable = async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _page(request, exception) if isinstance(exception, workspaces.Refusal) else None


pages = _Pages
