"""A deployment's log while it is written, on standard error or, when it is the result, on standard output."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slipway import services
from slipway.cli import report
from slipway.errors import SlipwayError
from slipway.http import Api
from slipway.logs import Deployment, Follower, Line


class Printer:
    """Prints each step's title once before its lines, and how long it took once after them."""

    def __init__(self, write: Callable[[str], None], look: Callable[[], Deployment]) -> None:
        """`look` fetches the deployment, for the title of a step whose lines come before its state."""
        self._write, self._look = write, look
        self._titles: dict[str, str] = {}
        self._told: set[str] = set()
        self._step: str | None = None

    def line(self, line: Line) -> None:
        if line["step"] != self._step:
            self._step = line["step"]
            self._write(f"-- {self._title()}")
        self._write(f"{_clock(line['at'])}  {line['text']}")

    def state(self, deployment: Deployment) -> None:
        for step in deployment.get("steps") or []:
            self._titles[step["name"]] = step["title"]
            if step["name"] not in self._told and step.get("ended_time"):
                self._told.add(step["name"])
                self._write(f"-- {step['title']}: {step['outcome']}{_duration(step)}")

    def _title(self) -> str:
        if self._step not in self._titles:
            self._titles |= {step["name"]: step["title"] for step in self._look()["steps"]}
        return self._titles.setdefault(self._step, self._step)

    def gap(self) -> None:
        self._write("-- The connection to the studio was lost; trying again.")


def wait_for(api: Api, deployment: Deployment) -> Deployment:
    """Shows the log on standard error until the deployment is live; DeploymentFailed otherwise."""
    printer = _printer(api, deployment, report.line)
    try:
        return services.wait(api, deployment, on_line=printer.line, on_state=printer.state, on_gap=printer.gap)
    except KeyboardInterrupt:
        report.line(f"The deployment goes on. Follow it with `slipway logs {deployment['service']} -f`.")
        raise


def show_log(api: Api, service: str, *, follow: bool) -> None:
    newest = services.service(api, service).get("deployment")
    if not newest:
        raise SlipwayError(f"The service {service} has no deployment", code="no-deployment")
    printer = _printer(api, newest, lambda text: print(report.clean(text), flush=True))
    if follow:
        services.wait(api, newest, on_line=printer.line, on_state=printer.state, on_gap=printer.gap)
        return
    for line in Follower(api, newest["id"]).written():
        printer.line(line)


def _printer(api: Api, deployment: Deployment, write: Callable[[str], None]) -> Printer:
    return Printer(write, lambda: services.deployment_now(api, deployment))


def _clock(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S")


def _duration(step: dict[str, Any]) -> str:
    if not step.get("started_time"):
        return ""
    took = datetime.fromisoformat(step["ended_time"]) - datetime.fromisoformat(step["started_time"])
    return f" in {took.total_seconds():.1f} s"
