"""Following a log live: replayed from any line on, then as it is written, nothing lost and nothing twice."""

import asyncio
import json
import random
import threading

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from deployments import logs, transitions
from deployments.models import Deployment
from deployments.states import Status
from studio.asgi import application
from tests.deployments.sockets import ORIGIN, Socket, close_code, cookie_of, events_at
from workspaces.tokens import create_token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def closed_connections():
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def working(queued):
    """A worker has the deployment."""
    assert transitions.claim(queued.pk, "w")
    return queued


def write(deployment: Deployment, *texts: str) -> None:
    writer = logs.LogWriter(deployment.pk, "w")
    for text in texts:
        writer.line("stdout", text)
    writer.flush()


def end(deployment: Deployment) -> None:
    transitions.move(deployment.pk, Status.QUEUED, Status.FAILED, worker="w", failure={"detail": "no"})


class Busy(threading.Thread):
    """Writes lines, some at a time, until it was read often `enough`; then it ends the deployment."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__()
        self.deployment, self.enough, self.lines = deployment, threading.Event(), 0

    def run(self) -> None:
        writer = logs.LogWriter(self.deployment.pk, "w")
        while not self.enough.wait(0.01) and self.lines < 100_000:
            for _ in range(7):
                self.lines += 1
                writer.line("stdout", f"line {self.lines}")
            writer.flush()
        end(self.deployment)
        connections.close_all()


@pytest.fixture
def busy(working):
    writer = Busy(working)
    writer.start()
    yield writer
    writer.enough.set()
    writer.join()


@pytest.fixture
def join(reader, stranger):
    """Opens a websocket as rita the reader, with what is given instead."""
    cookies = {"reader": cookie_of(reader), "stranger": cookie_of(stranger), "nobody": b""}

    def joining(deployment_id, after="", who="reader", origin=ORIGIN, workspace="vision"):
        path = f"/ws/workspaces/{workspace}/deployments/{deployment_id}/log{after}"
        headers = [(b"cookie", cookies[who])] + ([(b"origin", origin)] if origin else [])
        return Socket(application, path, headers=headers)

    return joining


FOREIGN = [b"http://evil.example", b"http://127.0.0.1:9999", b"https://127.0.0.1:8000", b"null", b""]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_of_another_server_is_not_let_in(queued, join, origin):
    assert not await join(queued.pk, origin=origin).connect()


async def test_somebody_who_is_not_signed_in_is_asked_to(queued, join):
    assert await close_code(join(queued.pk, who="nobody")) == 4401


@pytest.mark.parametrize(("who", "workspace", "missing"), [
    ("stranger", "vision", 0), ("reader", "elsewhere", 0), ("reader", "nowhere", 0), ("reader", "vision", 1000),
    ("stranger", "elsewhere", 0), ("reader", "vision", 10**25),
])  # fmt: skip
async def test_somebody_elses_log_is_not_there(queued, join, who, workspace, missing):
    assert await close_code(join(queued.pk + missing, who=who, workspace=workspace)) == 4404


async def read(socket: Socket) -> list[dict]:
    """Every message until the server closes."""
    messages = []
    while True:
        said = await socket.receive_output(20)
        if said["type"] == "websocket.close":
            return messages
        messages.append(json.loads(said["text"]))


def lines_of(messages: list[dict]) -> list[dict]:
    return [line for message in messages if message["type"] == "lines" for line in message["lines"]]


async def test_a_log_that_has_ended_is_replayed_and_the_socket_closed(working, join):
    await sync_to_async(write)(working, *"abc")
    await sync_to_async(end)(working)
    socket = join(working.pk)
    await socket.connect()
    messages = await read(socket)
    assert [line["text"] for line in lines_of(messages)] == ["a", "b", "c"]
    assert [message["type"] for message in messages] == ["lines", "state", "end"]
    assert messages[1]["deployment"]["status"] == "failed" == messages[2]["status"]


@pytest.mark.parametrize(("after", "texts"), [
    ("?after=1", ["b", "c"]), ("?after=3", []), ("?after=99", []), ("?after=x", ["a", "b", "c"]),
    ("?after=-1", ["a", "b", "c"]), ("?after=" + "9" * 40, ["a", "b", "c"]), ("?after=", ["a", "b", "c"]),
])  # fmt: skip
async def test_a_reader_gets_what_it_does_not_have_yet(working, join, after, texts):
    await sync_to_async(write)(working, *"abc")
    await sync_to_async(end)(working)
    socket = join(working.pk, after)
    await socket.connect()
    assert [line["text"] for line in lines_of(await read(socket))] == texts


async def test_lines_and_states_come_as_they_happen(working, join):
    socket = join(working.pk)
    await socket.connect()
    assert json.loads((await socket.receive_output(5))["text"])["deployment"]["status"] == "queued"
    await sync_to_async(write)(working, "live")
    assert json.loads((await socket.receive_output(5))["text"])["lines"][0]["text"] == "live"
    await sync_to_async(end)(working)
    assert [message["type"] for message in await read(socket)] == ["state", "end"]


async def test_nothing_is_lost_or_doubled_over_fifty_connections_while_lines_are_written(busy, join):
    chance, seen, ended = random.Random(5), [0], False
    for number in range(51):
        socket = join(busy.deployment.pk, f"?after={seen[-1]}")
        await socket.connect()
        patience = chance.randint(1, 3)
        if number == 50:
            busy.enough.set()
            patience = 10_000
        while patience and not ended:
            message = json.loads((await socket.receive_output(20))["text"])
            seen += [line["seq"] for line in message.get("lines", [])]
            ended = message["type"] == "end"
            patience -= 1
        await socket.disconnect()
    assert ended and seen == list(range(busy.lines + 1))


async def test_what_a_client_sends_is_not_read(working, join):
    socket = join(working.pk)
    await socket.connect()
    await socket.send_to(text="{")
    await socket.send_to(bytes=b"\xff" * 1000)
    await sync_to_async(write)(working, "still here")
    await sync_to_async(end)(working)
    assert [line["text"] for line in lines_of(await read(socket))] == ["still here"]


async def test_a_deployment_that_is_deleted_meanwhile_ends_the_log(working, join):
    socket = join(working.pk)
    await socket.connect()
    await socket.receive_output(5)
    await sync_to_async(working.revision.service.delete)()
    assert (await read(socket))[-1] == {"type": "end", "status": "deleted"}


async def test_a_fault_closes_the_socket_so_that_the_reader_joins_again(working, join, monkeypatch):
    from deployments import follow

    monkeypatch.setattr(follow, "read_after", lambda *_: 1 / 0)
    assert await close_code(join(working.pk)) == 1011


@pytest.fixture
def stream(reader):
    """Server-sent events as parsed (event, id, data)."""
    token = create_token(user=reader, name="cli")[1]

    def events(deployment_id, after: int = 0, last_id: str = ""):
        path = f"/api/v1/workspaces/vision/deployments/{deployment_id}/log/stream?after_seq={after}"
        return events_at(path, token, last_id)

    return events


async def test_events_carry_numbers_that_resume_the_stream(working, stream):
    await sync_to_async(write)(working, *"abc")
    await sync_to_async(end)(working)
    seen = [event async for event in stream(working.pk, last_id="1")]
    assert [(name, number) for name, number, _ in seen[:2]] == [("line", "2"), ("line", "3")]
    assert [name for name, *_ in seen[2:]] == ["state", "end"]
    assert seen[0][2]["text"] == "b" and seen[-1][2] == {"status": "failed"}


@pytest.mark.parametrize("last_id", ["x", "-1", "²", "9" * 40])
async def test_a_last_event_that_is_no_number_means_what_the_address_says(working, stream, last_id):
    await sync_to_async(write)(working, *"abc")
    await sync_to_async(end)(working)
    assert [data["text"] async for name, _, data in stream(working.pk, 2, last_id) if name == "line"] == ["c"]


async def test_nothing_is_lost_or_doubled_over_many_streams_while_lines_are_written(busy, stream):
    chance, seen, ended = random.Random(6), [0], False
    for number in range(11):
        patience = chance.randint(1, 60)
        if number == 10:
            busy.enough.set()
            patience = 1_000_000
        events = stream(busy.deployment.pk, last_id=str(seen[-1]))
        async for name, line, _ in events:
            if name == "line":
                seen.append(int(line))
                patience -= 1
            ended = name == "end"
            if ended or not patience:
                break
        await events.aclose()
    assert ended and seen == list(range(busy.lines + 1))


async def test_a_page_that_goes_away_leaves_nothing_running(working, join):
    before = len(asyncio.all_tasks())
    sockets = [join(working.pk) for _ in range(5)]
    for socket in sockets:
        await socket.connect()
    for socket in sockets:
        await socket.disconnect()
    await asyncio.sleep(0.05)
    assert len(asyncio.all_tasks()) == before
