"""One request on its way through the server: what goes back with every answer, and how errors become HTTP."""

from collections.abc import Callable
from time import perf_counter
from typing import Protocol

import orjson

from slipway_scoring import __version__, errors, request_ids
from slipway_scoring.access_log import AccessLog
from slipway_scoring.cors import Cors
from slipway_scoring.dataplane import Answer, Dialect, Outcome
from slipway_scoring.exchange import Exchange, Request
from slipway_scoring.log import logger, traceback_text
from slipway_scoring.settings import Settings
from slipway_scoring.swagger import VersionNotServed
from slipway_scoring.tally import Tally

Handler = Callable[[Request, Exchange], None]
Routes = dict[str, tuple[tuple[str, ...], Handler]]

JSON = b"content-type: application/json\r\n"
HTML = b"content-type: text/html; charset=utf-8\r\n"
RUN_SUCCEEDED = b"x-ms-run-function-failed: False\r\n"
RUN_FAILED = b"x-ms-run-function-failed: True\r\n"
VERSION = f"x-ms-server-version: slipway-scoring/{__version__}\r\n".encode()


class NotReady(errors.ScoringError):
    """Asked before the model was loaded."""


class NotSpoken(errors.ScoringError):
    """A protocol that what is served here cannot be asked in."""


STATUS_OF = {
    errors.BadInput: 400,
    VersionNotServed: 404,
    errors.BodyTooLarge: 413,
    errors.InputNotJson: 415,
    request_ids.HeaderTooLong: 431,
    NotReady: 503,
    NotSpoken: 404,
    errors.ScriptFailed: 500,
    errors.ScoringTimedOut: 500,
    errors.ResultNotSerialisable: 500,
}
BLAMED_ON_RUN = (errors.ScriptFailed, errors.ScoringTimedOut)


class Host(Protocol):
    """What requests are asked of: the application, as the protocols see it."""

    settings: Settings
    signature: dict[str, list]
    access: AccessLog
    cors: Cors | None
    tally: Tally

    @property
    def is_ready(self) -> bool: ...

    def submit(self, asking: "Asking", dialect: Callable[[], Dialect] | None = None) -> None:
        """Has the request scored; the answer is told when it is there."""


class Asking:
    """One request on its way through: ids and cross-origin headers go back whatever becomes of it. `words` writes an
    error as the protocol's clients read it."""

    __slots__ = ("_headers", "app", "began", "exchange", "request", "request_id", "route", "words")

    def __init__(
        self,
        app: Host,
        request: Request,
        exchange: Exchange,
        route: str,
        words: Callable[[Exception], bytes] | None = None,
    ) -> None:
        self.app, self.request, self.exchange, self.route = app, request, exchange, route
        self.words = words or _words
        self.began = perf_counter()
        self._headers = VERSION
        self.request_id = b""

    def headers_read(self) -> bool:
        """Whether the request's own headers can be taken; where not, it is answered."""
        try:
            self.request_id, ids = request_ids.reply_headers(self.request.headers)
        except request_ids.HeaderTooLong as error:
            self.refuse(error)
            return False
        self._headers += ids
        if self.app.cors:
            asked = self.request.header(b"access-control-request-headers")
            self._headers += self.app.cors.headers(self.request.header(b"origin"), asked)
        return True

    def done(self, outcome: Outcome) -> None:
        if self.exchange.gone:
            logger.info("A client went away before it was answered (%s).", self.request_id.decode("latin-1"))
        elif isinstance(outcome, Answer):
            self._told(outcome)
        elif isinstance(outcome, errors.ScoringError):
            self.refuse(outcome)
        else:
            logger.error("The server failed on a request:\n%s", traceback_text(outcome))
            self.refuse(errors.ResultNotSerialisable())

    def _told(self, answer: Answer) -> None:
        headers = (JSON if answer.headers is None else answer.headers) + (
            RUN_FAILED if answer.failed else RUN_SUCCEEDED
        )
        if answer.elapsed_ms is not None:
            headers += b"x-ms-run-fn-exec-ms: %.3f\r\n" % answer.elapsed_ms
        if answer.pieces is None:
            self.say(answer.status, headers, answer.body)
        else:
            self.exchange.begin(answer.status, self._headers + headers)
            self._counted(answer.status, 0)

    def refuse(self, error: errors.ScoringError) -> None:
        blame = RUN_FAILED if isinstance(error, BLAMED_ON_RUN) else RUN_SUCCEEDED
        self.say(STATUS_OF[type(error)], JSON + blame, self.words(error))

    def say(self, status: int, headers: bytes, body: bytes) -> None:
        self.exchange.answer(status, self._headers + headers, body)
        self._counted(status, len(body))

    def _counted(self, status: int, size: int) -> None:
        elapsed_s = perf_counter() - self.began
        request = self.request
        self.app.tally.answered(self.route, status, elapsed_s)
        self.app.access.add(request.method, request.path, status, elapsed_s * 1000, size, self.request_id)


def _words(error: Exception) -> bytes:
    return message(str(error))


def message(words: str) -> bytes:
    return orjson.dumps({"message": words})
