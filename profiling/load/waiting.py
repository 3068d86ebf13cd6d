"""Waiting for sockets, with an end that is finer than epoll's milliseconds."""

import math
import select
from time import perf_counter
from typing import Protocol


class Watcher(Protocol):
    def ready(self, events: int, now: float) -> None:
        """`now` is when this was noticed: of several at once the last would otherwise seem later than it was."""


class Waiting:
    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._fd = self._epoll.fileno()
        self._watchers: dict[int, Watcher] = {}

    def watch(self, fd: int, watcher: Watcher, *, writing: bool = False) -> None:
        """Tell `watcher` when `fd` can be read; with `writing`, when it can be written too."""
        events = select.EPOLLIN | select.EPOLLOUT if writing else select.EPOLLIN
        if fd in self._watchers:
            self._epoll.modify(fd, events)
        else:
            self._epoll.register(fd, events)
        self._watchers[fd] = watcher

    def forget(self, fd: int) -> None:
        del self._watchers[fd]
        self._epoll.unregister(fd)

    def wait(self, seconds: float) -> None:
        """Tells the watchers, then returns; at latest once `seconds` have passed."""
        # epoll would round up to a whole millisecond, select counts microseconds.
        if 0 < seconds < 0.02:
            select.select((self._fd,), (), (), seconds)
            seconds = 0
        watchers = self._watchers
        noticed = self._epoll.poll(max(math.floor(seconds * 1000) / 1000, 0))
        now = perf_counter()
        for fd, events in noticed:
            # An earlier one of this round may have closed it.
            if fd in watchers:
                watchers[fd].ready(events, now)
