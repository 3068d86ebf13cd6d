"""What scoring is, without HTTP: a call goes in, an answer comes out or a ScoringError is raised."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, Protocol

from slipway_scoring.bodies import read_rows, to_json
from slipway_scoring.deadline import within
from slipway_scoring.errors import BadInput, ResultNotSerialisable, ScoringError, ScriptFailed
from slipway_scoring.log import logger, traceback_text

# Of one batch. More calls wait for the next one, which is not far.
MOST_CALLS = 256
MOST_ROWS = 8192


@dataclass(slots=True)
class Call:
    """One request. `query` is the raw query string of a GET, None when there is a body instead.

    `headers` are (name, value) pairs of bytes, names in lower case. `path` is the address without the query.
    `began` is the moment (of perf_counter) when its last byte was here."""

    body: bytes = b""
    query: str | None = None
    media_type: str = ""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    query_string: str = ""
    method: str = "POST"
    path: str = "/score"
    dialect: "Dialect | None" = None
    exchange: Any = None
    noted: Any = None  # what the dialect read of it for the answer
    request_id: bytes = b""
    began: float = 0.0

    @property
    def named(self) -> str:
        """For the log: whoever has the answer has its id."""
        return f"request {self.request_id.decode('latin-1')}" if self.request_id else "a request"

    def abandoned(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self.exchange is not None and self.exchange.gone


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON text unless `headers` say otherwise: whole lines, each ended by CR LF.

    `elapsed_ms` is what the user's code or the model took for it; `pieces` come after `body`, made while they are
    sent; `failed`: the script says so itself."""

    body: bytes
    elapsed_ms: float | None
    status: int = 200
    headers: bytes | None = None
    failed: bool = False
    pieces: Iterator[bytes] | None = None


# A ScoringError is the caller's to read; any other exception is the server's own fault.
Outcome = Answer | BaseException


class Scorer(Protocol):
    """Scores calls, in the main thread unless it says otherwise."""

    most: int  # calls at once
    speaks_dialects: bool  # whether a call may come in another dialect than Azure's
    takes_options: bool  # whether OPTIONS, too, is a call
    any_thread: bool  # whether it may be asked in another thread than the main one, one call or batch at a time

    def score(self, calls: list[Call], *, limited: bool = True) -> list[Outcome]:
        """One outcome for each call, in their order. Only in the main thread the time can be `limited`."""

    def schemas(self, version: str) -> tuple[dict, dict] | None:
        """Input and output as swagger of `version` ("2", "3", "3.1"); None when it cannot be said there."""

    def signature(self) -> dict[str, Any]:
        """{"inputs": [{"name", "type", "shape"}], "outputs": [...]}, without them when nothing is known of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`values`, as the predictor that read them takes them. Those of one `kind` can be predicted in one go, rows of
    the one after rows of the other; None for what is predicted alone."""

    values: Any
    kind: Hashable = None
    rows: int = 1


class NotTogether(Exception):
    """These calls, after all, are better scored one by one."""


def parted(rows: Any, asked: list[Asked]) -> Iterator[Any]:
    """Of an answer to all, each one's rows. Raises NotTogether when it does not have a row for each."""
    if len(rows) != sum(each.rows for each in asked):
        raise NotTogether
    start = 0
    for each in asked:
        yield rows[start : start + each.rows]
        start += each.rows


class Predictor(Protocol):
    """A loaded model that needs no script."""

    any_thread: bool  # whether it may be asked in another thread than the one that loaded it
    takes_arrays: bool  # whether `read` takes a table of numbers as an array where others take lists

    def read(self, document: Any) -> Asked:
        """What a parsed body asks. Raises BadInput for what the model cannot take."""

    def read_tensors(self, tensors: dict[str, Any]) -> Asked:
        """The same of arrays by the name of their input. Raises BadInput."""

    def predict(self, asked: Asked) -> dict[str, Any]:
        """{"predictions": ...}, and "outputs" by name where there are several.

        Raises BadInput when the model cannot take the values."""

    def predict_together(self, asked: list[Asked]) -> list[dict[str, Any]]:
        """The same for several of one kind. May raise anything: then they are predicted one by one."""

    def example(self) -> dict[str, Any]:
        """A body of the right shape."""

    def signature(self) -> dict[str, list]:
        """As `Scorer` says."""


class Dialect(Protocol):
    """How a protocol writes down what is asked and what is answered."""

    def read(self, call: Call, predictor: Predictor) -> Asked:
        """Raises BadInput."""

    def write(self, call: Call, result: dict[str, Any]) -> bytes | Answer: ...


class AzureJson:
    """What `/score` of a model without a script takes and gives."""

    def read(self, call: Call, predictor: Predictor) -> Asked:
        if call.query is not None:
            raise BadInput("Send the rows in the body of a POST.")
        return predictor.read(read_rows(call.body, predictor.takes_arrays))

    def write(self, call: Call, result: dict[str, Any]) -> bytes:
        return to_json(result)


AZURE_JSON = AzureJson()


class ModelScorer:
    """The model's own predictions, in the words of the protocol each call came by."""

    speaks_dialects = True
    takes_options = False

    def __init__(
        self, predictor: Predictor, timeout_ms: int, batching: bool = True, facts: dict[str, Any] | None = None
    ) -> None:
        """`facts` are told beside the signature."""
        self._facts = facts or {}
        self.most = MOST_CALLS if batching else 1
        self.any_thread = predictor.any_thread
        self._predictor = predictor
        self._timeout_ms = timeout_ms

    def score(self, calls: list[Call], *, limited: bool = True) -> list[Outcome]:
        timeout_ms = self._timeout_ms if limited else None
        outcomes: list[Outcome] = [None] * len(calls)  # type: ignore[list-item]
        kinds: dict[Hashable, list[tuple[int, Asked]]] = {}
        for at, call in enumerate(calls):
            try:
                asked = (call.dialect or AZURE_JSON).read(call, self._predictor)
            except BaseException as error:
                outcomes[at] = _blamed(call, error)
                continue
            if asked.kind is None or asked.rows > MOST_ROWS // 2:
                outcomes[at] = self._alone(call, asked, timeout_ms)
            else:
                kinds.setdefault(asked.kind, []).append((at, asked))
        for group in kinds.values():
            for part in _parts(group):
                places = [at for at, _ in part]
                found = self._together([calls[at] for at in places], [asked for _, asked in part], timeout_ms)
                for at, outcome in zip(places, found, strict=True):
                    outcomes[at] = outcome
        return outcomes

    def _together(self, calls: list[Call], asked: list[Asked], timeout_ms: int | None) -> list[Outcome]:
        if len(calls) > 1:
            started = perf_counter()
            try:
                results = within(timeout_ms, self._predictor.predict_together, asked)
            except BaseException as error:  # one of them spoils it for the others, who must not suffer for it
                logger.debug("A batch of %d was taken apart: %s", len(calls), error)
            else:
                elapsed_ms = (perf_counter() - started) * 1000
                return [_written(*pair, elapsed_ms) for pair in zip(calls, results, strict=True)]
        return [self._alone(*pair, timeout_ms) for pair in zip(calls, asked, strict=True)]

    def _alone(self, call: Call, asked: Asked, timeout_ms: int | None) -> Outcome:
        started = perf_counter()
        try:
            result = within(timeout_ms, self._predictor.predict, asked)
        except BaseException as error:
            return _blamed(call, error)
        return _written(call, result, (perf_counter() - started) * 1000)

    def schemas(self, version: str) -> tuple[dict, dict]:
        sample = {"type": "object", "example": self._predictor.example()}
        return sample, {"type": "object", "properties": {"predictions": {"type": "array", "items": {}}}}

    def signature(self) -> dict[str, list]:
        try:
            return self._predictor.signature() | self._facts
        except Exception as error:  # some models only tell what they know when they are asked in their own way
            logger.warning("What the model takes and gives cannot be told:\n%s", traceback_text(error))
            return dict(self._facts)


def _parts(group: list[tuple[int, Asked]]) -> Iterator[list[tuple[int, Asked]]]:
    """Of no more rows than are good for memory and for those who wait."""
    part, rows = [], 0
    for at, asked in group:
        if rows + asked.rows > MOST_ROWS:
            yield part
            part, rows = [], 0
        part.append((at, asked))
        rows += asked.rows
    yield part


def _blamed(call: Call, error: BaseException) -> ScoringError:
    if isinstance(error, ScoringError):
        return error
    logger.error("The model failed on %s:\n%s", call.named, traceback_text(error))
    return ScriptFailed()


def _written(call: Call, result: dict[str, Any], elapsed_ms: float) -> Outcome:
    try:
        written = (call.dialect or AZURE_JSON).write(call, result)
    except ScoringError as error:
        return error
    except Exception as error:
        logger.error("The model's prediction cannot be written down:\n%s", traceback_text(error))
        return ResultNotSerialisable()
    return Answer(written, elapsed_ms) if isinstance(written, bytes) else replace(written, elapsed_ms=elapsed_ms)
