"""A profile while it is measured, on standard error."""

import shutil
from typing import Any

from slipway import profiles, shapes
from slipway.cli import figures, points, recommendation, report
from slipway.http import Api
from slipway.profiles import Profile
from slipway.progress import StatusLine


def wait_for(api: Api, started: Profile) -> Profile:
    """Shows each point once it is measured, until the profile has succeeded; ProfileFailed otherwise."""
    view, name = View(), started["name"]
    try:
        ended = profiles.wait(api, started, on_state=view.state, on_gap=view.gap)
    except KeyboardInterrupt:
        view.close()
        report.line(f"The profile goes on in the studio. Look at it with `slipway profile show -n {name}`.")
        report.line(f"End it with `slipway profile cancel -n {name}`.")
        raise
    finally:
        view.close()
    count = len(profiles.points(profiles.checked(ended)))
    report.line(f"-- {name}: {ended['status']}, {count} points")
    for line in recommendation.lines(ended, api.studio.url):
        report.line(f"   {line}")
    return ended


class View:
    """A table that grows by the points there are, above a line that says what is measured now."""

    def __init__(self, bottom: StatusLine | None = None) -> None:
        self._bottom = bottom or StatusLine()
        self._told: set[tuple[Any, ...]] = set()

    def state(self, now: Profile) -> None:
        if not now["finished"]:
            self._once(("status", now["status"]), f"-- {now['name']}: {now['status']}")
        for row in profiles.points(now):
            self._once(("heading",), points.heading())
            self._once(
                tuple(row[key] for key in ("size", "mode", "concurrency", "rate")), points.line(shapes.camel(row))
            )
        for size in now["sizes"]:
            self._ended(size)
        if not now["finished"]:
            self._draw(now["progress"])

    def gap(self) -> None:
        self._bottom.erase()
        report.line("-- The connection to the studio was lost; trying again.")

    def close(self) -> None:
        self._bottom.erase()

    def _ended(self, size: dict[str, Any]) -> None:
        """Of a size that was not measured to its end, why."""
        if size["state"] in ("failed", "skipped"):
            why = (size.get("failure") or {}).get("detail")
            text = f"{figures.size(size['cpu'], size['memory_gb'], onnx=size['onnx'])}: {size['state']}"
            self._once(("size", size["id"], size["state"]), f"{text}. {why}" if why else text)

    def _once(self, key: tuple[Any, ...], text: str) -> None:
        if key not in self._told:
            self._told.add(key)
            self._bottom.erase()
            report.line(text)

    def _draw(self, progress: dict[str, Any]) -> None:
        text = f"{progress['done']}/{progress['total']}  {progress['now']}".rstrip()
        # A line that wraps could not be redrawn in place.
        self._bottom.draw(report.clean(text)[: shutil.get_terminal_size().columns - 2])
