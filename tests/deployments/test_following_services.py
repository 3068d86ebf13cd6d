"""Following what runs: replayed from any line on, then as it is written, through restarts of everything."""

import asyncio
import json
import random
import threading
import time

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from deployments import follow, live_log
from deployments.models import Workload
from drivers.base import LogRecord
from drivers.errors import DriverError
from studio.asgi import application
from tests import objects
from tests.deployments.sockets import ORIGIN, Socket, close_code, cookie_of, events_at
from workspaces.models import Membership
from workspaces.tokens import create_token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def closed_connections():
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(follow, "LOOK_S", 0.02)
    monkeypatch.setattr(follow, "CHECK_S", 0.1)
    monkeypatch.setattr(live_log, "LONGEST_PAUSE_S", 0.01)


@pytest.fixture
def service(queued, driver):
    made = objects.live(queued)
    driver.running[Workload.objects.get().name] = None
    return made


@pytest.fixture
def write(service, driver):
    name = Workload.objects.get().name

    def writing(*texts: str, replica: str = "") -> None:
        for text in texts:
            record = LogRecord(time.time(), "stdout", text, replica)
            driver.written[name] = [*driver.written.get(name, []), record]

    return writing


@pytest.fixture
def join(reader, stranger):
    """Opens a websocket as rita the reader, with what is given instead."""
    cookies = {"reader": cookie_of(reader), "stranger": cookie_of(stranger), "nobody": b""}

    def joining(query="", who="reader", origin=ORIGIN, workspace="vision", name="reader"):
        path = f"/ws/workspaces/{workspace}/services/{name}/log{query}"
        return Socket(application, path, headers=[(b"cookie", cookies[who]), (b"origin", origin)])

    return joining


async def message(socket: Socket) -> dict:
    said = await socket.receive_output(20)
    assert said["type"] == "websocket.send", said
    return json.loads(said["text"])


async def lines(socket: Socket, enough: int) -> list[dict]:
    found: list[dict] = []
    while len(found) < enough:
        found += (await message(socket))["lines"]
    return found


async def test_a_page_of_another_server_is_not_let_in(service, join):
    assert not await join(origin=b"http://evil.example").connect()


async def test_somebody_who_is_not_signed_in_is_asked_to(service, join):
    assert await close_code(join(who="nobody")) == 4401


@pytest.mark.parametrize(("who", "workspace", "name"), [
    ("stranger", "vision", "reader"), ("reader", "elsewhere", "reader"), ("reader", "nowhere", "reader"),
    ("reader", "vision", "none"), ("reader", "vision", "rea%00der"),
])  # fmt: skip
async def test_somebody_elses_log_is_not_there(service, join, who, workspace, name):
    assert await close_code(join(who=who, workspace=workspace, name=name)) == 4404


async def test_what_was_written_is_replayed_and_what_is_written_follows(service, write, join):
    write(*"abc")
    socket = join()
    await socket.connect()
    before = await lines(socket, 3)
    assert [line["text"] for line in before] == ["a", "b", "c"]
    write("d")
    (live,) = await lines(socket, 1)
    await socket.disconnect()
    assert live["text"] == "d" and live["seq"] > before[-1]["seq"]


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "", "²"])
async def test_a_number_that_is_none_means_from_the_start(service, write, join, after):
    write(*"ab")
    socket = join(f"?after={after}")
    await socket.connect()
    assert [line["text"] for line in await lines(socket, 2)] == ["a", "b"]
    await socket.disconnect()


async def test_one_replica_can_be_followed_alone(service, write, join):
    write("left", replica="r-a")
    write("right", replica="r-b")
    socket = join("?replica=r-b")
    await socket.connect()
    (line,) = await lines(socket, 1)
    await socket.disconnect()
    assert (line["text"], line["step"]) == ("right", "r-b")


async def test_before_anything_serves_the_connection_waits_for_it(queued, driver, join):
    socket = join()
    await socket.connect()
    assert await socket.receive_nothing(0.2)
    await sync_to_async(objects.live)(queued)
    name = (await Workload.objects.aget()).name
    driver.running[name] = None
    driver.write(name, "here")
    assert [line["text"] for line in await lines(socket, 1)] == ["here"]
    driver.vanish(name)
    assert await socket.receive_nothing(0.2)
    await socket.disconnect()


async def test_a_target_that_is_away_is_said_once_and_once_it_is_back(service, write, driver, join):
    driver.trouble["logs"] = DriverError("the engine is away", advice="Start it.")
    socket = join()
    await socket.connect()
    assert await message(socket) == {
        "type": "trouble",
        "detail": "Its log cannot be read now: the engine is away Start it.",
    }
    write("meanwhile")
    assert await socket.receive_nothing(0.2)
    driver.trouble.clear()
    said = [await message(socket), await message(socket)]
    await socket.disconnect()
    assert [each["type"] for each in said] == ["lines", "trouble"] and said[1]["detail"] == ""


@pytest.mark.parametrize("what", ["service", "membership"])
async def test_whoever_may_no_longer_see_it_hears_that_it_is_gone(service, reader, join, what):
    socket = join()
    await socket.connect()
    assert await socket.receive_nothing(0.1)
    gone = service if what == "service" else await Membership.objects.aget(user=reader)
    await sync_to_async(gone.delete)()
    assert await message(socket) == {"type": "end", "status": "deleted"}
    assert (await socket.receive_output(5))["type"] == "websocket.close"


async def test_a_fault_closes_the_socket_so_that_the_reader_joins_again(service, join, monkeypatch):
    monkeypatch.setattr(live_log.LiveLog, "look", lambda *_, **__: 1 / 0)
    assert await close_code(join()) == 1011


class Busy(threading.Thread):
    """Writes lines of two replicas, some at the very same time, until told to stop."""

    def __init__(self, write_at) -> None:
        super().__init__()
        self.stop, self.texts, self._write_at = threading.Event(), [], write_at

    def run(self) -> None:
        while not self.stop.wait(0.005):
            at = time.time()
            for replica in ("r-a", "r-a", "r-b"):
                self.texts.append(f"line {len(self.texts)}")
                self._write_at(LogRecord(at, "stdout", self.texts[-1], replica))


@pytest.fixture
def busy(service, driver):
    known = driver.written.setdefault(Workload.objects.get().name, [])
    writer = Busy(known.append)
    writer.start()
    yield writer
    writer.stop.set()
    writer.join()


async def test_nothing_is_lost_or_doubled_over_many_connections_and_restarts_of_the_studio(busy, join):
    chance, seen = random.Random(5), [{"seq": 0}]
    for number in range(30):
        if number % 3 == 0:
            live_log._logs.clear()  # as after a restart
        socket = join(f"?after={seen[-1]['seq']}")
        await socket.connect()
        seen += await lines(socket, chance.randint(1, 9))
        await socket.disconnect()
    busy.stop.set()
    busy.join()
    socket = join(f"?after={seen[-1]['seq']}")
    await socket.connect()
    seen += await lines(socket, len(busy.texts) - len(seen) + 1)
    await socket.disconnect()
    assert [line["text"] for line in seen[1:]] == busy.texts


@pytest.fixture
def stream(reader):
    token = create_token(user=reader, name="cli")[1]

    def events(query: str = "", last_id: str = ""):
        return events_at(f"/api/v1/workspaces/vision/services/reader/log/stream{query}", token, last_id)

    return events


async def take(events, count: int) -> list:
    found = [await anext(events) for _ in range(count)]
    await events.aclose()
    return found


async def test_events_carry_numbers_that_resume_the_stream(service, write, stream):
    write(*"abc")
    seen = await take(stream(), 3)
    assert [(name, data["text"]) for name, _, data in seen] == [("line", "a"), ("line", "b"), ("line", "c")]
    assert all(int(number) == data["seq"] for _, number, data in seen)
    for resumed in (stream(last_id=seen[1][1]), stream(f"?after_seq={seen[1][1]}")):
        assert await take(resumed, 1) == seen[2:]


async def test_events_tell_of_trouble_and_of_the_end(service, driver, stream):
    driver.trouble["logs"] = DriverError("the engine is away")
    events = stream()
    name, _, data = await anext(events)
    assert name == "trouble" and "the engine is away" in data["detail"]
    await sync_to_async(service.delete)()
    assert [event async for event in events][-1] == ("end", None, {"status": "deleted"})


async def test_pages_that_go_away_leave_nothing_running(service, join):
    before = len(asyncio.all_tasks())
    sockets = [join() for _ in range(5)]
    for socket in sockets:
        await socket.connect()
    for socket in sockets:
        await socket.disconnect()
    await asyncio.sleep(0.1)
    assert len(asyncio.all_tasks()) == before
