"""What a page shows of a log before it is live: where lines come from, and those there are already."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from deployments.errors import TargetUnavailable
from deployments.live_log import live_log
from deployments.logs import last_lines
from deployments.models import Deployment, Service
from deployments.service_log import Failure
from workspaces.models import Workspace

# A page carries this many lines itself; with JavaScript the rest is fetched, without it the whole log is a link.
LINES_IN_PAGE = 1000


@dataclass(frozen=True, slots=True)
class LogView:
    """A log as its viewer needs it. `linked`: a line keeps its number, so that one can link to it."""

    title: str
    socket: str
    events: str
    lines_url: str
    download: str
    whole: bool
    lines: list[dict[str, object]]
    state: str = ""
    finished: bool = False
    linked: bool = True
    trouble: str = ""
    now: datetime = field(default_factory=timezone.now)


def log_view(workspace: Workspace, deployment: Deployment, *, with_lines: bool) -> LogView:
    here = f"/workspaces/{workspace.name}/deployments/{deployment.pk}"
    api = f"/api/v1{here}"
    # Finished is read before the lines: a log that ends in between is then followed, not cut short.
    finished = deployment.finished
    lines = last_lines(deployment, LINES_IN_PAGE) if with_lines else []
    return LogView(
        title=_("Deployment log"),
        socket=f"/ws{here}/log",
        events=f"{api}/log/stream",
        lines_url=f"{api}/log",
        download=f"{api}/log.txt",
        whole=not lines or lines[0]["seq"] == 1,
        lines=[line | {"number": line["seq"]} for line in lines],
        state=api,
        finished=finished,
    )


@dataclass(frozen=True, slots=True)
class ReplicaChoice:
    """`state` is as it was last seen; "" when nobody has looked yet."""

    name: str
    short: str
    state: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ServiceLogView:
    """The tab Logs: what failed, whose lines there are to choose from (when there is a choice), the log."""

    failures: list[Failure]
    replicas: list[ReplicaChoice]
    replica: str
    log: LogView


def service_log_view(
    workspace: Workspace, service: Service, replica: str, known: Iterable[dict], *, with_lines: bool
) -> ServiceLogView:
    """`known` are the replicas as they were last seen (`Workload.replicas`)."""
    here, asked = f"/workspaces/{workspace.name}/services/{service.name}", ""
    api = f"/api/v1{here}"
    if replica:
        asked = f"?{urlencode({'replica': replica})}"
    log, trouble = live_log(service.pk, replica), ""
    try:
        log.look()
    except TargetUnavailable as exc:
        trouble = f"{exc.detail} {exc.advice}"
    lines, whole = log.newest(LINES_IN_PAGE) if with_lines else ([], True)
    view = LogView(
        title=_("Service log"),
        socket=f"/ws{here}/log{asked}",
        events=f"{api}/log/stream{asked}",
        lines_url=f"{api}/log{asked}",
        download=f"{api}/log.txt{asked}",
        whole=whole,
        lines=_by_replica(lines),
        linked=False,
        trouble=trouble,
    )
    return ServiceLogView(log.failures(), _choices(known, log.replicas(), replica), replica, view)


def _by_replica(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """Each one's lines together, counted; the first of each has its name for a `head` when there are several."""
    of: dict[str, list[dict[str, object]]] = {}
    for line in lines:
        of.setdefault(line["step"], []).append(line)
    heads = {name: _short(name) for name in of} if len(of) > 1 else {}
    return [
        line | {"number": number, "head": heads.get(name, "") if number == 1 else ""}
        for name, written in of.items()
        for number, line in enumerate(written, 1)
    ]


def _choices(known: Iterable[dict], seen: list[str], chosen: str) -> list[ReplicaChoice]:
    states = {replica["name"]: replica["state"] for replica in known}
    otherwise = _("gone") if states else ""
    names = list(dict.fromkeys([*states, *seen, *filter(None, [chosen])]))
    if len(names) < 2 and not chosen:
        return []
    return [ReplicaChoice(name, _short(name), states.get(name, otherwise), name == chosen) for name in names]


def _short(replica: str) -> str:
    return replica.rpartition("-")[2]
