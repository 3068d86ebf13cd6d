"""How the process starts, fails to start, and ends."""

import re
import signal
import threading
import time

import pytest
from slipway_scoring.settings import SETTINGS

from tests.scoring.conftest import SCORING
from tests.scoring.scripts import ECHO

SLOW_INIT = "import time\ndef init(): time.sleep({seconds})\ndef run(data): return data"


def test_health_says_loading_until_init_is_done(serve_script):
    server = serve_script(SLOW_INIT.format(seconds=1.5))
    answer = server.client.get(server.url("/ready"))
    assert (answer.status_code, answer.json()) == (503, {"status": "loading"})
    assert server.client.get(server.url("/")).status_code == 503
    early = server.score("x")
    assert early.status_code == 503 and "still being loaded" in early.json()["message"]
    server.ready()
    assert server.client.get(server.url("/ready")).json() == {"status": "ready"}


@pytest.mark.parametrize(
    "script, code, words",
    [
        ("def init(:\n  pass", "entry-script-syntax", "score.py, line 1"),
        ("import no_such_package", "entry-script-import", "No module named 'no_such_package'"),
        ("1 / 0", "entry-script-import", "ZeroDivisionError"),
        ("def run(data): pass", "entry-script-contract", "no init() function"),
        ("def init(): pass", "entry-script-contract", "no run() function"),
        ("def init(): pass\ndef run(): pass", "entry-script-contract", "no argument"),
        ("def init(): pass\ndef run(request_headers): pass", "entry-script-contract", "no argument"),
        ("def init(): pass\ndef run(*args): pass", "entry-script-contract", "*args"),
        ("def init(): pass\ndef run(data, /): pass", "entry-script-contract", "positional-only"),
        ("def init(): raise KeyError('weights')\ndef run(data): pass", "init-failed", "KeyError: 'weights'"),
        ("def init(): exit(0)\ndef run(data): pass", "init-failed", "SystemExit"),
    ],
)
def test_a_script_that_cannot_serve_ends_with_its_cause(serve_script, script, code, words):
    failure = serve_script(script).failure()
    assert failure["code"] == code
    assert words in failure["message"]


def test_a_failed_init_shows_the_traceback_and_the_model_folder(serve_script, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "weights.bin").write_bytes(b"123")
    script = "def init():\n    open('nothing.bin')\ndef run(data): pass"
    server = serve_script(script, "--model-dir", tmp_path / "models")
    assert "open('nothing.bin')" in server.failure()["traceback"]
    shown = server.err.read_text()
    assert "FileNotFoundError" in shown and "weights.bin (3 bytes)" in shown


def test_a_script_that_does_not_exist_is_named(start_server, tmp_path):
    failure = start_server(AML_APP_ROOT=str(tmp_path), AZUREML_ENTRY_SCRIPT="src/score.py").failure()
    assert failure["code"] == "entry-script-import"
    assert "src/score.py" in failure["message"]


def test_a_setting_that_cannot_be_read_is_named(start_server):
    failure = start_server(SCORING_TIMEOUT_MS="soon").failure()
    assert failure["code"] == "settings-invalid"
    assert "SCORING_TIMEOUT_MS cannot be 'soon'" in failure["message"]


def test_a_server_whose_http_side_cannot_start_does_not_end_as_if_all_were_well(serve_script, tmp_path):
    (tmp_path / "uvloop.py").write_text("raise ImportError('uvloop is broken')")
    server = serve_script(ECHO, PYTHONPATH=f"{tmp_path}:{SCORING}")
    assert server.ended() == 1
    assert "uvloop is broken" in server.log


def test_every_setting_is_in_the_readme_and_no_other():
    told = re.findall(r"^\| `([A-Z_]+)` \|", (SCORING / "README.md").read_text(), re.MULTILINE)
    assert told == [setting.name for setting in SETTINGS]


def test_a_taken_port_is_named(serve_script):
    port = serve_script(ECHO).ready().url().rpartition(":")[2]
    failure = serve_script(ECHO, "--port", port).failure()
    assert failure["code"] == "port-taken" and port in failure["message"]


def test_the_script_runs_in_the_thread_that_initialised_it_with_the_app_root_as_its_folder(serve_script, tmp_path):
    script = """
import os, sqlite3, threading
def init():
    global db
    db = sqlite3.connect(":memory:")  # refuses to be used from another thread
def run(data):
    return [db.execute("select 1").fetchone(), threading.current_thread() is threading.main_thread(), os.getcwd()]
"""
    server = serve_script(script, AML_APP_ROOT=str(tmp_path)).ready()
    assert server.score("x").json() == [[1], True, str(tmp_path)]


def test_modules_beside_the_script_in_the_source_directory_and_the_app_root_can_be_imported(start_server, tmp_path):
    for folder in ("src", "src/deep"):
        (tmp_path / folder).mkdir()
    (tmp_path / "at_root.py").write_text("")
    (tmp_path / "src" / "in_source.py").write_text("")
    (tmp_path / "src" / "deep" / "beside.py").write_text("")
    script = "import at_root, in_source, beside\ndef init(): pass\ndef run(data): return 'ok'"
    (tmp_path / "src" / "deep" / "score.py").write_text(script)
    variables = {"AZUREML_SOURCE_DIRECTORY": "src", "AZUREML_ENTRY_SCRIPT": "src/deep/score.py"}
    assert start_server(AML_APP_ROOT=str(tmp_path), **variables).ready().score("x").json() == "ok"


def test_a_scripts_log_lines_are_seen_whether_or_not_it_configures_logging(serve_script):
    script = """
import logging
def init(): logging.getLogger("mine").info("seen without configuration")
def run(data):
    logging.basicConfig(format="MINE %(message)s")
    logging.getLogger("mine").info("seen with it")
    return 1
"""
    server = serve_script(script).ready()
    server.score("x")
    assert "mine - seen without configuration" in server.log
    assert "MINE seen with it" in server.log


def test_sigterm_lets_the_request_in_flight_finish(serve_script):
    server = serve_script("import time\ndef init(): pass\ndef run(data): print('busy'); time.sleep(1); return 'done'")
    server.ready()
    answers = []
    caller = threading.Thread(target=lambda: answers.append(server.score("x").json()))
    caller.start()
    server.until(lambda: "busy" in server.log)
    server.process.send_signal(signal.SIGTERM)
    caller.join()
    assert answers == ["done"]
    assert server.ended() == 0


def test_health_answers_while_run_computes(serve_script):
    script = """
import time
def init(): pass
def run(data):
    print("busy")
    end = time.monotonic() + 2
    while time.monotonic() < end: pass
"""
    server = serve_script(script).ready()
    caller = threading.Thread(target=lambda: server.score("x"))
    caller.start()
    server.until(lambda: "busy" in server.log)
    before = time.monotonic()
    assert server.client.get(server.url("/")).status_code == 200
    assert time.monotonic() - before < 1 and caller.is_alive()
    caller.join()


def test_sigterm_ends_a_server_whose_init_hangs(serve_script):
    server = serve_script("import time\ndef init(): print('hanging'); time.sleep(600)\ndef run(data): pass")
    server.until(lambda: "hanging" in server.log)
    server.process.send_signal(signal.SIGTERM)
    assert server.ended() == 0
