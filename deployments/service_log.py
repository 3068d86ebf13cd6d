"""What a service wrote, for people: requests as sentences, and what failed with its traceback.

The runtime (`scoring/slipway_scoring`: `log`, `access_log`) writes a line of JSON a request, and for what the caller is
not told an error with its traceback."""

import json
import re
from dataclasses import dataclass

_HEAD = re.compile(r"\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d),\d{3} ([A-Z]) \[\d+\] ")
_FAILED = re.compile(
    r"slipway - (?P<what>.{1,80}?) "
    r"(?:failed on (?P<failed>.{1,120}):|was stopped on (?P<stopped>.{1,120}?): (?P<why>.*))$"
)
_REQUEST = '{"time":'
_ACCESS = "slipway.access"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Line:
    """`tone` is "request", "bad" or ""."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """`said` is the error itself, `traceback` the way there (empty for a call that took too long)."""

    at: str
    what: str
    request_id: str
    said: str
    traceback: str


def line_of(text: str) -> Line:
    if text.startswith(_REQUEST):
        said = _access(text)
        if said:
            return said
    head = _HEAD.match(text)
    return Line(text, "bad" if head and head[2] in "EC" else "")


def failures_of(text: str) -> list[Failure]:
    """The last ones, the newest first."""
    lines, found = text.splitlines(), []
    for at, line in enumerate(lines):
        head = _HEAD.match(line)
        failed = _FAILED.match(line, head.end()) if head and head[2] == "E" else None
        if failed:
            told = failed["why"] or "\n".join(_below(lines, at + 1))
            of = failed["failed"] or failed["stopped"]
            request = of.removeprefix("request ") if of.startswith("request ") else ""
            found.append(Failure(head[1], failed["what"], request, _point(told), told if "\n" in told else ""))
    return found[: -_MOST - 1 : -1]


def failure_of(text: str, request_id: str) -> Failure | None:
    return next((each for each in failures_of(text) if request_id and each.request_id == request_id), None)


def _below(lines: list[str], start: int) -> list[str]:
    """What belongs to the line before: everything up to the next line that begins as lines of the runtime do."""
    end = start
    while end < len(lines) and not _HEAD.match(lines[end]) and not lines[end].startswith(_REQUEST):
        end += 1
    return lines[start:end]


def _point(told: str) -> str:
    """The last line of a traceback that is not indented: `ValueError: ...`."""
    return next((line for line in reversed(told.splitlines()) if line and not line[0].isspace()), "")


def _access(text: str) -> Line | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or told.get("logger") != _ACCESS:
        return None
    at = str(told.get("time", "")).replace("T", " ").rstrip("Z").replace(".", ",")
    status = told.get("status")
    bad = isinstance(status, int) and status >= 500
    return Line(f"{at} {told.get('message', '')} {told.get('request_id', '')}".rstrip(), "bad" if bad else "request")
