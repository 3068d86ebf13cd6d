"""The command line against a running studio, over a connection that breaks."""

import json
import os
import socket
import threading
import zipfile
from contextlib import suppress

import pytest
from slipway import again, cli


class Breaking:
    """Passes connections on to a port. The first ones are broken off after so many bytes in that direction."""

    def __init__(self, to_port: int) -> None:
        self.to_port = to_port
        self.breaks_up: list[int] = []
        self.breaks_down: list[int] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here = self.listening.accept()[0]
                there = socket.create_connection(("127.0.0.1", self.to_port))
                for ends, breaks in (((here, there), self.breaks_up), ((there, here), self.breaks_down)):
                    threading.Thread(target=self._pass, args=(*ends, breaks), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, breaks: list[int]) -> None:
        passed = 0
        with suppress(OSError):
            while data := source.recv(65536):
                passed += len(data)
                if breaks and passed > breaks[0]:
                    breaks.pop(0)
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.listening.close()


@pytest.fixture
def breaking(studio, tmp_path, monkeypatch):
    """The way from the command line to the studio."""
    proxy = Breaking(studio.port)
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"url": proxy.url, "workspace": "default", "token": studio.token}))
    monkeypatch.setenv("SLIPWAY_CONFIG", str(config))
    monkeypatch.setattr(again, "WAITS_S", (0.1, 0.5, 3.0))
    yield proxy
    proxy.close()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "model"
    (made / "data").mkdir(parents=True)
    (made / "MLmodel").write_text("flavors: {}")
    (made / "data" / "empty").touch()
    (made / "data" / "weights.bin").write_bytes(os.urandom(40_000_000))
    return made


def run(*arguments: object) -> None:
    assert cli.main([str(argument) for argument in arguments]) == 0


def contents(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_comes_back_byte_for_byte_over_a_connection_that_breaks(breaking, folder, tmp_path):
    breaking.breaks_up = [20_000_000, 5_000_000, 10_000_000]
    run("model", "register", "-n", "broken-way", "-p", folder)
    assert breaking.breaks_up == []
    breaking.breaks_down = [15_000_000, 1_000_000, 100]
    run("model", "download", "-i", "broken-way:1", "-t", tmp_path / "copy")
    assert breaking.breaks_down == []
    assert contents(tmp_path / "copy" / "model") == contents(folder)
    assert list((tmp_path / "copy").iterdir()) == [tmp_path / "copy" / "model"]


def test_an_archive_is_unpacked_on_the_studio(breaking, folder, tmp_path):
    archive = tmp_path / "model.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in contents(folder).items():
            packed.writestr(f"model/{name}", content)
    run("model", "register", "-n", "unpacked", "-p", archive, "--unpack")
    run("model", "download", "-i", "unpacked:1", "-t", tmp_path / "copy")
    assert contents(tmp_path / "copy" / "model") == contents(folder)


def test_a_hostile_archive_is_refused_and_nothing_registered(breaking, tmp_path, studio, capsys):
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../etc/passwd", b"x")
    assert cli.main(["model", "register", "-n", "evil", "-p", str(archive), "--unpack"]) == 1
    assert "'..'" in capsys.readouterr().err
    with studio.api() as api:
        assert api.get("models/evil").status_code == 404


def test_a_folder_cannot_be_unpacked(breaking, folder, capsys):
    assert cli.main(["model", "register", "-n", "folder", "-p", str(folder), "--unpack"]) == 1
    assert "Only an archive can be unpacked" in capsys.readouterr().err
