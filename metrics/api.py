"""REST of metrics: parse, check, read."""

from rest_framework.response import Response

from deployments import queries
from metrics.series import NAMES, Mark, Point, series_of
from metrics.windows import moment_of, read_window
from workspaces.api import WorkspaceView


class ServiceMetrics(WorkspaceView):
    """A service's requests, latency, CPU, memory and replicas over a range of time."""

    def get(self, request, workspace, name):
        service = queries.find_service(user=request.user, workspace=self.workspace, name=name, with_revisions=False)
        asked = request.query_params
        window = read_window(asked.get("range", ""), asked.get("until", ""))
        series = series_of(service, window)
        return Response(
            {
                "service": service.name,
                "from": _time(window.from_s),
                "to": _time(window.to_s),
                "step_s": window.step_s,
                "series": [_point(point) for point in series.points],
                "marks": [_mark(mark) for mark in series.marks],
            }
        )


def _point(point: Point) -> dict[str, object]:
    measured = point.measured
    return {"at": _time(point.at_s), **{name: getattr(measured, name) for name in NAMES}}


def _mark(mark: Mark) -> dict[str, object]:
    return {"at": _time(mark.at_s), "text": mark.text, "deployment": mark.deployment}


def _time(at_s: int) -> str:
    return f"{moment_of(at_s):%Y-%m-%dT%H:%M:%SZ}"
