"""A log while it is written, on standard error or, when it is the result, on standard output."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slipway import services
from slipway.cli import report
from slipway.errors import SlipwayError
from slipway.http import Api
from slipway.logs import Deployment, Follower, Line

_LOST = "The connection to the studio was lost; trying again."


class Printer:
    """Prints each step's title before its lines, and at the end how long every step took.

    The log and the state travel side by side, so a step's end may be told after the next one's first lines.
    """

    def __init__(self, write: Callable[[str], None], look: Callable[[], Deployment]) -> None:
        """`look` fetches the deployment, for the title of a step whose lines come before its state."""
        self._write, self._look = write, look
        self._titles: dict[str, str] = {}
        self._step: str | None = None

    def line(self, line: Line) -> None:
        if line["step"] != self._step:
            self._step = line["step"]
            self._write(f"-- {self._title()}")
        self._write(f"{_clock(line['at'])}  {line['text']}")

    def state(self, deployment: Deployment) -> None:
        self._titles |= {step["name"]: step["title"] for step in deployment["steps"]}

    def gap(self) -> None:
        self._write(f"-- {_LOST}")

    def summary(self, deployment: Deployment) -> None:
        self._write(f"-- {deployment['service']} revision {deployment['revision']}: {deployment['status']}")
        for step in deployment["steps"]:
            self._write(f"   {step['title']:<24}{step['outcome']:<10}{_duration(step):>8}".rstrip())

    def _title(self) -> str:
        if self._step not in self._titles:
            self.state(self._look())
        return self._titles.setdefault(self._step, self._step)


def wait_for(api: Api, deployment: Deployment) -> Deployment:
    """Shows the log on standard error until the deployment is live; DeploymentFailed otherwise."""
    printer = _printer(api, deployment, report.line)
    try:
        return _wait(api, deployment, printer)
    except KeyboardInterrupt:
        report.line(f"The deployment goes on. Follow it with `slipway logs {deployment['service']} -f`.")
        raise


def show_log(api: Api, service: str, *, follow: bool) -> None:
    newest = services.service(api, service).get("deployment")
    if not newest:
        raise SlipwayError(f"The service {service} has no deployment", code="no-deployment")
    printer = _printer(api, newest, lambda text: print(report.clean(text), flush=True))
    if follow:
        _wait(api, newest, printer)
        return
    for line in Follower(api, newest["id"]).written():
        printer.line(line)


def follow_service(api: Api, name: str, tail: int, replica: str) -> None:
    """What a service writes; of several replicas each line begins with the short name of its own."""
    followed = services.followed(api, name, tail, replica, on_trouble=report.line, on_gap=_gap)
    for line in followed:
        of = "" if replica or not line["step"] else f"{line['step'].rpartition('-')[2]}  "
        print(report.clean(f"{of}{line['text']}"), flush=True)
    report.line(f"The service {name} is gone.")


def _gap() -> None:
    report.line(_LOST)


def _wait(api: Api, deployment: Deployment, printer: Printer) -> Deployment:
    ended = services.wait(api, deployment, on_line=printer.line, on_state=printer.state, on_gap=printer.gap)
    printer.summary(ended)
    return services.checked(ended)


def _printer(api: Api, deployment: Deployment, write: Callable[[str], None]) -> Printer:
    return Printer(write, lambda: services.deployment_now(api, deployment))


def _clock(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S")


def _duration(step: dict[str, Any]) -> str:
    if not step.get("started_time") or not step.get("ended_time"):
        return ""
    took = datetime.fromisoformat(step["ended_time"]) - datetime.fromisoformat(step["started_time"])
    return f"{took.total_seconds():.1f} s"
