"""One load on one workload: the generator is started, followed, and stopped at once when nobody wants it any more."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from drivers.children import dies_with_parent, inherited

_HOME = Path(__file__).resolve().parent.parent
_LOOK_S = 0.2
_ENDS_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Method:
    """The rule by which a load is measured, printed with every profile.

    What comes in the first `warm_up_s` is discarded. A window lasts `window_s` and until `window_requests` were
    answered, at most `max_window_s`. The load is measured when the last `agree` windows lie `within` that share of
    each other, in throughput and in p95; after `max_windows` it is called unstable."""

    warm_up_s: float = 0.5
    window_s: float = 1.0
    max_window_s: float = 3.0
    window_requests: int = 100
    agree: int = 3
    within: float = 0.10
    max_windows: int = 8

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


class GeneratorFailed(Exception):
    """It could not measure; says why."""


def measure(order: dict[str, object], meanwhile: Callable[[], None]) -> dict[str, object]:
    """The generator's result for `order`, see `profiling.load`. `meanwhile` is called a few times a second, and what
    it raises stops the generator. Raises GeneratorFailed."""
    child = subprocess.Popen(
        [sys.executable, "-m", "profiling.load"],
        cwd=_HOME,
        env=inherited(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=dies_with_parent(),
    )
    try:
        _tell(child, order)
        for line in _lines(child, meanwhile):
            said = json.loads(line)
            if said["kind"] == "result":
                return said
            if said["kind"] == "fault":
                raise GeneratorFailed(said["message"])
        raise GeneratorFailed(f"The load generator ended without a result. {_last_words(child)}")
    finally:
        _end(child)


def _tell(child: subprocess.Popen, order: dict[str, object]) -> None:
    """Its standard input stays open: when it closes, because this worker died, the generator ends."""
    try:
        child.stdin.write(json.dumps(order) + "\n")
        child.stdin.flush()
    except BrokenPipeError:
        pass  # it has ended, and its last words say why


def _lines(child: subprocess.Popen, meanwhile: Callable[[], None]) -> Iterator[str]:
    heard: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(child, heard), name="load generator", daemon=True).start()
    while True:
        meanwhile()
        try:
            line = heard.get(timeout=_LOOK_S)
        except queue.Empty:
            continue
        if line is None:
            return
        yield line


def _listen(child: subprocess.Popen, heard: "queue.Queue[str | None]") -> None:
    for line in child.stdout:
        heard.put(line)
    heard.put(None)


def _end(child: subprocess.Popen) -> None:
    child.terminate()
    try:
        child.wait(_ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        with suppress(BrokenPipeError):
            pipe.close()


def _last_words(child: subprocess.Popen) -> str:
    try:
        lines = child.stderr.read().strip().splitlines()
    except ValueError:
        return ""
    return lines[-1][:500] if lines else ""
