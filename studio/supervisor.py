"""Starts the studio's processes, prefixes what they write, brings back what ends, stops them all."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

_COLOURS = {"web": 36, "worker": 33, "gateway": 35}
_STOP_S = 6.0
_LONGEST_PAUSE_S = 10.0
_LAST_WORDS_S = 1.0
_LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Program:
    """A process to keep running, and the question whether it answers."""

    name: str
    command: list[str]
    answers: Callable[[], bool]


class Supervisor:
    def __init__(self, programs: list[Program], environ: dict[str, str]) -> None:
        self._programs = programs
        self._environ = environ
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Until SIGINT or SIGTERM. Calls `on_ready` once, when every program answers."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        keepers = [asyncio.create_task(self._keep(program)) for program in self._programs]
        ready = asyncio.create_task(self._announce(on_ready))
        await self._stopping.wait()
        ready.cancel()
        await asyncio.gather(*(self._end(name) for name in list(self._running)))
        await asyncio.gather(*keepers)

    async def _announce(self, on_ready: Callable[[], None]) -> None:
        for program in self._programs:
            while not await asyncio.to_thread(program.answers):
                await asyncio.sleep(0.1)
        on_ready()

    async def _keep(self, program: Program) -> None:
        pause = 0.2
        while not self._stopping.is_set():
            begun = time.monotonic()
            code = await self._once(program)
            if self._stopping.is_set():
                return
            pause = 0.2 if time.monotonic() - begun > 30 else min(pause * 2, _LONGEST_PAUSE_S)
            self._print(program.name, f"ended with {_how(code)}; starting it again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _once(self, program: Program) -> int:
        process, output = await self._start(program)
        self._running[program.name] = process
        copying = asyncio.create_task(self._copy(program.name, output))
        if self._stopping.is_set():  # while it was being started, and so it was not among those to stop
            await self._end(program.name)
        code = await process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it had started and left behind
        # Its output ends with it; if somebody still holds the other end, that one is not waited for.
        await asyncio.wait({copying}, timeout=_LAST_WORDS_S)
        copying.cancel()
        return code

    async def _start(self, program: Program) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader]:
        # A pipe of our own: asyncio's would keep the end of the process back until everybody has closed it.
        ours, theirs = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                env=self._environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                # Of its own, so that Ctrl-C reaches the supervisor alone, which then stops them in order.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        finally:
            os.close(theirs)
        output = asyncio.StreamReader(limit=_LONGEST_LINE)
        protocol = asyncio.StreamReaderProtocol(output)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(ours, "rb"))
        return process, output

    async def _copy(self, name: str, output: asyncio.StreamReader) -> None:
        while line := await _line(output):
            self._print(name, line.decode("utf-8", "replace").rstrip())

    async def _end(self, name: str) -> None:
        process = self._running[name]
        for number, patience in ((signal.SIGTERM, _STOP_S), (signal.SIGKILL, None)):
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                os.killpg(process.pid, number)
                await asyncio.wait_for(process.wait(), patience)
                return

    def _print(self, name: str, text: str) -> None:
        label = f"{name:<8}│"
        if sys.stdout.isatty():
            label = f"\x1b[{_COLOURS.get(name, 37)}m{label}\x1b[0m"
        print(f"{label} {text}", flush=True)


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # longer than the limit: what was read of it is dropped, the process goes on
        return b"(a line too long to show)\n"


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _end_with_parent() -> None:
    """On Linux, ask the kernel to stop this child when the supervisor is killed."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG
