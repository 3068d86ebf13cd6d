"""Errors become HTTP here and nowhere else: one table, problem details (RFC 9457) or a page."""

from collections.abc import Callable
from http import HTTPStatus

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import exception_handler

from deployments import errors as deployments
from profiling import errors as profiling
from registry import errors as registry
from workspaces import errors as workspaces


class BodyTooBig(workspaces.Refusal):
    code = "body-too-big"
    title = "The body is too big"


STATUS_OF: dict[type[workspaces.Refusal], int] = {
    workspaces.NotFound: 404,
    workspaces.Invalid: 422,
    workspaces.RoleTooLow: 403,
    BodyTooBig: 413,
    registry.VersionInUse: 409,
    registry.VersionArchived: 409,
    registry.PropertyImmutable: 409,
    registry.ViewNameTaken: 409,
    registry.UploadBrokenOff: 400,
    registry.UploadBusy: 423,
    registry.UploadUnfinished: 409,
    registry.OffsetDiffers: 409,
    registry.ChecksumDiffers: 460,  # tus
    registry.TusInvalid: 400,
    registry.TusVersionUnknown: 412,
    registry.TusTypeWrong: 415,
    registry.DiskFull: 507,
    registry.BlobMissing: 500,
    registry.BlobDamaged: 500,
    registry.StoreUnavailable: 503,
    registry.RangeInvalid: 416,
    deployments.ServiceExists: 409,
    deployments.ServiceBusy: 409,
    deployments.DeploymentFinished: 409,
    deployments.TargetUnavailable: 503,
    deployments.ServiceNotReady: 409,
    deployments.TargetExists: 409,
    deployments.TargetInUse: 409,
    deployments.TargetBuiltIn: 409,
    profiling.ProfileExists: 409,
    profiling.ProfileFinished: 409,
    profiling.ProfileRunning: 409,
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
    if isinstance(exc, RequestDataTooBig):
        exc = BodyTooBig("The body is larger than this address takes.", advice="Send less, or upload it as a file.")
    if isinstance(exc, RecursionError):
        exc = workspaces.Invalid("The JSON is nested too deeply.", advice="Nothing here needs that.")
    if isinstance(exc, workspaces.Refusal):
        kind = "application/problem+json"
        return Response(problem(exc), status=status_of(exc), headers=exc.headers, content_type=kind)
    response = exception_handler(exc, context)
    if response is None:
        return None  # Django logs it and answers 500
    response.data = _of_framework(exc, response)
    response.content_type = "application/problem+json"
    return response


_ADVICE = {
    401: "Send `Authorization: Bearer TOKEN`; make a token on your account page.",
    403: "Send the CSRF token along, or use a personal token.",
    405: "The Allow header names the methods there are.",
    406: "Ask for application/json.",
    415: "Send application/json.",
}


def _of_framework(exc: Exception, response: Response) -> dict[str, object]:
    phrase = HTTPStatus(response.status_code).phrase
    body = {
        "type": "about:blank",
        "title": phrase,
        "status": response.status_code,
        "code": phrase.lower().replace(" ", "-"),
        "detail": "",
        "advice": _ADVICE.get(response.status_code, "Correct the request and send it again."),
    }
    if isinstance(exc, drf.ValidationError):
        errors = exc.detail if isinstance(exc.detail, dict) else {"": exc.detail}
        said = "; ".join(f"{field}: {_sentence(texts)}".removeprefix(": ") for field, texts in errors.items())
        return body | {"code": "invalid", "title": "Not valid", "detail": said, "errors": errors}
    if isinstance(exc, drf.NotAuthenticated):
        return body | {
            "code": "sign-in-needed",
            "detail": "This needs a signed-in user or a personal token.",
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


def _answering(status: int, code: str, detail: str, advice: str, page: Callable) -> Callable:
    """A handler for what never reached a view, or broke it: problem details below /api/, else a page."""

    def handler(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return page(request, exception) if exception else page(request)
        said = {"type": f"urn:slipway:problem:{code}", "title": HTTPStatus(status).phrase, "status": status}
        said |= {"code": code, "detail": detail, "advice": advice}
        return JsonResponse(said, status=status, content_type="application/problem+json")

    return handler


bad_request = _answering(
    400,
    "bad-request",
    "The request cannot be read.",
    "Check its address, its headers and the size of its body.",
    defaults.bad_request,
)
not_found = _answering(
    404,
    "no-such-address",
    "There is no such address.",
    "Check its spelling; addresses of the API end without a slash.",
    defaults.page_not_found,
)
server_error = _answering(
    500,
    "studio-error",
    "The studio made a mistake.",
    "It is not you; what went wrong is in the studio's log.",
    defaults.server_error,
)


class _Pages:
    """Turns refusals that leave a page's view into an error page that says what to do."""

    sync_capable = async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        # No name, path or query has one, and PostgreSQL takes none: it ends here, before any view.
        if "\x00" in request.path or any("\x00" in value for values in request.GET.lists() for value in values[1]):
            nul = workspaces.Invalid("The address holds a NUL character.", advice="Take it out.")
            return _page(request, nul)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _page(request, exception) if isinstance(exception, workspaces.Refusal) else None


pages = _Pages
