"""What the gateway says when it does not pass on a workload's own answer (RFC 9457 problem details).

Details in Azure ML's words where its router has words for the case, so that callers and their
retry rules recognise them.
"""

from dataclasses import dataclass, field
from http import HTTPStatus

import orjson

MEDIA_TYPE = b"application/problem+json"
Header = tuple[bytes, bytes]


@dataclass(eq=False)
class Problem(Exception):
    status: int
    code: str
    detail: str
    advice: str
    headers: list[Header] = field(default_factory=list)

    def body(self) -> bytes:
        return orjson.dumps(
            {
                "type": f"urn:slipway:problem:{self.code}",
                "title": HTTPStatus(self.status).phrase,
                "status": self.status,
                "code": self.code,
                "detail": self.detail,
                "advice": self.advice,
            }
        )


def not_signed_in() -> Problem:
    """One answer for no key, a wrong key and an unknown service: strangers learn no names."""
    return Problem(
        401,
        "key-not-accepted",
        "No service at this address accepts this key.",
        "Send `Authorization: Bearer KEY` with the service's primary or secondary key, and check the "
        "workspace and service in the address.",
        [(b"www-authenticate", b'Bearer realm="slipway"')],
    )


def not_ready() -> Problem:
    return Problem(
        503,
        "gateway-not-ready",
        "The gateway has not been able to read its routes yet.",
        "Try again in a few seconds; if it stays, check the gateway's log and the database.",
        [(b"retry-after", b"2")],
    )


def no_such_page() -> Problem:
    return Problem(
        404,
        "no-such-page",
        "The gateway serves /services/WORKSPACE/SERVICE/… only.",
        "Use the scoring URI shown on the service's page.",
    )


def bad_path(reason: str) -> Problem:
    return Problem(400, "path-not-allowed", reason, "Use the scoring URI as shown on the service's page.")


def method_not_allowed(method: str) -> Problem:
    return Problem(
        405,
        "method-not-allowed",
        f"Services answer GET, HEAD, POST and OPTIONS, not {method}.",
        "Score with POST.",
        [(b"allow", b"GET, HEAD, POST, OPTIONS")],
    )


def request_id_too_long(limit: int) -> Problem:
    return Problem(
        431,
        "request-id-too-long",
        f"The header x-request-id is longer than {limit} characters.",
        "Shorten it, or leave it out and the gateway makes one.",
    )


def bad_request_id() -> Problem:
    return Problem(
        400,
        "request-id-not-allowed",
        "The header x-request-id holds characters other than printable ASCII.",
        "Use letters, digits and dashes, or leave it out and the gateway makes one.",
    )


def body_too_large(limit_bytes: int) -> Problem:
    return Problem(
        413,
        "body-too-large",
        f"The request body is larger than {limit_bytes // 1024**2} MB.",
        "Split the data over several requests.",
    )


def body_stalled(seconds: float) -> Problem:
    return Problem(
        408,
        "body-stalled",
        f"No byte of the request body arrived for {seconds:g} seconds.",
        "Check the connection and send the request again.",
        [(b"connection", b"close")],
    )


def nothing_live(service: str, state: str) -> Problem:
    return Problem(
        503,
        "no-ready-replicas",
        f"No ready replicas for service {service}: it is {state}.",
        "Wait for the deployment to finish, or see its log on the service's page.",
        [(b"retry-after", b"2")],
    )


def none_ready(service: str) -> Problem:
    return Problem(
        503,
        "no-ready-replicas",
        f"No ready replicas for service {service}: its revision is live, but none of its replicas is ready now.",
        "Try again in a few seconds; if it stays, see the service's log.",
        [(b"retry-after", b"2")],
    )


def unreachable(service: str) -> Problem:
    return Problem(
        503,
        "workload-unreachable",
        f"No ready replicas for service {service}: its workload does not accept connections.",
        "Try again in a few seconds; if it stays, see the service's log.",
        [(b"retry-after", b"2")],
    )


def overloaded(service: str) -> Problem:
    return Problem(
        503,
        "overloaded",
        f"Too many requests for service {service} (overloaded)",
        "Try again later, or deploy with more concurrent requests per container or a longer queue wait.",
        [(b"retry-after", b"1")],
    )


def timed_out(service: str, seconds: float) -> Problem:
    return Problem(
        504,
        "scoring-timeout",
        f"Service {service} did not answer within its scoring timeout of {seconds:g} seconds.",
        "Send less data in a request, make the model faster, or deploy with a longer scoring timeout.",
    )


def broken_reply(service: str, reason: str) -> Problem:
    return Problem(
        502,
        "reply-broken",
        f"Service {service}: {reason}.",
        "The request may have been carried out. See the service's log for the reason.",
    )
