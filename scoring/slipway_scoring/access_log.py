"""One line a request, written once per turn of the event loop however many requests it answered."""

import asyncio
import os
import sys
import time


class AccessLog:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._second = 0
        self._stamp = ""
        self._ending = f" I [{os.getpid()}] slipway.access - "

    def add(self, method: str, path: str, status: int, elapsed_ms: float, size: int) -> None:
        now = time.time()
        if int(now) != self._second:
            self._second = int(now)
            self._stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        self._lines.append(
            f"{self._stamp},{int(now % 1 * 1000):03d}{self._ending}{method} {path} {status} {elapsed_ms:.3f}ms {size}\n"
        )

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        sys.stdout.write("".join(lines))
