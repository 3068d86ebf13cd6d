"""The ids a request carries and which of them go back (Azure ML server 1.5, its headers)."""

import os
from itertools import count

from slipway_scoring.errors import ScoringError
from slipway_scoring.log import logger

LONGEST = 100
READ = frozenset((b"x-request-id", b"x-ms-client-request-id", b"x-ms-request-id", b"traceid"))

_numbers = count()
_prefix = b""


def _begin_anew() -> None:
    """Each process has a random start of its own."""
    global _prefix
    start = os.urandom(10).hex()
    _prefix = f"{start[:8]}-{start[8:12]}-4{start[13:16]}-8{start[17:20]}".encode()


_begin_anew()
os.register_at_fork(after_in_child=_begin_anew)
_warned_of_old_name = False


class HeaderTooLong(ScoringError):
    """The caller's id does not fit in the log and the headers."""


def _new_id() -> bytes:
    """Looks like a UUID and is as unique: the process's own random start, then a number."""
    return b"%b-%012x" % (_prefix, next(_numbers))


def reply_headers(given: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """The id of the request, which gets one when it has none, and the lines that go back.

    Raises HeaderTooLong."""
    request_id = client_id = old_name = trace = b""
    for name, value in given:
        if name in READ:
            if name == b"x-request-id":
                request_id = value
            elif name == b"x-ms-client-request-id":
                client_id = value
            elif name == b"x-ms-request-id":
                old_name = value
            else:
                trace = b"traceid: %b\r\n" % value
    request_id = request_id or _new_id()
    if len(request_id) > LONGEST:
        raise HeaderTooLong(f"x-request-id must not exceed {LONGEST} characters")
    if old_name:
        _warn_of_old_name()
    client_id = client_id or old_name
    if len(client_id) > LONGEST or len(old_name) > LONGEST:
        raise HeaderTooLong(f"x-ms-request-id and x-ms-client-request-id must not exceed {LONGEST} characters")
    lines = b"x-request-id: %b\r\nx-ms-request-id: %b\r\n" % (request_id, old_name or client_id or request_id)
    if client_id:
        lines += b"x-ms-client-request-id: %b\r\n" % client_id
    return request_id, lines + trace


def _warn_of_old_name() -> None:
    global _warned_of_old_name
    if not _warned_of_old_name:
        _warned_of_old_name = True
        logger.warning("The header x-ms-request-id is deprecated: send x-ms-client-request-id. (Said once.)")
