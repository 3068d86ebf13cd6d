"""Workloads as containers, named after the workload."""

import time
from collections.abc import Mapping

import docker
from docker.errors import APIError, NotFound

from drivers.base import Workload
from drivers.docker import layout
from drivers.errors import DriverError, NameTaken
from drivers.fingerprint import workload_digest
from drivers.keeper.supervisor import MAX_CRASHES
from drivers.ports import free_port
from drivers.runtime import workload_variables

_PORT_TAKEN = ("port is already allocated", "address already in use")
_APPLY_TIMEOUT_S = 60
_POLL_S = 0.1
_REPLACE_GRACE_S = 10
_PIDS = 512
_BACKGROUND_SHARES = 128  # of processors that are short; others have 1024
_LOGS = {"type": "json-file", "config": {"max-size": "10m", "max-file": "2"}}


def apply(api: docker.APIClient, workload: Workload) -> None:
    """Start it, or find it running. Attempts are repeated: another worker may do the same meanwhile."""
    deadline = time.monotonic() + _APPLY_TIMEOUT_S
    while time.monotonic() < deadline:
        container = inspect(api, workload.name) or _create(api, workload)
        if container is None:
            time.sleep(_POLL_S)
            continue
        if container["Config"]["Labels"].get(layout.OWNER) != workload.owner:
            raise _taken(workload.name)
        if not _matches(container, workload):
            remove(api, container["Id"], grace_s=_REPLACE_GRACE_S)
        elif _start(api, container):
            return
    raise DriverError(f"The container {workload.name} cannot be started: another one keeps taking its place.")


def inspect(api: docker.APIClient, name: str) -> dict | None:
    """The container of exactly this name; the engine would also take the beginning of an id."""
    try:
        found = api.inspect_container(name)
    except NotFound:
        return None
    return found if found["Name"] == f"/{name}" else None


def remove(api: docker.APIClient, container: str, *, grace_s: float) -> None:
    try:
        api.stop(container, timeout=max(0, round(grace_s)))
        api.remove_container(container, force=True, v=True)
    except NotFound:
        pass
    except APIError as exc:
        if exc.status_code != 409:  # 409: its removal is in progress already
            raise


def gave_up(container: dict) -> bool:
    """Its first boot failed and `observe` took its restarts away; see there."""
    return container["HostConfig"]["RestartPolicy"]["Name"] == "no"


def _matches(container: dict, workload: Workload) -> bool:
    same = container["Config"]["Labels"].get(layout.DIGEST) == _digest(workload)
    return same and container["State"]["Status"] not in ("dead", "removing", "paused") and not gave_up(container)


def _start(api: docker.APIClient, container: dict) -> bool:
    """False when its port was taken meanwhile; it is removed, to be made again with another one."""
    if container["State"]["Status"] in ("running", "restarting"):
        return True
    try:
        api.start(container["Id"])
    except NotFound:
        return False
    except APIError as exc:
        if not any(words in str(exc.explanation) for words in _PORT_TAKEN):
            raise
        remove(api, container["Id"], grace_s=0)
        return False
    return True


def _create(api: docker.APIClient, workload: Workload) -> dict | None:
    """None when another worker was faster: 409, the name is in use, by a container not there to see yet."""
    try:
        made = api.create_container(
            workload.package.location,
            name=workload.name,
            environment=_variables(workload),
            labels=_labels(workload),
            host_config=_limits(api, workload),
        )
        return api.inspect_container(made["Id"])
    except NotFound as exc:
        raise DriverError(
            f"The package {workload.package.location} is gone from the engine.",
            advice="Deploy again; it is built anew.",
        ) from exc
    except APIError as exc:
        if exc.status_code == 409:
            return None
        raise


def _limits(api: docker.APIClient, workload: Workload) -> Mapping[str, object]:
    return api.create_host_config(
        nano_cpus=int(workload.most_cpu * 1e9),
        cpu_shares=_BACKGROUND_SHARES if workload.background else None,
        mem_limit=workload.most_memory_bytes,
        memswap_limit=workload.most_memory_bytes,  # no swap beyond the limit: slow is worse than restarted
        pids_limit=_PIDS,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        # The image cannot be changed from within; scripts write to /tmp, which counts as their memory.
        read_only=True,
        tmpfs={"/tmp": "rw,nosuid,nodev,mode=1777"},
        init=True,
        restart_policy={"Name": "on-failure", "MaximumRetryCount": MAX_CRASHES},
        port_bindings={layout.PORT: ("127.0.0.1", free_port())},
        log_config=_LOGS,
    )


def _variables(workload: Workload) -> dict[str, str]:
    return workload_variables({}, workload.variables, workload.most_cpu)


def _labels(workload: Workload) -> dict[str, str]:
    ours = {
        layout.OWNER: workload.owner,
        layout.WORKLOAD: workload.name,
        layout.DIGEST: _digest(workload),
    }
    return {**workload.labels, **ours}


def _digest(workload: Workload) -> str:
    facts = {
        "package": workload.package.digest,
        "owner": workload.owner,
        "labels": dict(workload.labels),
        "cpu": workload.most_cpu,
        "memory_bytes": workload.most_memory_bytes,
        "variables": dict(workload.variables),
    }
    # Only where it is asked for, so that what runs since before there was such a thing is left running.
    return workload_digest(facts | ({"cpu_shares": _BACKGROUND_SHARES} if workload.background else {}))


def _taken(name: str) -> NameTaken:
    return NameTaken(
        f"A container named {name} is on the engine already and is not this studio's.",
        advice=f"Choose another service name, or remove it with `docker rm {name}`.",
    )
