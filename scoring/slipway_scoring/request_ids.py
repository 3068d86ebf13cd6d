"""The ids a request carries and which of them go back (Azure ML server 1.5, its headers)."""

from uuid import uuid4

from slipway_scoring.errors import ScoringError
from slipway_scoring.log import logger

LONGEST = 100
READ = frozenset((b"x-request-id", b"x-ms-client-request-id", b"x-ms-request-id", b"traceid"))

Headers = list[tuple[bytes, bytes]]


class HeaderTooLong(ScoringError):
    """The caller's id does not fit in the log and the headers."""


_warned_of_old_name = False


def reply_headers(given: dict[bytes, bytes]) -> Headers:
    """Raises HeaderTooLong. A request without an id gets one."""
    request_id = given.get(b"x-request-id") or str(uuid4()).encode()
    if len(request_id) > LONGEST:
        raise HeaderTooLong(f"x-request-id must not exceed {LONGEST} characters")
    old_name = given.get(b"x-ms-request-id", b"")
    if old_name:
        _warn_of_old_name()
    client_id = given.get(b"x-ms-client-request-id") or old_name
    if len(client_id) > LONGEST or len(old_name) > LONGEST:
        raise HeaderTooLong(f"x-ms-request-id and x-ms-client-request-id must not exceed {LONGEST} characters")
    headers = [(b"x-request-id", request_id), (b"x-ms-request-id", old_name or client_id or request_id)]
    if client_id:
        headers.append((b"x-ms-client-request-id", client_id))
    if b"traceid" in given:
        headers.append((b"traceid", given[b"traceid"]))
    return headers


def _warn_of_old_name() -> None:
    global _warned_of_old_name
    if not _warned_of_old_name:
        _warned_of_old_name = True
        logger.warning("The header x-ms-request-id is deprecated: send x-ms-client-request-id. (Said once.)")
