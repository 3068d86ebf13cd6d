"""From the path a caller asks for to the service it means and the path the workload sees.

The path is passed on as it was written, so whatever a workload could read as "go up" or as
another host is refused here instead of being cleaned: nothing is ever interpreted twice.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from gateway import problems

NAME = rb"[A-Za-z0-9][A-Za-z0-9._-]{0,254}"
SERVICE = re.compile(rb"/services/(" + NAME + rb")/(" + NAME + rb")(/.*)?")
NOT_PLAIN = re.compile(rb"[^\x21-\x7e]")
BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
CONTROL = re.compile(rb"[\x00-\x1f\x7f\\]")
MAX_DECODINGS = 3


class Address(NamedTuple):
    workspace: str
    service: str
    prefix: bytes
    path: bytes


@lru_cache(maxsize=1024)
def parse(raw_path: bytes) -> Address:
    """`/services/ws/name/score` → (ws, name, `/services/ws/name`, `/score`).

    Raises Problem 404 outside `/services/`, 400 for a path that is not safe to pass on."""
    found = SERVICE.fullmatch(raw_path)
    if found is None:
        raise problems.no_such_page()
    workspace, service, path = found.groups()
    prefix = raw_path[: found.end(2)]
    return Address(workspace.decode(), service.decode(), prefix, _checked(path or b"/"))


def check_query(query: bytes) -> None:
    if NOT_PLAIN.search(query):
        raise problems.bad_path("The query holds characters that must be percent-encoded.")


def _checked(path: bytes) -> bytes:
    if NOT_PLAIN.search(path) or BAD_ESCAPE.search(path):
        raise problems.bad_path("The path is not a valid URL path.")
    shown = path
    for _ in range(MAX_DECODINGS):
        _refuse_steps(shown)
        decoded = unquote_to_bytes(shown)
        if decoded == shown:
            return path
        if decoded.count(b"/") != shown.count(b"/"):
            raise problems.bad_path("The path holds an encoded slash.")
        shown = decoded
    raise problems.bad_path("The path is percent-encoded several times over.")


def _refuse_steps(path: bytes) -> None:
    if b"//" in path:
        raise problems.bad_path("The path holds an empty segment (//).")
    if CONTROL.search(path):
        raise problems.bad_path("The path holds a backslash or a control character.")
    # Some servers cut `;parameters` off a segment before they look at it, so `..;x` counts as `..`.
    if any(segment.partition(b";")[0] in (b".", b"..") for segment in path.split(b"/")):
        raise problems.bad_path("The path holds a . or .. segment.")
