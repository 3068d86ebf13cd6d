"""Bodies on a running studio: read once their sender was let in, never held in memory, kept as far as they came."""

import base64
import hashlib
import http.client
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from tusclient.client import TusClient

from tests.running import RunningStudio

GIGABYTE = 10**9
MEGABYTE = b"m" * 10**6
STREAM = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}
W = "/api/v1/workspaces/default/"


@pytest.fixture
def api(studio):
    with studio.api() as client:
        yield client


@pytest.fixture
def upload(api) -> str:
    return api.post("uploads", json={}).json()["id"]


class Connection:
    """One request by hand, so that a test can send what no client would."""

    def __init__(self, studio: RunningStudio) -> None:
        self.socket = socket.create_connection(("127.0.0.1", studio.port), timeout=30)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.socket.close()

    def begin(self, method: str, path: str, length: int, **headers: str) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def send_until_closed(self, most_bytes: int) -> int:
        sent = 0
        try:
            while sent < most_bytes:
                self.socket.sendall(MEGABYTE)
                sent += len(MEGABYTE)
        except OSError:
            pass
        return sent

    def answer(self) -> http.client.HTTPResponse:
        answer = http.client.HTTPResponse(self.socket)
        answer.begin()
        return answer


def address(upload: str, what: str = "files/model.bin", workspace: str = "default") -> str:
    return f"/api/v1/workspaces/{workspace}/uploads/{upload}/{what}"


def used_bytes(studio: RunningStudio) -> int:
    files = (path for path in (studio.data).rglob("*") if path.parent.name in {"incoming", "staging", "arriving"})
    return sum(path.stat().st_size for path in files if path.is_file())


NOBODY = {"Authorization": "Bearer slp_nobody"}


@pytest.mark.parametrize(("what", "method"), [("files/model.bin", "PUT"), ("tus", "POST"), ("tus/0", "PATCH")])
@pytest.mark.parametrize("headers", [{}, NOBODY], ids=["anonymous", "with a wrong token"])
def test_ten_gigabytes_of_a_stranger_are_refused_unread(studio, upload, what, method, headers):
    what = what.replace("/0", f"/{upload}")
    with Connection(studio) as sender:
        sender.begin(method, address(upload, what), 10 * GIGABYTE, Content_Type=STREAM, **headers)
        assert sender.answer().status == 401  # while nothing of the body has been sent
        # What the kernels on both sides hold, and a megabyte while the sender notices: it gets no further.
        assert sender.send_until_closed(GIGABYTE) < 50 * 10**6
    assert used_bytes(studio) == 0


@pytest.mark.parametrize(("where", "workspace", "status"), [
    ("files/model.bin", "nowhere", 404), ("files/../model.bin", "default", 422),
])  # fmt: skip
def test_what_a_member_may_not_send_is_refused_unread_as_well(studio, upload, where, workspace, status):
    with Connection(studio) as sender:
        token = f"Bearer {studio.token}"
        sender.begin("PUT", address(upload, where, workspace), 10 * GIGABYTE, Authorization=token)
        answer = sender.answer()
        assert (answer.status, answer.headers["Connection"]) == (status, "close")
        assert sender.send_until_closed(GIGABYTE) < 50 * 10**6


def test_an_upload_of_somebody_else_is_refused_unread(studio):
    with Connection(studio) as sender:
        path = address("00000000-0000-0000-0000-000000000000")
        sender.begin("PUT", path, 10 * GIGABYTE, Authorization=f"Bearer {studio.token}")
        assert sender.answer().status == 404


def test_a_sender_that_asks_first_is_refused_before_it_sends(studio, upload):
    with Connection(studio) as sender:
        sender.begin("PUT", address(upload), 10 * GIGABYTE, Expect="100-continue")
        assert sender.answer().status == 401


def test_what_is_larger_than_the_disk_is_refused_unread(studio, upload):
    with Connection(studio) as sender:
        sender.begin("PUT", address(upload), 2**60, Authorization=f"Bearer {studio.token}")
        assert sender.answer().status == 507


@pytest.mark.parametrize("path", ["/api/v1/workspaces/default/models", "/sign-in/", "/nowhere"])
def test_other_addresses_take_no_more_than_any_of_them_needs(studio, path):
    with Connection(studio) as sender:
        sender.begin("POST", path, 10 * GIGABYTE, Content_Type="application/json")
        assert sender.send_until_closed(GIGABYTE) < 100 * 10**6
        answer = sender.answer()
        assert (answer.status, answer.headers["Content-Type"]) == (413, "application/problem+json")


class Watched:
    """Pieces of a body; between them, the memory of the web process."""

    def __init__(self, studio: RunningStudio, count: int) -> None:
        self.count = count
        self.process = psutil.Process(studio.pids_of("web")[0])
        self.before = self.most = self.process.memory_info().rss

    def __iter__(self) -> Iterator[bytes]:
        for number in range(self.count):
            yield number.to_bytes(4, "big") * 250_000
            self.most = max(self.most, self.process.memory_info().rss)

    @property
    def grown(self) -> int:
        return self.most - self.before


def test_memory_stays_flat_while_a_large_file_arrives(studio, api, upload):
    api.put(f"uploads/{upload}/files/first.bin", content=b"x" * 10**6).raise_for_status()
    body = Watched(studio, 400)
    stored = api.put(f"uploads/{upload}/files/model.bin", content=iter(body), headers={"Content-Length": "400000000"})
    assert stored.json()["size"] == 400_000_000
    assert body.grown < 40 * 10**6


def test_memory_stays_flat_while_a_large_file_arrives_in_pieces(studio, api, upload):
    location = begin(api, upload, 400_000_000)
    api.patch(location, content=b"x" * 10**6, headers=patching(0)).raise_for_status()
    body = Watched(studio, 399)
    api.patch(location, content=iter(body), headers=patching(10**6)).raise_for_status()
    assert api.get(f"uploads/{upload}").json()["files"][0]["size"] == 400_000_000
    assert body.grown < 40 * 10**6


def patching(offset: int) -> dict[str, str]:
    return {**TUS, "Upload-Offset": str(offset), "Content-Type": STREAM}


def begin(api: httpx.Client, upload: str, size: int) -> str:
    metadata = f"path {base64.b64encode(b'model.bin').decode()}"
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
    return api.post(f"uploads/{upload}/tus", headers=headers).headers["Location"].removeprefix(W)


def offset_of(api: httpx.Client, location: str) -> int:
    answer = api.head(location, headers=TUS)
    answer.raise_for_status()
    return int(answer.headers["Upload-Offset"])


def break_off(studio: RunningStudio, location: str, content: bytes, offset: int = 0) -> Connection:
    """Send that much of the file from `offset` on, with more announced, and leave the connection open."""
    sender = Connection(studio)
    headers = {"Authorization": f"Bearer {studio.token}", "Content_Type": STREAM, "Tus_Resumable": "1.0.0"}
    sender.begin("PATCH", W + location, 10**8, Upload_Offset=str(offset), **headers)
    sender.socket.sendall(content)
    return sender


def until(happens) -> None:
    deadline = time.monotonic() + 30
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def stored(studio: RunningStudio, api: httpx.Client, upload: str, location: str, content: bytes) -> bool:
    """Send the rest; whether all of it is then what it was."""
    offset = offset_of(api, location)
    api.patch(location, content=content[offset:], headers=patching(offset)).raise_for_status()
    file = api.get(f"uploads/{upload}").json()["files"][0]
    return file["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_connection_that_breaks_loses_nothing(studio, api, upload):
    content = os.urandom(5 * 10**6)
    location = begin(api, upload, len(content))
    with break_off(studio, location, content[: 3 * 10**6]):
        pass
    until(lambda: offset_of(api, location) == 3 * 10**6)
    assert stored(studio, api, upload, location, content)


def test_a_sender_whose_connection_hangs_may_come_again_on_another(studio, api, upload):
    content = os.urandom(5 * 10**6)
    location = begin(api, upload, len(content))
    with break_off(studio, location, content[: 3 * 10**6]):
        until(lambda: api.head(location, headers=TUS).headers.get("Upload-Offset") == str(3 * 10**6))
        assert stored(studio, api, upload, location, content)


def test_two_senders_at_once_cannot_spoil_a_file(studio, api, upload):
    content = os.urandom(3 * 10**6)
    location = begin(api, upload, len(content))
    with break_off(studio, location, content[: 10**6]) as first:
        until(lambda: used_bytes(studio) > 0)
        first.socket.sendall(content[10**6 : 10**6 + 1])
        second = api.patch(location, content=b"y" * 2000, headers=patching(0))
        assert second.status_code in {409, 423}
    assert stored(studio, api, upload, location, content)


@pytest.fixture
def own_studio(tmp_path):
    running = RunningStudio(tmp_path / "data").start()
    yield running
    running.stop()


def test_a_web_process_killed_in_the_middle_goes_on_where_it_was(own_studio):
    content = os.urandom(8 * 10**6)
    with own_studio.api() as api:
        upload = api.post("uploads", json={}).json()["id"]
        location = begin(api, upload, len(content))
        api.patch(location, content=content[: 10**6], headers=patching(0)).raise_for_status()
        with break_off(own_studio, location, content[10**6 : 7 * 10**6], 10**6):
            until(lambda: used_bytes(own_studio) >= 6 * 10**6)
            killed = own_studio.pids_of("web")
            own_studio.kill("web")
        until(lambda: own_studio.pids_of("web") not in ([], killed) and answers(own_studio))
        assert offset_of(api, location) >= 10**6
        assert stored(own_studio, api, upload, location, content)
    assert used_bytes(own_studio) == 0


def answers(studio: RunningStudio) -> bool:
    try:
        return httpx.get(f"{studio.url}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_a_client_of_tus_as_it_comes_uploads_and_goes_on(studio, api, upload, tmp_path):
    path: Path = tmp_path / "größe.bin"
    path.write_bytes(os.urandom(3 * 10**6))
    client = TusClient(f"{studio.url}{address(upload, 'tus')}", headers={"Authorization": f"Bearer {studio.token}"})
    first = client.uploader(str(path), chunk_size=10**6, metadata={"filename": path.name}, upload_checksum=True)
    first.upload_chunk()
    again = client.uploader(str(path), chunk_size=10**6, url=first.url)
    assert again.offset == 10**6
    again.upload()
    files = api.get(f"uploads/{upload}").json()["files"]
    assert [(file["path"], file["sha256"]) for file in files] == [
        (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    ]
