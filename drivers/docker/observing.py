"""What a container does, says and uses."""

import heapq
from collections.abc import Iterator

import docker
from docker.errors import APIError, NotFound

from drivers.base import LogRecord, Observed, Phase, Usage
from drivers.docker import layout
from drivers.docker.workloads import gave_up, inspect
from drivers.runtime import BOOT_FAILED, BOOT_FAILED_LINE
from drivers.timestamps import seconds_of

_LATELY_S = 120
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
    ended = _cause(container) if again else _last_end(api, container) if restarts else ""
    return Observed(
        Phase.RUNNING if running else Phase.STARTING,
        ready_replicas=int(running),
        detail=f"started again after it ended: {ended}" if ended else "",
        address=_address(container),
        exit_code=state["ExitCode"] if again else None,
        restarts=restarts,
    )


def _last_end(api: docker.APIClient, container: dict) -> str:
    """How the run before this one ended, as far as the engine still knows: it forgets it in the container's state when
    it starts it again, and keeps its last few hundred events. Empty when it does not."""
    asked = {"container": container["Id"], "event": ["oom", "die"]}
    began = seconds_of(container["State"]["StartedAt"])
    # Up to now: the engine answers what there was and closes; a run begins a moment after the one before has ended.
    events = list(api.events(since=int(began - _LATELY_S), until=int(began) + 1, filters=asked, decode=True))
    if any(event.get("status") == "oom" for event in events):
        return _out_of_memory(container)
    codes = [event["Actor"]["Attributes"].get("exitCode") for event in events if event.get("status") == "die"]
    return f"exit code {codes[-1]}" if codes and codes[-1] else ""


def _boot_failed(api: docker.APIClient, container: dict) -> bool:
    """Whether an earlier run ended because its model cannot be loaded.

    The engine restarts that like any failure, and forgets the exit code when it does, so the last
    words of the run before are read."""
    state = container["State"]
    if state["Status"] in ("exited", "dead", "restarting"):
        return state["ExitCode"] == BOOT_FAILED
    if not container["RestartCount"] or state["FinishedAt"].startswith(_NEVER):
        return False
    ended = seconds_of(state["FinishedAt"])
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
        return _out_of_memory(container)
    return state["Error"] or f"exit code {state['ExitCode']}"


def _out_of_memory(container: dict) -> str:
    return f"out of memory: limit {container['HostConfig']['Memory'] / 2**20:.0f} MB"


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
        if stamp and (at := seconds_of(stamp)) > since:
            yield LogRecord(at, stream, words.rstrip("\r"))


def usage(api: docker.APIClient, name: str) -> tuple[Usage, ...]:
    """One sample; the engine's own way of taking two lasts a second or two."""
    try:
        told = api.stats(name, stream=False, one_shot=True)
    except NotFound:
        return ()
    held = told["memory_stats"].get("usage")
    if not held:  # it does not run
        return ()
    pages, cpu = told["memory_stats"].get("stats", {}), told["cpu_stats"]
    first = "total_inactive_file" in pages  # only the first version of cgroups has totals
    return (
        Usage(
            "",
            seconds_of(told["read"]),
            cpu["cpu_usage"]["total_usage"] / 1e9,
            max(0, held - pages.get("total_inactive_file" if first else "inactive_file", 0)),
            cpu["throttling_data"]["throttled_time"] / 1e9,
            "cgroup v1" if first else "cgroup v2",
        ),
    )
