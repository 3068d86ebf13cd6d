"""Processes that score, and what becomes of them."""

import os
import re
import signal

import pytest

from tests.scoring import models
from tests.scoring.conftest import SCORING

WHO = """
import ctypes, os, time

def init(): pass

def run(raw_data):
    if raw_data == "crash":
        ctypes.string_at(0)
    if raw_data == "leave":
        os._exit(9)
    if raw_data == "hang":
        import signal
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(600)
    return os.getpid()
"""


@pytest.fixture
def serve(serve_script):
    return lambda **variables: serve_script(WHO, **variables).ready()


def processes(server, asked: int = 60) -> set[int]:
    import httpx

    found = set()
    for _ in range(asked):  # a new connection each time, which any of them may take
        found.add(httpx.post(server.url("/score"), content="who").json())
    return found


def metrics(server) -> str:
    return server.client.get(server.url("/metrics")).text


def starts(server) -> float:
    return float(re.search(r"^slipway_worker_starts_total (\S+)", metrics(server), re.MULTILINE)[1])


def test_as_many_score_as_were_asked_for(serve):
    server = serve(WORKER_COUNT="2")
    assert len(processes(server)) == 2
    assert server.process.pid not in processes(server)


@pytest.mark.parametrize("how, said", [("crash", "SIGSEGV (a crash in native code)"), ("leave", "exit code 9")])
def test_one_that_dies_is_replaced_and_the_log_says_how(serve, how, said):
    import httpx

    server = serve()
    with pytest.raises(httpx.HTTPError):
        server.score(how)
    assert server.until(lambda: said in server.log)
    server.until(lambda: server.log.count("Ready") == 2)
    assert isinstance(httpx.post(server.url("/score"), content="who").json(), int)
    assert starts(server) == 2


def test_one_that_hangs_where_no_signal_reaches_it_is_replaced(serve):
    import httpx

    server = serve(WORKER_TIMEOUT="1")
    with pytest.raises(httpx.HTTPError):
        server.score("hang")
    assert server.until(lambda: "took longer than WORKER_TIMEOUT, 1 seconds" in server.log)
    server.until(lambda: server.log.count("Ready") == 2)
    assert isinstance(httpx.post(server.url("/score"), content="who").json(), int)


def test_one_that_dies_while_it_loads_ends_the_server_as_it_ended(serve_script):
    server = serve_script("import ctypes\ndef init(): ctypes.string_at(0)\ndef run(data): return 1\n")
    assert server.ended() == 128 + signal.SIGSEGV
    assert "died while it loaded the model: SIGSEGV (a crash in native code)" in server.log


def test_when_one_after_the_other_dies_the_server_ends_too(serve):
    import httpx

    server = serve(SLIPWAY_WORKER_RESTARTS="1")
    for life in (1, 2):
        server.until(lambda life=life: server.log.count("Ready") == life)
        with pytest.raises(httpx.HTTPError):
            httpx.post(server.url("/score"), content="leave")
    assert server.ended() == 9
    assert "The server ends with it" in server.log


def test_loading_that_never_ends_is_ended(serve_script):
    server = serve_script("import time\ndef init(): time.sleep(600)\ndef run(data): return 1\n", WORKER_TIMEOUT="1")
    failure = server.failure()
    assert failure["code"] == "not-ready-in-time"
    assert "Loading the model took longer than WORKER_TIMEOUT, 1 seconds" in failure["message"]


SLOW = """
import os, time

class Slow:
    def __init__(self): self.n_features_in_ = 1
    def __setstate__(self, state):
        self.__dict__ = state
        time.sleep(float(os.environ["LOADING_S"]))
    def predict(self, rows): return [0 for _ in rows]
"""


@pytest.fixture
def slow_model(tmp_path, monkeypatch):
    import importlib
    import pickle

    (tmp_path / "slowly.py").write_text(SLOW)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "model/model.pkl").write_bytes(pickle.dumps(importlib.import_module("slowly").Slow()))
    monkeypatch.delitem(__import__("sys").modules, "slowly")
    return tmp_path / "model", {"PYTHONPATH": f"{tmp_path}:{SCORING}", "WORKER_COUNT": "2"}


def test_while_a_shared_model_is_read_the_server_says_so(start_server, slow_model):
    folder, variables = slow_model
    server = start_server("--model", folder, **variables, LOADING_S="3")
    assert server.client.get(server.url("/ready")).json() == {"status": "loading"}
    assert server.score({"data": [[1]]}).status_code == 503
    assert server.client.get(server.url("/metrics")).status_code == 200
    assert server.ready().score({"data": [[1]]}).json() == {"predictions": [0]}
    assert starts(server) == 2


def test_a_shared_model_that_takes_too_long_is_given_up(start_server, slow_model):
    folder, variables = slow_model
    failure = start_server("--model", folder, **variables, LOADING_S="600", WORKER_TIMEOUT="1").failure()
    assert failure["code"] == "not-ready-in-time"
    assert "Loading the model took longer than WORKER_TIMEOUT, 1 seconds" in failure["message"]


def test_a_server_told_to_end_while_it_reads_a_shared_model_ends(start_server, slow_model):
    folder, variables = slow_model
    server = start_server("--model", folder, **variables, LOADING_S="600")
    server.url()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(10) == 0


TAKES_TURNS = """
import os, time
from pathlib import Path

def init():
    time.sleep(float(Path(os.environ["PAUSE"]).read_text()))

def run(raw_data):
    if raw_data == "leave":
        os._exit(9)
    return os.getpid()
"""


def test_ready_means_every_worker(serve_script, tmp_path):
    (tmp_path / "pause").write_text("0.5")
    for _ in range(3):
        server = serve_script(TAKES_TURNS, WORKER_COUNT="2", PAUSE=str(tmp_path / "pause")).ready()
        assert len(processes(server)) <= 2  # and none of them answered that it is loading


def test_while_one_is_replaced_the_others_answer(serve_script, tmp_path):
    import httpx

    (tmp_path / "pause").write_text("0")
    server = serve_script(TAKES_TURNS, WORKER_COUNT="2", PAUSE=str(tmp_path / "pause")).ready()
    (tmp_path / "pause").write_text("6")  # longer than a busy machine takes for the next lines
    with pytest.raises(httpx.HTTPError):
        httpx.post(server.url("/score"), content="leave")
    assert len(processes(server)) == 1
    assert server.client.get(server.url("/ready")).status_code == 200
    server.until(lambda: server.log.count("Ready") == 3)
    assert len(processes(server)) == 2


def test_a_server_told_to_end_at_once_ends(serve_script):
    for _ in range(5):
        server = serve_script(WHO)
        server.url()  # it listens; its worker may not have begun
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0


def test_a_model_that_does_not_load_ends_all_workers(start_server, tmp_path):
    (tmp_path / "model.pkl").write_bytes(b"not a pickle")
    assert start_server("--model", tmp_path, WORKER_COUNT="2").failure()["code"] == "model-not-loadable"


def test_workers_share_a_model_that_was_read_once(start_server, tmp_path):
    models.pickled(models.cancer_pipeline(), tmp_path / "model.pkl")
    server = start_server("--model", tmp_path, WORKER_COUNT="2").ready()
    assert server.log.count("Loaded in") == 1
    rows = models.CANCER[:3].tolist()
    assert server.score({"data": rows}).json()["predictions"] == models.cancer_pipeline().predict(rows).tolist()


def test_a_server_that_is_told_to_end_takes_its_workers_along(serve):
    server = serve(WORKER_COUNT="2")
    workers = processes(server)
    server.process.send_signal(signal.SIGTERM)
    assert server.ended() == 0
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def test_what_is_under_way_when_it_ends_is_answered(serve_script):
    from concurrent.futures import ThreadPoolExecutor

    import httpx

    text = "import time\ndef init(): pass\ndef run(data):\n    time.sleep(1)\n    return data\n"
    server = serve_script(text).ready()
    url = server.url("/score")
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(httpx.post, url, content=str(number), timeout=30) for number in range(3)]
        server.until(lambda: 'slipway_queue_requests{worker="0"} 3.0' in server.client.get(server.url("/metrics")).text)
        server.process.send_signal(signal.SIGTERM)
        assert sorted(each.result().json() for each in waiting) == ["0", "1", "2"]
    assert server.ended() == 0
