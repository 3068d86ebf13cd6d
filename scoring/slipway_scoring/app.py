"""The routes of Azure ML's scoring server as a bare ASGI application; unwraps calls, wraps answers."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs

import orjson

from slipway_scoring import __version__, body, errors, request_ids
from slipway_scoring.access_log import AccessLog
from slipway_scoring.cors import Cors
from slipway_scoring.dataplane import Call, Scorer
from slipway_scoring.lane import Lane
from slipway_scoring.log import logger, traceback_text
from slipway_scoring.settings import Settings
from slipway_scoring.swagger import Swagger, VersionNotServed

Headers = list[tuple[bytes, bytes]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

JSON = (b"content-type", b"application/json")
HTML = (b"content-type", b"text/html; charset=utf-8")
RUN_SUCCEEDED = (b"x-ms-run-function-failed", b"False")
RUN_FAILED = (b"x-ms-run-function-failed", b"True")
VERSION = (b"x-ms-server-version", f"slipway-scoring/{__version__}".encode())
READ = request_ids.READ | {b"content-length", b"content-type", b"origin", b"access-control-request-headers"}

NOT_READY = "The model is still being loaded."
UNKNOWN_PATH = "There is nothing at this address. Served: /score, /swagger.json, /signature, /ready and /."


class NotReady(errors.ScoringError):
    """Asked before the model was loaded."""


STATUS_OF = {
    errors.BadInput: 400,
    VersionNotServed: 404,
    body.BodyTooLarge: 413,
    errors.InputNotJson: 415,
    request_ids.HeaderTooLong: 431,
    NotReady: 503,
    errors.ScriptFailed: 500,
    errors.ScoringTimedOut: 500,
    errors.ResultNotSerialisable: 500,
}
BLAMED_ON_RUN = (errors.ScriptFailed, errors.ScoringTimedOut)


class App:
    """`load` hands over the scorer once it is there; until then the health routes say so."""

    def __init__(self, settings: Settings, lane: Lane) -> None:
        self._lane = lane
        self._settings = settings
        self._cors = Cors(settings.cors_origins) if settings.cors_origins else None
        self._access = AccessLog()
        self._swagger: Swagger | None = None
        self._signature = b"{}"
        self._routes = {
            "/score": (("GET", "POST", "OPTIONS"), self._score),
            "/swagger.json": (("GET",), self._describe),
            "/signature": (("GET",), self._tell_signature),
            "/ready": (("GET", "HEAD"), self._ready),
            "/": (("GET", "HEAD"), self._healthy),
        }

    def loaded(self, scorer: Scorer) -> None:
        self._signature = orjson.dumps(scorer.signature())
        self._swagger = Swagger(self._settings, scorer)

    async def __call__(self, scope: dict[str, Any], receive: body.Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        methods, handle = self._routes.get(path, ((), None))
        if method in methods:
            await handle(scope, receive, send)
        elif handle is None:
            await _send(send, 404, [JSON, RUN_SUCCEEDED], _message(UNKNOWN_PATH))
        else:
            allowed = ", ".join(methods)
            words = f"The method {method} is not allowed here; {allowed} are."
            await _send(send, 405, [JSON, RUN_SUCCEEDED, (b"allow", allowed.encode())], _message(words))

    async def _ready(self, scope: dict[str, Any], receive: body.Receive, send: Send) -> None:
        status, text = (200, b'{"status":"ready"}') if self._swagger else (503, b'{"status":"loading"}')
        await _send(send, status, [JSON], text)

    async def _tell_signature(self, scope: dict[str, Any], receive: body.Receive, send: Send) -> None:
        status, text = (200, self._signature) if self._swagger else (503, _message(NOT_READY))
        await _send(send, status, [JSON], text)

    async def _healthy(self, scope: dict[str, Any], receive: body.Receive, send: Send) -> None:
        status, text = (200, b"Healthy") if self._swagger else (503, b"Loading")
        await _send(send, status, [HTML, VERSION], text)

    async def _score(self, scope: dict[str, Any], receive: body.Receive, send: Send) -> None:
        await self._answer(scope, receive, send, self._scored)

    async def _describe(self, scope: dict[str, Any], receive: body.Receive, send: Send) -> None:
        await self._answer(scope, receive, send, self._described)

    async def _answer(self, scope: dict[str, Any], receive: body.Receive, send: Send, produce: Any) -> None:
        """Ids and cross-origin headers around what `produce` makes, errors turned into their status."""
        started = perf_counter()
        given = {name: value for name, value in scope["headers"] if name in READ}
        headers: Headers = [VERSION]
        try:
            headers += request_ids.reply_headers(given)
            if self._cors:
                headers += self._cors.headers(given.get(b"origin"), given.get(b"access-control-request-headers"))
            status, extra, text = await produce(scope, given, receive)
        except body.ClientGone:
            logger.info("A client went away before its request was whole.")
            return
        except errors.ScoringError as error:
            status, extra, text = _refused(error)
        except Exception as error:
            logger.error("The server failed on a request:\n%s", traceback_text(error))
            status, extra, text = _refused(errors.ResultNotSerialisable())
        await _send(send, status, headers + extra, text)
        elapsed_ms = (perf_counter() - started) * 1000
        self._access.add(scope["method"], scope["path"], status, elapsed_ms, len(text))

    async def _scored(
        self, scope: dict[str, Any], given: dict[bytes, bytes], receive: body.Receive
    ) -> tuple[int, Headers, bytes]:
        if scope["method"] == "OPTIONS":
            return 200, [HTML, RUN_SUCCEEDED], b""
        if self._swagger is None:
            raise NotReady(NOT_READY)
        answer = await self._lane.score(await self._call(scope, given, receive))
        elapsed = (b"x-ms-run-fn-exec-ms", b"%.3f" % answer.elapsed_ms)
        return 200, [JSON, RUN_SUCCEEDED, elapsed], answer.body

    async def _call(self, scope: dict[str, Any], given: dict[bytes, bytes], receive: body.Receive) -> Call:
        if scope["method"] == "GET":
            return Call(query=scope["query_string"].decode("latin-1"), headers=scope["headers"])
        content = await body.read(receive, given.get(b"content-length"), self._settings.max_body_bytes)
        media_type = given.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
        return Call(body=content, media_type=media_type, headers=scope["headers"])

    async def _described(
        self, scope: dict[str, Any], given: dict[bytes, bytes], receive: body.Receive
    ) -> tuple[int, Headers, bytes]:
        if self._swagger is None:
            raise NotReady(NOT_READY)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("version", ["2"])[0]
        return 200, [JSON, RUN_SUCCEEDED], self._swagger.document(asked)


def _refused(error: errors.ScoringError) -> tuple[int, Headers, bytes]:
    blame = RUN_FAILED if isinstance(error, BLAMED_ON_RUN) else RUN_SUCCEEDED
    return STATUS_OF[type(error)], [JSON, blame], _message(str(error))


def _message(words: str) -> bytes:
    return orjson.dumps({"message": words})


async def _send(send: Send, status: int, headers: Headers, text: bytes) -> None:
    headers.append((b"content-length", b"%d" % len(text)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
