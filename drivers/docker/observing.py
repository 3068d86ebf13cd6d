"""What a container does, says and uses."""

import heapq
import time
from collections.abc import Iterator
from datetime import datetime

import docker
from docker.errors import APIError, NotFound

from drivers.base import LogRecord, Observed, Phase, Stats
from drivers.docker import layout
from drivers.docker.workloads import gave_up, inspect
from drivers.runtime import BOOT_FAILED, BOOT_FAILED_LINE

_SAMPLE_S = 0.2
_NEVER = "0001-01-01"
"""The engine's date for "not yet"."""


def observe(api: docker.APIClient, name: str) -> Observed:
    container = inspect(api, name)
    if container is None or container["State"]["Status"] == "removing":
        return Observed(Phase.GONE)
    state, restarts = container["State"], container["RestartCount"]
    if gave_up(container) or _boot_failed(api, container):
        _give_up(api, container)
        why = f"the model or its entry script could not be loaded (exit code {BOOT_FAILED})"
        return Observed(Phase.CRASHED, detail=why, exit_code=BOOT_FAILED, restarts=restarts)
    if state["Status"] in ("exited", "dead"):
        return Observed(Phase.CRASHED, detail=_cause(container), exit_code=state["ExitCode"], restarts=restarts)
    running = state["Status"] == "running"
    again = restarts and not running
    return Observed(
        Phase.RUNNING if running else Phase.STARTING,
        ready_replicas=int(running),
        detail=f"started again after it ended: {_cause(container)}" if again else "",
        address=_address(container),
        exit_code=state["ExitCode"] if again else None,
        restarts=restarts,
    )


def _boot_failed(api: docker.APIClient, container: dict) -> bool:
    """Whether an earlier run ended because its model cannot be loaded.

    The engine restarts that like any failure, and forgets the exit code when it does, so the last
    words of the run before are read."""
    state = container["State"]
    if state["Status"] in ("exited", "dead", "restarting"):
        return state["ExitCode"] == BOOT_FAILED
    if not container["RestartCount"] or state["FinishedAt"].startswith(_NEVER):
        return False
    ended = _seconds(state["FinishedAt"])
    words = api.logs(container["Id"], stdout=False, stderr=True, tail=1, until=ended)
    return BOOT_FAILED_LINE.encode() in words


def _give_up(api: docker.APIClient, container: dict) -> None:
    """No more restarts: they would end the same. That the policy is gone is how it is known later."""
    try:
        if not gave_up(container):
            api.update_container(container["Id"], restart_policy={"Name": "no"})
        if container["State"]["Status"] in ("running", "restarting"):
            api.kill(container["Id"])
    except (NotFound, APIError):
        pass  # it ended or went away meanwhile, which is what was wanted


def _cause(container: dict) -> str:
    state = container["State"]
    if state["OOMKilled"]:
        return f"out of memory: limit {container['HostConfig']['Memory'] / 2**20:.0f} MB"
    return state["Error"] or f"exit code {state['ExitCode']}"


def _address(container: dict) -> str:
    # From what was asked for, not from what is bound now: it is the same and known between two runs too.
    (binding,) = container["HostConfig"]["PortBindings"][f"{layout.PORT}/tcp"]
    return f"http://127.0.0.1:{binding['HostPort']}"


def logs(api: docker.APIClient, name: str, since: float) -> Iterator[LogRecord]:
    if inspect(api, name) is None:
        return iter(())
    streams = (_stream(api, name, stream, since) for stream in ("stdout", "stderr"))
    return heapq.merge(*streams, key=lambda record: record.at)


def _stream(api: docker.APIClient, name: str, stream: str, since: float) -> Iterator[LogRecord]:
    """One stream at a time: the engine tells them apart only there."""
    asked = {"stdout": stream == "stdout", "stderr": stream == "stderr", "timestamps": True}
    try:
        text = api.logs(name, since=since or None, **asked)
    except NotFound:
        return
    for line in text.decode("utf-8", "replace").split("\n"):
        stamp, _, words = line.partition(" ")
        if stamp and (at := _seconds(stamp)) > since:
            yield LogRecord(at, stream, words.rstrip("\r"))


def _seconds(stamp: str) -> float:
    """RFC 3339 with nanoseconds, which datetime does not read, as seconds since the epoch."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


def stats(api: docker.APIClient, name: str) -> Stats | None:
    """Two samples a moment apart; the engine's own way of taking two lasts a second or two."""
    try:
        first = api.stats(name, stream=False, one_shot=True)
        time.sleep(_SAMPLE_S)
        second = api.stats(name, stream=False, one_shot=True)
    except NotFound:
        return None
    memory = second["memory_stats"].get("usage")
    if not memory:
        return None
    cache = second["memory_stats"].get("stats", {}).get("inactive_file", 0)
    used = second["cpu_stats"]["cpu_usage"]["total_usage"] - first["cpu_stats"]["cpu_usage"]["total_usage"]
    took = _seconds(second["read"]) - _seconds(first["read"])
    return Stats(cpu=max(0.0, used / 1e9 / took), memory_bytes=memory - cache)
