"""One line of JSON a request, written once per turn of the event loop however many requests it answered."""

import asyncio
import os
import sys
import time

import orjson


class AccessLog:
    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._second = 0
        self._stamp = ""
        self._process = os.getpid()

    def add(self, method: str, path: str, status: int, elapsed_ms: float, size: int, request_id: bytes) -> None:
        """`message` reads as the access line of Azure's server (contract, 1.15)."""
        now = time.time()
        if int(now) != self._second:
            self._second = int(now)
            self._stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        self._lines.append(
            orjson.dumps(
                {
                    "time": f"{self._stamp}.{int(now % 1 * 1000):03d}Z",
                    "logger": "slipway.access",
                    "process": self._process,
                    "message": f"{method} {path} {status} {elapsed_ms:.3f}ms {size}",
                    "status": status,
                    "elapsed_ms": round(elapsed_ms, 3),
                    "request_id": request_id.decode("latin-1"),
                },
                option=orjson.OPT_APPEND_NEWLINE,
            )
        )

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        sys.stdout.buffer.write(b"".join(lines))
        sys.stdout.buffer.flush()
