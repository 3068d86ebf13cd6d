"""The list and watch behind states, where an API server makes it start over."""

import json
import threading
import time

import pytest
from workbench import eventually

from drivers.errors import TargetUnavailable
from drivers.kubernetes.mirror import Mirror


def pod(name: str, version: int) -> dict:
    return {"metadata": {"name": name, "resourceVersion": str(version)}}


class Server:
    """What an API server says to a list and a watch, in turn; it is then quiet."""

    def __init__(self, *turns: tuple[list[dict], list[dict] | Exception]) -> None:
        self.turns = list(turns)
        self.lists = 0
        self.quiet = threading.Event()

    def get(self, path: str, query: dict) -> dict:
        self.lists += 1
        objects, _ = self.turns[0]
        return {"items": objects, "metadata": {"resourceVersion": "9"}}

    def lines(self, path: str, query: dict, *, silence_s: float):
        if len(self.turns) == 1:
            self.quiet.wait(10)
            return
        _, events = self.turns.pop(0)
        if isinstance(events, Exception):
            raise events
        yield from (json.dumps(event).encode() for event in events)


def follow(server: Server) -> tuple[Mirror, list]:
    heard: list = []
    mirror = Mirror(server, "/pods", {}, lambda each: heard.append(each and each["metadata"]["name"]))
    mirror.start().wait(5)
    return mirror, heard


def test_a_version_that_is_too_old_is_listed_anew():
    gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old resource version"}}
    server = Server(([pod("a", 1), pod("b", 2)], [gone]), ([pod("b", 2), pod("c", 11)], []))
    mirror, heard = follow(server)
    eventually(lambda: server.lists == 2 and mirror.get("c"), 5)
    assert mirror.get("a") is None and mirror.problem is None
    assert sorted(heard[2:]) == ["a", "c"]  # what went and what came; b is as it was
    mirror.stop()


def test_what_is_known_stays_while_the_server_is_away_and_is_renewed_when_it_is_back():
    away = TargetUnavailable("The API server does not answer.")
    server = Server(([pod("a", 1)], away), ([pod("a", 5)], []))
    mirror, heard = follow(server)
    eventually(lambda: None in heard, 5)
    assert mirror.get("a") is not None
    eventually(lambda: mirror.problem is None and mirror.get("a")["metadata"]["resourceVersion"] == "5", 5)
    assert heard.count(None) == 2  # lost, and there again
    mirror.stop()


def test_a_change_of_our_own_is_not_undone_by_an_older_event():
    late = {"type": "MODIFIED", "object": pod("a", 3)}
    server = Server(([pod("a", 1)], [{"type": "BOOKMARK", "object": pod("", 2)}]), ([pod("a", 1)], []))
    mirror, _ = follow(server)
    mirror.put(pod("a", 7))
    mirror._take("MODIFIED", late["object"])
    assert mirror.get("a")["metadata"]["resourceVersion"] == "7"
    mirror.stop()


def test_whoever_waits_for_a_server_that_is_away_hears_so_at_once():
    class Away(Server):
        def get(self, path: str, query: dict) -> dict:
            raise TargetUnavailable("The API server does not answer.")

    began = time.monotonic()
    mirror = Mirror(Away(), "/pods", {}).start()
    with pytest.raises(TargetUnavailable, match="does not answer"):
        mirror.wait(60)
    assert time.monotonic() - began < 30
    mirror.stop()
