"""Which operation can refuse with which code: its own errors, and what every operation like it can answer.

Statuses, codes and titles are asked of `studio.http_errors`, so that the document cannot disagree with it.
"""

import json
from functools import cache

from django.core.exceptions import RequestDataTooBig
from django.test import RequestFactory
from rest_framework import exceptions as drf

from studio import http_errors
from workspaces.api import WorkspaceView
from workspaces.errors import Invalid, Refusal, RoleTooLow, WorkspaceNotFound
from workspaces.operations import JSON, Operation

Problem = dict[str, object]
SAFE = {"GET", "HEAD", "OPTIONS"}
_NOT_VALID = drf.ValidationError({"name": ["This field is required."]})


def problems_of(view: type, method: str, operation: Operation, path: str) -> list[Problem]:
    """One example of everything the operation can refuse."""
    found = [_of(kind) for kind in operation.errors]
    found += [_of_exception(drf.NotAuthenticated()), _of_exception(drf.AuthenticationFailed())]
    found += [_of_exception(drf.NotAcceptable()), _of_handler("server_error")]
    if method not in SAFE:
        found.append(_of_exception(drf.PermissionDenied("CSRF Failed: CSRF token missing.")))
    if issubclass(view, WorkspaceView):
        # Invalid: a NUL character in the address.
        found += [_of(WorkspaceNotFound), _of(Invalid), _of_handler("not_found")]
        if method not in SAFE:
            found.append(_of(RoleTooLow))
    if operation.body:
        found.append(_of_handler("bad_request"))
    if operation.body and operation.body.media_type == JSON:
        found.append(_of_exception(RequestDataTooBig()))
        if view.parser_classes:
            found += [_of_exception(drf.ParseError()), _of_exception(drf.UnsupportedMediaType("text/plain"))]
            found.append(_of_exception(_NOT_VALID))
    if operation.strict:
        found.append(_of_exception(_NOT_VALID))
    return list({(problem["status"], problem["code"]): problem for problem in found}.values())


@cache
def _of(kind: type[Refusal]) -> Problem:
    return http_errors.problem(kind(f"{kind.title}.", advice="What to do about it is said here."))


def _of_exception(exc: Exception) -> Problem:
    return http_errors.problem_response(exc, {}).data


@cache
def _of_handler(name: str) -> Problem:
    """Of the handlers for requests that never reached a view, or broke it."""
    return json.loads(getattr(http_errors, name)(RequestFactory().get("/api/v1/")).content)
