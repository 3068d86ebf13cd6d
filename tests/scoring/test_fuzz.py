"""Whatever arrives, in whatever pieces, is answered or refused: nothing gets through to the event loop."""

import asyncio
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slipway_scoring import loaders
from slipway_scoring.connection import Connection, Shared
from slipway_scoring.dataplane import AZURE_JSON, Call, ModelScorer
from slipway_scoring.errors import ScoringError
from slipway_scoring.exchange import Exchange, Request
from slipway_scoring.protocols.mlflow_server import Invocations
from slipway_scoring.protocols.open_inference import Infer
from slipway_scoring.protocols.served import Served

from tests.scoring import models

MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Wire:
    """What a connection writes to: keeps it."""

    def __init__(self) -> None:
        self.written, self.closed = b"", False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def spoken(pieces: list[bytes]) -> tuple[bytes, list[Request]]:
    """What comes back, and the requests that were understood."""
    understood: list[Request] = []

    def answer(request: Request, exchange: Exchange) -> None:
        understood.append(request)
        exchange.answer(200 if request.body is not None else 413, b"", request.body or b"")

    async def speak() -> bytes:
        shared = Shared(answer, lambda status, words: (b"", words.encode()), 1000)
        shared.tick()
        connection, wire = Connection(shared), Wire()
        connection.connection_made(wire)
        for piece in pieces:
            if not wire.closed:
                connection.data_received(piece)
        shared.tick()
        connection.expire()
        connection.connection_lost(None)
        return wire.written

    return asyncio.run(speak()), understood


LINES = st.sampled_from([
    b"POST /score HTTP/1.1\r\n", b"GET /?a=b HTTP/1.0\r\n", b"HEAD http://x/y HTTP/1.1\r\n",
    b"CONNECT x:1 HTTP/1.1\r\n",
    b"host: x\r\n", b"content-length: 5\r\n", b"content-length: 5\r\ncontent-length: 6\r\n", b"content-length: -1\r\n",
    b"content-length: 99999999999999999999999\r\n", b"transfer-encoding: chunked\r\n", b"expect: 100-continue\r\n",
    b"upgrade: h2c\r\nconnection: upgrade\r\n", b"connection: close\r\n", b"\r\n", b"hello", b"5\r\nhello\r\n0\r\n\r\n",
    b"ffffffff\r\n", b"x" * 2000, b"\x00", b"\xff\xfe", b"x-long: " + b"y" * 70_000 + b"\r\n",
])  # fmt: skip


@MANY
@given(st.lists(LINES | st.binary(max_size=40), max_size=30))
def test_no_bytes_break_a_connection(pieces):
    back, understood = spoken(pieces)
    assert back.count(b"HTTP/1.1 ") >= len(understood)
    assert not back or back.startswith(b"HTTP/1.1 ")


@MANY
@given(st.lists(st.binary(max_size=60), max_size=8), st.lists(st.integers(1, 50), max_size=40))
def test_requests_are_the_same_however_their_bytes_are_cut(bodies, cuts):
    whole = b"".join(
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body) for body in bodies
    )
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(whole[at : at + cut])
        at += cut
    _, understood = spoken([*filter(None, pieces), whole[at:]] if whole[at:] else [*filter(None, pieces)])
    assert [request.body for request in understood] == bodies


def test_a_client_that_never_reads_is_let_go():
    async def told() -> bool:
        shared = Shared(lambda request, exchange: exchange.answer(200, b"", b""), lambda *_: (b"", b""), 1000)
        connection, wire = Connection(shared), Wire()
        aborted = []
        wire.abort = lambda: aborted.append(True)
        connection.connection_made(wire)
        connection.data_received(b"GET / HTTP/1.1\r\n\r\n")
        for _ in range(2):  # closing waits for what is left to be read; the second time it is dropped
            connection.deadline = 0.0
            shared.tick()
        return bool(aborted)

    assert asyncio.run(told())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["data", "inputs", "instances", "columns", "name", "shape", "datatype"]), inner
        )
    ),
    max_leaves=20,
)
TENSOR = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["x", "y"]) | JSON,
        "shape": st.lists(st.integers(-2, 40), max_size=3) | JSON,
        "datatype": st.sampled_from(["FP64", "FP32", "INT64", "BOOL", "BYTES", "FP16"]) | JSON,
        "data": st.lists(st.floats(-9, 9) | st.text(max_size=2), max_size=40) | JSON,
        "parameters": st.fixed_dictionaries({"binary_data_size": st.integers(-1, 300) | JSON}) | JSON,
    },
)
DOCUMENTS = (
    JSON
    | st.fixed_dictionaries({"data": st.lists(st.lists(st.floats() | JSON, min_size=29, max_size=31), max_size=3)})
    | st.fixed_dictionaries({"inputs": st.lists(TENSOR, max_size=3)}, optional={"outputs": JSON, "id": JSON})
)


@pytest.fixture(scope="module", params=["pickle", "named", "texts", "onnx", "mlflow"])
def scorer(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    if request.param == "mlflow":
        path = models.as_mlflow(models.cancer_pipeline_with_names(), folder / "m", models.CANCER_TABLE)
    elif request.param == "onnx":
        path = models.as_onnx(models.cancer_pipeline(), models.CANCER, folder / "model.onnx")
    else:
        model = {
            "pickle": models.cancer_pipeline,
            "named": models.cancer_pipeline_with_names,
            "texts": models.text_pipeline,
        }[request.param]()
        path = models.pickled(model, folder / "model.pkl")
    return ModelScorer(loaders.load(path), timeout_ms=60_000)


@settings(MANY, max_examples=150)
@given(st.lists(st.tuples(DOCUMENTS, st.sampled_from(["azure", "mlflow", "infer"])), min_size=1, max_size=4))
def test_no_document_breaks_a_model_or_its_neighbours(scorer, asked):
    dialects = {"azure": AZURE_JSON, "mlflow": Invocations(), "infer": Infer(Served("m", "1"))}
    calls = [Call(body=json.dumps(document).encode(), dialect=dialects[name]) for document, name in asked]
    good = Call(body=json.dumps({"data": [[0.0] * 30]}).encode())
    outcomes = scorer.score([*calls, good], limited=False)
    assert len(outcomes) == len(asked) + 1
    for outcome in outcomes:
        assert isinstance(outcome, ScoringError) or np.size(json.loads(outcome.body))


@MANY
@given(st.binary(max_size=300), st.binary(max_size=8))
def test_no_bytes_break_the_binary_extension(scorer, body, length):
    headers = [(b"inference-header-content-length", length)]
    (outcome,) = scorer.score([Call(body=body, headers=headers, dialect=Infer(Served("m", "1")))], limited=False)
    assert isinstance(outcome, ScoringError)
