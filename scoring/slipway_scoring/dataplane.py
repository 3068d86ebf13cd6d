"""What scoring is, without HTTP: a call goes in, an answer comes out or a ScoringError is raised."""

from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

import orjson

from slipway_scoring.deadline import within
from slipway_scoring.errors import BadInput, ResultNotSerialisable, ScoringError, ScriptFailed
from slipway_scoring.log import logger, traceback_text


@dataclass(slots=True)
class Call:
    """One request. `query` is the raw query string of a GET, None when there is a body instead.

    `headers` are (name, value) pairs of bytes, names in lower case."""

    body: bytes = b""
    query: str | None = None
    media_type: str = ""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """JSON text, and the milliseconds the user's code or the model took for it."""

    body: bytes
    elapsed_ms: float


class Scorer(Protocol):
    """Scores one call at a time, always in the same thread."""

    def score(self, call: Call) -> Answer: ...

    def schemas(self, version: str) -> tuple[dict, dict] | None:
        """Input and output as swagger of `version` ("2", "3", "3.1"); None when it cannot be said there."""

    def signature(self) -> dict[str, list]:
        """{"inputs": [{"name", "type", "shape"}], "outputs": [...]}; {} when nothing is known of them."""


class Predictor(Protocol):
    """A loaded model that needs no script."""

    def predict(self, document: Any) -> dict[str, Any]:
        """Answers the parsed body. Raises BadInput when the model cannot take it."""

    def example(self) -> dict[str, Any]:
        """A body of the right shape."""

    def signature(self) -> dict[str, list]:
        """As `Scorer` says."""


class ModelScorer:
    """JSON in, the model's own predictions out."""

    def __init__(self, predictor: Predictor, timeout_ms: int) -> None:
        self._predictor = predictor
        self._timeout_ms = timeout_ms

    def score(self, call: Call) -> Answer:
        if call.query is not None:
            raise BadInput("Send the rows in the body of a POST.")
        document = read_json(call.body)
        started = perf_counter()
        try:
            predictions = within(self._timeout_ms, self._predictor.predict, document)
        except ScoringError:
            raise
        except BaseException as error:
            logger.error("The model failed on a request:\n%s", traceback_text(error))
            raise ScriptFailed from error
        elapsed_ms = (perf_counter() - started) * 1000
        return Answer(_to_json(predictions), elapsed_ms)

    def schemas(self, version: str) -> tuple[dict, dict]:
        sample = {"type": "object", "example": self._predictor.example()}
        return sample, {"type": "object", "properties": {"predictions": {"type": "array", "items": {}}}}

    def signature(self) -> dict[str, list]:
        try:
            return self._predictor.signature()
        except Exception as error:  # some models only tell what they know when they are asked in their own way
            logger.warning("What the model takes and gives cannot be told:\n%s", traceback_text(error))
            return {}


def read_json(body: bytes) -> Any:
    """The parsed body. NaN and Infinity are taken although JSON has no such words: Python clients send them."""
    if not body:
        raise BadInput("The body is empty; it must be JSON.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if b"NaN" in body or b"Infinity" in body:
            return _read_lenient(body)
        raise BadInput(f"The body is not JSON: {error}") from None


def _read_lenient(body: bytes) -> Any:
    import json

    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The body is not JSON: {error}") from None


def _to_json(predictions: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(predictions, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError as error:
        logger.error("The model's prediction cannot be written as JSON:\n%s", traceback_text(error))
        raise ResultNotSerialisable from error
