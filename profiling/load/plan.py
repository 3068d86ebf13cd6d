"""What to send, how, and how long: the one JSON object the program is given."""

import json
import math
import re
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import SplitResult, urlsplit

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = {"host", "content-length", "transfer-encoding", "connection", "expect"}
_MODES = {"closed": "concurrency", "open": "rate"}
# The kind of each number, the least and the most it may be.
_NUMBERS = {
    "concurrency": (int, 1, 4096),
    "rate": (float, 0.001, 1e6),
    "max_in_flight": (int, 1, 4096),
    "timeout_s": (float, 0.001, 3600),
    "warm_up_s": (float, 0, 600),
    "window_s": (float, 0.01, 3600),
    "max_window_s": (float, 0.01, 3600),
    "window_requests": (int, 1, 10**9),
    "agree": (int, 1, 100),
    "within": (float, 0, 1),
    "max_windows": (int, 1, 1000),
}


class PlanInvalid(ValueError):
    """Says which field, and what it may be."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a warm-up and a window last, and when the last windows agree so well that measuring can stop."""

    warm_up_s: float = 0.5
    window_s: float = 1.0
    max_window_s: float = 5.0
    window_requests: int = 200
    agree: int = 3
    within: float = 0.10
    max_windows: int = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """`mode` "closed": `concurrency` connections, each sends its next request when the last one is answered.
    "open": `rate` requests a second, whatever comes back, on at most `max_in_flight` connections."""

    url: str
    bodies: tuple[str, ...]
    mode: str
    headers: dict[str, str] = field(default_factory=dict)
    concurrency: int = 1
    rate: float | None = None
    max_in_flight: int = 512
    timeout_s: float = 60.0
    rule: Rule = field(default_factory=Rule)

    @property
    def connections(self) -> int:
        """At most."""
        return self.concurrency if self.mode == "closed" else self.max_in_flight

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    def requests(self) -> tuple[bytes, ...]:
        """A POST of each body, as its bytes on the wire."""
        parts = urlsplit(self.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": parts.netloc.rpartition("@")[2], **self.headers}
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        head = "\r\n".join(lines).encode("latin-1")
        return tuple(
            head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            for body in (text.encode() for text in self.bodies)
        )


def read_plan(text: str | bytes) -> Plan:
    """Raises PlanInvalid."""
    try:
        given = json.loads(text)
    except ValueError as problem:
        raise PlanInvalid(f"the plan is not JSON: {problem}")
    if not isinstance(given, dict):
        raise PlanInvalid("the plan has to be a JSON object")
    of_rule = {each.name for each in fields(Rule)}
    if unknown := sorted(set(given) - of_rule - {each.name for each in fields(Plan)} | set(given) & {"rule"}):
        raise PlanInvalid(f"a plan has no {', '.join(unknown)}")
    mode = given.get("mode")
    if mode not in _MODES:
        raise PlanInvalid('mode has to be "closed" or "open"')
    numbers = {name: _number(name, given[name]) for name in _NUMBERS if given.get(name) is not None}
    if _MODES[mode] not in numbers:
        raise PlanInvalid(f"{_MODES[mode]} is needed when mode is {mode}")
    rule = Rule(**{name: numbers.pop(name) for name in of_rule & set(numbers)})
    if rule.max_window_s < rule.window_s or rule.max_windows < rule.agree:
        raise PlanInvalid("max_window_s has to be at least window_s, and max_windows at least agree")
    texts = {"url": _url(given.get("url")), "bodies": _bodies(given.get("bodies")), "mode": mode}
    return Plan(**texts, headers=_headers(given.get("headers") or {}), rule=rule, **numbers)


def _number(name: str, value: Any) -> float:
    kind, least, most = _NUMBERS[name]
    kinds = int if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or math.isnan(value) or not least <= value <= most:
        what = "a whole number" if kind is int else "a number"
        raise PlanInvalid(f"{name} has to be {what} from {least:g} to {most:g}")
    return kind(value)


def _url(value: Any) -> str:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        fine = parts.scheme == "http" and parts.hostname and parts.port != 0 and _visible(parts)
    except ValueError:
        fine = False
    if not fine:
        raise PlanInvalid("url has to be an address that begins with http://")
    return value


def _visible(parts: SplitResult) -> bool:
    """Nothing that would end the request's first line, or its header Host, early."""
    return all("!" <= character <= "~" for character in parts.netloc + parts.path + parts.query)


def _bodies(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(body, str) for body in value):
        raise PlanInvalid("bodies has to be a list of one text or more")
    try:
        "".join(value).encode()
    except UnicodeEncodeError:
        raise PlanInvalid("bodies hold characters that UTF-8 cannot")
    return tuple(value)


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise PlanInvalid("headers has to be an object of names and texts")
    for name, text in value.items():
        if not _TOKEN.fullmatch(name) or not isinstance(text, str) or not _one_line(text):
            raise PlanInvalid(f"header {name} is not one that HTTP can carry")
        if name.lower() in _OURS:
            raise PlanInvalid(f"header {name} is set by the generator itself")
    return value


def _one_line(text: str) -> bool:
    return all(character == "\t" or " " <= character <= "~" or "\xa0" <= character <= "\xff" for character in text)
