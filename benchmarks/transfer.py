"""A large file up and down: how fast, and what the server's memory does meanwhile.

    .venv/bin/python benchmarks/transfer.py [--gb 10] [--s3] [--folder DIR] [--json FILE]

Starts a studio on an empty data folder (with `--s3` beside moto's S3 server, which keeps objects in memory: small
sizes only), and sends one file of random bytes: by PUT; by tus, cut off half way and gone on with. Then it fetches the
file from its version: whole; by a range, cut off half way and gone on with; as a zip archive; each download is hashed.
Last, the studio verifies the version. Resident memory of the web process is looked at 20 times a second. Beside it,
what this machine does without a studio: hashing the file, and copying it with fsync. Nothing is asserted but that the
bytes are the same. Wants what `./test` installs (`./setup test`), and room for six times the file.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.journeys.servers import s3  # noqa: E402
from tests.running import RunningStudio  # noqa: E402

MB, GB = 1024**2, 1024**3
PIECE = MB
TUS = {"Tus-Resumable": "1.0.0"}
OFFSET_STREAM = "application/offset+octet-stream"
PATIENCE_S = 3600


class Watch(threading.Thread):
    """The most resident memory a process had between two looks, and how much it began with."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process, self.over = psutil.Process(pid), threading.Event()
        self.start_mb = self.most_mb = self._mb()
        self.start()

    def _mb(self) -> float:
        return self._process.memory_info().rss / MB

    def run(self) -> None:
        while not self.over.wait(0.05):
            self.most_mb = max(self.most_mb, self._mb())

    def took(self) -> float:
        """Since it was last asked."""
        most, self.most_mb = self.most_mb, self._mb()
        return most


class Client:
    """Plain http.client: what it costs is known."""

    def __init__(self, studio: RunningStudio) -> None:
        self.address, self.root = urlsplit(studio.url), f"/api/v1/workspaces/{studio.workspace}"
        self.headers = {"Authorization": f"Bearer {studio.token}"}

    @contextmanager
    def ask(self, method: str, path: str, body=None, **headers: str) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=PATIENCE_S)
        try:
            path = path if path.startswith("/api/") else f"{self.root}/{path}"
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, self.headers | named)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise SystemExit(f"{method} {path}: {answer.status} {answer.read(1000).decode()}")
            yield answer
        finally:
            connection.close()

    def json(self, method: str, path: str, body: object = None) -> dict:
        with self.ask(method, path, json.dumps(body), Content_Type="application/json") as answer:
            return json.loads(answer.read())

    def break_off(self, method: str, path: str, file: Path, stop: int, **headers: str) -> None:
        """Announce the whole file, send `stop` bytes of it, and hang up."""
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=PATIENCE_S)
        connection.putrequest(method, path)
        length = {"Content-Length": str(file.stat().st_size)}
        for name, value in (self.headers | length | {k.replace("_", "-"): v for k, v in headers.items()}).items():
            connection.putheader(name, value)
        connection.endheaders()
        for piece in pieces(file, 0, stop):
            connection.send(piece)
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gb", type=float, default=10)
    parser.add_argument(
        "--s3", action="store_true", help="keep the content in moto's S3 server, which holds it in memory"
    )
    parser.add_argument("--folder", type=Path, help="where to make the file and the data folder")
    parser.add_argument("--json", type=Path, help="write the results here too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        folder = Path(folder)
        told = {"conditions": conditions(asked), "steps": []}
        file = folder / "model.bin"
        sha256 = make(file, int(asked.gb * GB))
        with s3(folder / "s3.log") if asked.s3 else nullcontext() as endpoint:
            studio = RunningStudio(folder / "data", environ=s3_settings(endpoint)).start()
            try:
                told["steps"] = measure(studio, file, sha256)
            finally:
                studio.stop()
    told["conditions"]["load_at_end"] = os.getloadavg()[0]
    print_table(told)
    if asked.json:
        asked.json.write_text(f"{json.dumps(told, indent=2)}\n")


def conditions(asked: argparse.Namespace) -> dict[str, object]:
    return {
        "gb": asked.gb,
        "store": "s3" if asked.s3 else "folder",
        "cpus": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_at_start": os.getloadavg()[0],
    }


def make(file: Path, size: int) -> str:
    digest = hashlib.sha256()
    with file.open("wb") as out:
        for start in range(0, size, PIECE):
            piece = os.urandom(min(PIECE, size - start))
            out.write(piece)
            digest.update(piece)
    return digest.hexdigest()


def s3_settings(endpoint: str | None) -> dict[str, str]:
    if endpoint is None:
        return {}
    import boto3

    keys = {"aws_access_key_id": "tester", "aws_secret_access_key": "tester", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="models")
    named = {"S3_BUCKET": "models", "S3_ENDPOINT_URL": endpoint}
    return named | {"S3_ACCESS_KEY_ID": "tester", "S3_SECRET_ACCESS_KEY": "tester"}


def measure(studio: RunningStudio, file: Path, sha256: str) -> list[dict[str, object]]:
    (web,) = studio.pids_of("web")
    client, watch, size = Client(studio), Watch(web), file.stat().st_size
    client.json("GET", "models")  # what the first request loads is no part of a transfer
    steps: list[dict[str, object]] = []

    def step(name: str, work: Callable[[], object]) -> object:
        watch.took()
        before, begun = watch._mb(), time.perf_counter()
        found = work()
        seconds = time.perf_counter() - begun
        steps.append(
            {
                "step": name,
                "seconds": round(seconds, 2),
                "mb_s": round(size / MB / seconds),
                "web_mb_before": round(before),
                "web_mb_most": round(watch.took()),
            }
        )
        print(steps[-1], file=sys.stderr)
        return found

    def same(found: tuple[str, int]) -> None:
        assert found == (sha256, size), "other bytes came back"

    step("this machine: hash", lambda: same(hashed(pieces(file))))
    step("this machine: copy, fsync", lambda: copied(file))
    put = step("upload, PUT", lambda: by_put(client, file))
    tus = step("upload, tus, cut off half way and resumed", lambda: by_tus(client, file))
    version = client.json("POST", "models", {"name": "large", "upload": tus})["version"]
    client.json("POST", "models", {"name": "large", "upload": put})
    there = f"models/large/versions/{version}"
    step("download", lambda: same(fetched(client, f"{there}/files/model.bin")))
    step(
        "download, cut off half way and resumed", lambda: same(fetched_in_two(client, f"{there}/files/model.bin", size))
    )
    step("download as zip, first (reads it for its checksum)", lambda: fetched(client, f"{there}/archive"))
    step("download as zip, again", lambda: fetched(client, f"{there}/archive"))
    verified = step("verify", lambda: client.json("POST", f"{there}/verify"))
    assert verified["intact"]
    watch.over.set()
    return steps


def by_put(client: Client, file: Path) -> str:
    upload = client.json("POST", "uploads", {})["id"]
    with file.open("rb") as body, client.ask(
        "PUT", f"uploads/{upload}/files/model.bin", body, Content_Length=str(file.stat().st_size),
        Content_Type="application/octet-stream",
    ) as answer:  # fmt: skip
        answer.read()
    return upload


def by_tus(client: Client, file: Path) -> str:
    upload, size = client.json("POST", "uploads", {})["id"], file.stat().st_size
    named = base64.b64encode(b"model.bin").decode()
    with client.ask(
        "POST", f"uploads/{upload}/tus", **TUS, Upload_Length=str(size), Upload_Metadata=f"path {named}"
    ) as answer:
        place = answer.headers["Location"]
    place = urlsplit(place).path
    client.break_off("PATCH", place, file, size // 2, **TUS, Upload_Offset="0", Content_Type=OFFSET_STREAM)
    with client.ask("HEAD", place, **TUS) as answer:
        offset = int(answer.headers["Upload-Offset"])
    with file.open("rb") as body:
        body.seek(offset)
        with client.ask(
            "PATCH", place, body, **TUS, Upload_Offset=str(offset), Content_Length=str(size - offset),
            Content_Type=OFFSET_STREAM,
        ) as answer:  # fmt: skip
            answer.read()
    return upload


def fetched(client: Client, path: str) -> tuple[str, int]:
    with client.ask("GET", path) as answer:
        return hashed(iter(lambda: answer.read(PIECE), b""))


def fetched_in_two(client: Client, path: str, size: int) -> tuple[str, int]:
    def both() -> Iterator[bytes]:
        with client.ask("GET", path) as answer:
            etag, left = answer.headers["ETag"], size // 2
            while left:
                piece = answer.read(min(PIECE, left))
                left -= len(piece)
                yield piece
        with client.ask("GET", path, Range=f"bytes={size // 2}-", If_Range=etag) as answer:
            assert answer.status == 206
            yield from iter(lambda: answer.read(PIECE), b"")

    return hashed(both())


def copied(file: Path) -> None:
    copy = file.with_name("copy")
    with copy.open("wb") as out:
        for piece in pieces(file):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    copy.unlink()


def pieces(file: Path, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    left = (file.stat().st_size if stop is None else stop) - start
    with file.open("rb") as source:
        source.seek(start)
        while left and (piece := source.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def hashed(found: Iterator[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in found:
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def print_table(told: dict) -> None:
    print(json.dumps(told["conditions"]))
    print("\n| step | seconds | MB/s | web before | web at most |\n| --- | --- | --- | --- | --- |")
    for each in told["steps"]:
        print(
            f"| {each['step']} | {each['seconds']} | {each['mb_s']} | {each['web_mb_before']} MB "
            f"| {each['web_mb_most']} MB |"
        )


if __name__ == "__main__":
    main()
