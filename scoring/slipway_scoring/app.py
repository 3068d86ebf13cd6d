"""The routes of Azure ML's scoring server: unwraps calls, wraps answers. Runs in the event loop; scores nothing."""

from collections.abc import Callable
from urllib.parse import parse_qs

import orjson

from slipway_scoring import errors, usage
from slipway_scoring.access_log import AccessLog
from slipway_scoring.asking import HTML, JSON, RUN_SUCCEEDED, VERSION, Asking, NotReady, NotSpoken, Routes, message
from slipway_scoring.cors import Cors
from slipway_scoring.dataplane import Call, Dialect, Scorer
from slipway_scoring.exchange import Exchange, Request
from slipway_scoring.lane import Lane
from slipway_scoring.log import logger, traceback_text
from slipway_scoring.protocols import mlflow_routes, open_inference_routes
from slipway_scoring.settings import Settings
from slipway_scoring.swagger import Swagger, VersionNotServed
from slipway_scoring.tally import Board, Tally

NOT_READY = "The model is still being loaded."
UNKNOWN_PATH = (
    "There is nothing at this address. Served: /score, /swagger.json, /signature, /ready, /metrics, /usage, /; "
    "as MLflow's server /invocations, /ping, /health, /version; and the Open Inference Protocol below /v2."
)
BY_SCRIPT = "This service has an entry script, which takes what /score gets. Other protocols need a plain model."


class App:
    """`loaded` hands over the scorer once it is there; until then the health routes say so."""

    def __init__(self, settings: Settings, lane: Lane, board: Board, tally: Tally) -> None:
        self.settings = settings
        self.lane = lane
        self.tally = tally
        self.access = AccessLog()
        self._board = board
        self.cors = Cors(settings.cors_origins) if settings.cors_origins else None
        self._swagger: Swagger | None = None
        self.signature: dict[str, list] = {}
        self._scorer: Scorer | None = None
        self._routes: Routes = {
            "/score": (("GET", "POST", "OPTIONS"), self._score),
            "/swagger.json": (("GET",), self._describe),
            "/signature": (("GET",), self._tell_signature),
            "/ready": (("GET", "HEAD"), self._ready),
            "/metrics": (("GET",), self._metrics),
            "/usage": (("GET",), self._usage),
            "/": (("GET", "HEAD"), self._healthy),
            **mlflow_routes.of(self),
            **open_inference_routes.of(self),
        }

    def loaded(self, scorer: Scorer) -> None:
        self.signature = scorer.signature()
        self._swagger = Swagger(self.settings, scorer)
        self._scorer = scorer

    @property
    def is_ready(self) -> bool:
        """Of the whole server: the next connection may be any worker's."""
        return self._scorer is not None and self._board.all_were_ready()

    def __call__(self, request: Request, exchange: Exchange) -> None:
        methods, handle = self._routes.get(request.path, ((), None))
        try:
            if request.method in methods:
                handle(request, exchange)
            elif handle is None:
                exchange.answer(404, JSON + RUN_SUCCEEDED, message(UNKNOWN_PATH))
                self.tally.answered("other", 404, 0)
            else:
                allowed = ", ".join(methods)
                words = f"The method {request.method} is not allowed here; {allowed} are."
                exchange.answer(405, b"%b%ballow: %b\r\n" % (JSON, RUN_SUCCEEDED, allowed.encode()), message(words))
                self.tally.answered("other", 405, 0)
        except Exception as error:
            logger.error("The server failed on a request:\n%s", traceback_text(error))
            if not exchange.whole:
                exchange.answer(500, JSON + RUN_SUCCEEDED, message(str(errors.ResultNotSerialisable())))

    def refuse(self, status: int, words: str) -> tuple[bytes, bytes]:
        """Headers and body for what is not even a request."""
        self.tally.answered("other", status, 0)
        return JSON + RUN_SUCCEEDED, message(words)

    # Routes

    def _ready(self, request: Request, exchange: Exchange) -> None:
        status, text = (200, b'{"status":"ready"}') if self.is_ready else (503, b'{"status":"loading"}')
        exchange.answer(status, JSON, text)

    def _tell_signature(self, request: Request, exchange: Exchange) -> None:
        status, text = (200, orjson.dumps(self.signature)) if self._scorer else (503, message(NOT_READY))
        exchange.answer(status, JSON, text)

    def _healthy(self, request: Request, exchange: Exchange) -> None:
        status, text = (200, b"Healthy") if self.is_ready else (503, b"Loading")
        exchange.answer(status, HTML + VERSION, text)

    def _metrics(self, request: Request, exchange: Exchange) -> None:
        from slipway_scoring import metrics

        exchange.answer(200, metrics.CONTENT_TYPE, metrics.exposition(self._board))

    def _usage(self, request: Request, exchange: Exchange) -> None:
        exchange.answer(200, JSON, usage.document(self._board, self.settings.own_cgroup))

    def _score(self, request: Request, exchange: Exchange) -> None:
        asking = Asking(self, request, exchange, "score")
        if not asking.headers_read():
            return
        if request.method == "OPTIONS" and not (self._scorer and self._scorer.takes_options):
            asking.say(200, HTML + RUN_SUCCEEDED, b"")
        else:
            self.submit(asking)

    def submit(self, asking: Asking, dialect: Callable[[], Dialect] | None = None) -> None:
        """Has the request scored; the answer is told when it is there."""
        request = asking.request
        if self._scorer is None:
            asking.refuse(NotReady(NOT_READY))
        elif dialect is not None and not self._scorer.speaks_dialects:
            asking.refuse(NotSpoken(BY_SCRIPT))
        elif request.body is None:
            asking.refuse(errors.BodyTooLarge(self.settings.max_body_bytes))
        else:
            self.lane.submit(_call(asking, dialect and dialect()), asking.done)

    def _describe(self, request: Request, exchange: Exchange) -> None:
        asking = Asking(self, request, exchange, "other")
        if not asking.headers_read():
            return
        if self._swagger is None:
            asking.refuse(NotReady(NOT_READY))
            return
        asked = parse_qs(request.query).get("version", ["2"])[0]
        try:
            asking.say(200, JSON + RUN_SUCCEEDED, self._swagger.document(asked))
        except VersionNotServed as error:
            asking.refuse(error)


def _call(asking: Asking, dialect: Dialect | None) -> Call:
    request = asking.request
    query = request.query if request.method == "GET" else None
    media_type = request.header(b"content-type").partition(b";")[0].strip().lower().decode("latin-1")
    return Call(
        body=request.body,
        query=query,
        media_type=media_type,
        headers=request.headers,
        query_string=request.query,
        method=request.method,
        path=request.path,
        dialect=dialect,
        exchange=asking.exchange,
        request_id=asking.request_id,
        began=asking.began,
    )
