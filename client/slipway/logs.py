"""Following a log: every line once, in order, across dropped connections.

Lines are numbered on the studio, so a reader only has to say which number it saw last. The stream
is server-sent events; where a proxy swallows those, the same lines are asked for by plain requests.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slipway import events
from slipway.errors import ApiError, ConnectionBroken, StudioNotAnswering, StudioSilent
from slipway.http import Api

RECONNECT_WITHIN_S = 120.0
RETRY_S = 0.5
POLL_S = 1.0
SILENT_STREAM_S = 30.0
STREAM_TRIES = 3
PAGE_LINES = 1000

Line = Mapping[str, Any]
Deployment = Mapping[str, Any]


class _Reader:
    """One reader of one log. `on_gap` is told once of each lost connection; a studio that stays away longer than
    RECONNECT_WITHIN_S ends it with the last error."""

    def __init__(self, api: Api, path: str, *, after_seq: int, on_gap: Callable[[], None], replica: str = "") -> None:
        self._api, self._path, self._replica, self._on_gap = api, path, replica, on_gap
        self.last_seq = after_seq
        self._fruitless_streams = 0
        self._lost_at: float | None = None

    def lines(self) -> Iterator[Line]:
        """Every line after `after_seq`, until the log has ended."""
        while not (yield from self._attempt()):
            self._wait_to_retry()

    def _tell(self, event: events.Event) -> None:
        """What is no line and not the end."""
        raise NotImplementedError

    def _poll(self) -> Iterator[Line]:
        """All lines there are now; True when the log has ended."""
        raise NotImplementedError

    def _attempt(self) -> Iterator[Line]:
        """True when the log has ended."""
        try:
            return (yield from self._poll() if self._polling else self._stream())
        except StudioSilent as exc:
            if self._fruitless_streams:  # else it is a build with nothing to say; ask anew to be sure
                self._lost(exc)
        except (ConnectionBroken, StudioNotAnswering) as exc:
            self._lost(exc)
        except ApiError as exc:
            if self._polling and exc.status < 500:
                raise
            self._fruitless_streams += 1
            if exc.status >= 500:
                self._lost(exc)
        return False

    @property
    def _polling(self) -> bool:
        return self._fruitless_streams >= STREAM_TRIES

    def _stream(self) -> Iterator[Line]:
        with self._api.stream(
            f"{self._path}/log/stream",
            params={"after_seq": self.last_seq, "replica": self._replica},
            headers={"Accept": "text/event-stream", "Last-Event-ID": str(self.last_seq)},
            read_timeout_s=SILENT_STREAM_S,
        ) as body:
            self._fruitless_streams += 1
            for event in events.parse(events.lines(body)):
                self._fruitless_streams = 0
                self._lost_at = None
                if event.kind == "end":
                    return True
                if event.kind == "message":
                    yield from self._new([event.data])
                else:
                    self._tell(event)
        return False

    def _page_through(self) -> Iterator[Line]:
        """All lines there are now; True when no more can come."""
        while True:
            asked = {"after_seq": self.last_seq, "limit": PAGE_LINES, "replica": self._replica}
            page = self._api.get(f"{self._path}/log", **asked)
            self._lost_at = None
            yield from self._new(page["lines"])
            if not page["lines"]:
                return page["finished"]

    def _new(self, lines: list[Line]) -> Iterator[Line]:
        for line in lines:
            if line["seq"] > self.last_seq:
                self.last_seq = line["seq"]
                yield line

    def _lost(self, exc: Exception) -> None:
        now = time.monotonic()
        if self._lost_at is None:
            self._lost_at = now
            self._on_gap()
        if now - self._lost_at > RECONNECT_WITHIN_S:
            raise exc

    def _wait_to_retry(self) -> None:
        time.sleep(POLL_S if self._polling else RETRY_S)


class Follower(_Reader):
    """Of a deployment's log. `on_state` is told the deployment's JSON whenever the studio sends it."""

    def __init__(
        self,
        api: Api,
        deployment_id: object,
        *,
        after_seq: int = 0,
        on_state: Callable[[Deployment], None] = lambda deployment: None,
        on_gap: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(api, f"{api.root}/deployments/{deployment_id}", after_seq=after_seq, on_gap=on_gap)
        self._on_state = on_state

    def lines(self) -> Iterator[Line]:
        """Every line after `after_seq`, until the deployment has finished."""
        yield from super().lines()
        yield from self._page_through()  # what was written between the last event and the end

    def written(self) -> Iterator[Line]:
        """The lines there are now."""
        yield from self._page_through()

    def _tell(self, event: events.Event) -> None:
        if event.kind == "state":
            self._on_state(event.data)

    def _poll(self) -> Iterator[Line]:
        finished = yield from self._page_through()
        self._on_state(self._api.get(self._path))
        return finished


class ServiceFollower(_Reader):
    """Of what a running service writes, until it is gone. `on_trouble` is told why its target cannot be read."""

    def __init__(
        self,
        api: Api,
        path: str,
        *,
        replica: str = "",
        after_seq: int = 0,
        on_trouble: Callable[[str], None] = lambda why: None,
        on_gap: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(api, path, after_seq=after_seq, on_gap=on_gap, replica=replica)
        self._on_trouble, self._trouble = on_trouble, ""

    def _tell(self, event: events.Event) -> None:
        if event.kind == "trouble":
            self._troubled(event.data["detail"])

    def _poll(self) -> Iterator[Line]:
        try:
            yield from self._page_through()
            self._troubled("")
        except ApiError as exc:
            if exc.code != "target-unavailable":
                raise
            self._troubled(exc.detail)
        return False

    def _troubled(self, why: str) -> None:
        if why and why != self._trouble:
            self._on_trouble(why)
        self._trouble = why
