"""From a plan to its result."""

import gc
import os
import resource
import socket
from collections.abc import Callable
from time import perf_counter, time

from profiling.load.loads import ClosedLoad, OpenLoad
from profiling.load.plan import Plan
from profiling.load.telling import result_line, window_line
from profiling.load.waiting import Waiting

_CONNECT_S = 10.0
_OTHER_FILES = 32


class Unreachable(Exception):
    """Nothing can be measured: the server, or as many connections to it as are asked for, cannot be had."""


class Hangup:
    """Ends the program when the pipe `fd`, on which the plan came, is closed by whoever started it."""

    def __init__(self, fd: int, waiting: Waiting) -> None:
        self._fd = fd
        try:
            waiting.watch(fd, self)
        except PermissionError:
            return  # a file: nobody can close it

    def ready(self, events: int, now: float) -> None:
        if not os.read(self._fd, 65536):
            raise SystemExit(0)


def measure(plan: Plan, tell: Callable[[dict], None], plan_fd: int) -> None:
    """Tells each window, then the result. Raises Unreachable."""
    _make_room(plan.connections)
    address = reach(plan)
    waiting = Waiting()
    Hangup(plan_fd, waiting)
    # Nothing here makes circles; a collection in the midst of a window would be a delay of the server's to the numbers.
    gc.collect()
    gc.freeze()
    gc.disable()
    calendar = time() - perf_counter()
    load = (ClosedLoad if plan.mode == "closed" else OpenLoad)(plan, address, waiting)
    measuring = load.measuring
    while not measuring.over:
        waiting.wait(load.wait_s(perf_counter()))
        window = load.tick(perf_counter())
        if window is not None:
            tell(window_line(len(measuring.windows) - 1, window, lambda moment: moment + calendar))
    tell(result_line(plan, measuring, lambda moment: moment + calendar))


def _make_room(connections: int) -> None:
    """For so many sockets: a process may often open a thousand files, and more if it asks."""
    wanted = connections + _OTHER_FILES
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < wanted:
        raise Unreachable(f"{connections} connections cannot be opened: this process may open {most} files")
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def reach(plan: Plan) -> tuple[int, tuple]:
    """Family and address of the server, the first that a connection can be made to."""
    why = "it has no address"
    try:
        found = socket.getaddrinfo(plan.host, plan.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise Unreachable(f"cannot find {plan.host}: {problem}")
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as tried:
            tried.settimeout(min(plan.timeout_s, _CONNECT_S))
            try:
                tried.connect(address)
            except OSError as problem:
                why = problem.strerror or str(problem)
                continue
            return family, address
    raise Unreachable(f"cannot connect to {plan.host}, port {plan.port}: {why}")
