import threading

import pytest
from slipway import logs
from slipway.errors import ApiError, StudioNotAnswering
from slipway.logs import Follower, ServiceFollower


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(logs, "RETRY_S", 0)
    monkeypatch.setattr(logs, "POLL_S", 0)


@pytest.fixture
def stored(fake, lines, deployment):
    """The rows of the log, asked for page by page."""

    def page(request):
        after = int(request.query.get("after_seq", ["0"])[0])
        rows = [line for line in lines if line["seq"] > after][: int(request.query["limit"][0])]
        request.json({"lines": rows, "last_seq": 5, "finished": True})

    fake.on("GET", "/deployments/7/log", page)
    fake.on("GET", "/deployments/7", deployment)
    return lines


def after(request):
    assert request.headers["Last-Event-ID"] == request.query.get("after_seq", ["0"])[0]
    return int(request.headers["Last-Event-ID"])


def test_every_line_comes_once_over_a_connection_that_drops_after_each_line(fake, api, stored):
    def one_line(request):
        rest = [line for line in stored if line["seq"] > after(request)]
        request.events(*[("message", line) for line in rest[:1]] or [("end", {"status": "live"})])

    fake.on("GET", "/deployments/7/log/stream", one_line)
    assert list(Follower(api, 7).lines()) == stored
    assert len(fake.asked("GET", "/deployments/7/log/stream")) == 6


def test_lines_that_a_reconnected_stream_sends_again_are_skipped(fake, api, stored):
    turns = iter([stored[:3], stored])

    def replay(request):
        now = next(turns)
        request.events(*[("message", line) for line in now], *[("end", {})] * (len(now) == 5))

    fake.on("GET", "/deployments/7/log/stream", replay)
    assert list(Follower(api, 7).lines()) == stored


def test_lines_written_after_the_last_event_are_fetched_at_the_end(fake, api, stored):
    fake.on(
        "GET",
        "/deployments/7/log/stream",
        lambda request: request.events(("message", stored[0]), ("end", {"status": "live"})),
    )
    assert list(Follower(api, 7).lines()) == stored


def test_an_event_that_the_end_of_the_connection_cuts_in_two_is_read_again(fake, api, stored):
    turns = iter([b'id: 1\ndata: {"seq": 1, "te', b"event: end\ndata: {}\n\n"])

    def cut(request):
        request.start(200, "text/event-stream")
        request.handler.wfile.write(next(turns))

    fake.on("GET", "/deployments/7/log/stream", cut)
    assert list(Follower(api, 7).lines()) == stored


@pytest.mark.parametrize(
    "stream",
    [
        lambda request: request.json({"title": "No such page"}, 404),
        lambda request: request.bytes(b"<html>a proxy</html>", 200, "text/html"),
        lambda request: request.bytes(b"<html>a proxy</html>", 502, "text/html"),
    ],
)
def test_without_a_stream_the_lines_are_asked_for(fake, api, stored, stream):
    fake.on("GET", "/deployments/7/log/stream", stream)
    states = []
    assert list(Follower(api, 7, on_state=states.append).lines()) == stored
    assert [state["status"] for state in states] == ["live"]


def test_a_long_log_is_asked_for_in_pages(fake, api, stored, monkeypatch):
    monkeypatch.setattr(logs, "PAGE_LINES", 2)
    assert list(Follower(api, 7).written()) == stored
    assert len(fake.asked("GET", "/deployments/7/log")) == 4


def test_a_studio_that_restarts_is_waited_for(fake, api, stored):
    turns = iter(
        [
            lambda request: request.events(("message", stored[0])),
            lambda request: request.cut(),
            lambda request: request.cut(),
            lambda request: request.events(*[("message", line) for line in stored[1:]], ("end", {})),
        ]
    )
    fake.on("GET", "/deployments/7/log/stream", lambda request: next(turns)(request))
    gaps = []
    assert list(Follower(api, 7, on_gap=lambda: gaps.append(1)).lines()) == stored
    assert gaps == [1]


def test_a_build_with_nothing_to_say_is_no_lost_connection(fake, api, stored, deployment, monkeypatch):
    monkeypatch.setattr(logs, "SILENT_STREAM_S", 1.0)
    asked_again = threading.Event()

    def silent(request):
        request.events(("state", deployment))
        asked_again.wait(20)

    def over(request):
        asked_again.set()
        request.events(("end", {"status": "live"}))

    turns = iter([silent, over])
    fake.on("GET", "/deployments/7/log/stream", lambda request: next(turns)(request))
    gaps = []
    assert list(Follower(api, 7, on_gap=lambda: gaps.append(1)).lines()) == stored
    assert gaps == []


def test_a_studio_that_stays_away_ends_the_wait(fake, api, monkeypatch):
    monkeypatch.setattr(logs, "RECONNECT_WITHIN_S", -1)
    fake.close()
    with pytest.raises(StudioNotAnswering):
        list(Follower(api, 7).lines())


def test_a_deployment_that_is_gone_ends_the_wait(fake, api):
    with pytest.raises(ApiError, match="No such page"):
        list(Follower(api, 7).lines())


def test_states_are_told_as_they_come(fake, api, stored, deployment):
    building = {**deployment, "status": "building"}
    fake.on(
        "GET",
        "/deployments/7/log/stream",
        lambda request: request.events(("state", building), ("message", stored[0]), ("end", {})),
    )
    states = []
    list(Follower(api, 7, on_state=states.append).lines())
    assert states == [building]


SERVICE = "/services/cancer"


def of_service(api, **told):
    return ServiceFollower(api, f"{api.root}{SERVICE}", **told)


def test_a_services_log_goes_on_from_the_last_line_until_the_service_is_gone(fake, api, lines):
    turns = iter([[("message", lines[0])], [("message", line) for line in lines[1:]], [("end", {"status": "deleted"})]])
    fake.on("GET", f"{SERVICE}/log/stream", lambda request: request.events(*next(turns)))
    assert list(of_service(api, replica="r-b").lines()) == lines
    asked = fake.asked("GET", f"{SERVICE}/log/stream")
    assert [(after(each), each.query["replica"]) for each in asked] == [(0, ["r-b"]), (1, ["r-b"]), (5, ["r-b"])]


def test_a_target_that_cannot_be_read_is_told_over_a_stream(fake, api, lines):
    troubles = []
    fake.on(
        "GET",
        f"{SERVICE}/log/stream",
        lambda request: request.events(
            ("trouble", {"detail": "away"}), ("trouble", {"detail": ""}), ("message", lines[0]), ("end", {})
        ),
    )
    assert list(of_service(api, on_trouble=troubles.append).lines()) == lines[:1]
    assert troubles == ["away"]


def test_where_streams_are_swallowed_a_services_lines_are_asked_for(fake, api, lines):
    away = {"title": "Away", "status": 503, "code": "target-unavailable", "detail": "The engine is away."}
    pages = iter([(away, 503), (away, 503), (lines, 200), ([], 200), ({"title": "No such service"}, 404)])

    def page(request):
        told, status = next(pages)
        request.json({"lines": told, "last_seq": 5, "finished": False} if status == 200 else told, status)

    fake.on("GET", f"{SERVICE}/log", page)
    troubles, seen = [], []
    with pytest.raises(ApiError, match="No such service"):
        seen += of_service(api, on_trouble=troubles.append).lines()
    assert seen == lines and troubles == ["The engine is away."]
