"""A proxy such as some offices have: it knows nothing of websockets, or of streams either."""

import asyncio
import contextlib
import threading


class Proxy:
    """Passes connections on to a port, but breaks off any whose request holds one of `refused`."""

    def __init__(self, to_port: int, *refused: bytes, to_host: str = "127.0.0.1") -> None:
        self.to_port, self.to_host = to_port, to_host
        self.refused = refused
        self.loop = asyncio.new_event_loop()

    def __enter__(self) -> "Proxy":
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.port = 0
        self.mend()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.break_off()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def break_off(self) -> None:
        """Every connection ends in the middle, and there are no more."""
        asyncio.run_coroutine_threadsafe(self._stop(), self.loop).result(timeout=10)

    def mend(self) -> None:
        listening = asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.server = asyncio.run_coroutine_threadsafe(listening, self.loop).result(timeout=10)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self.server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(self.to_host, self.to_port)
            try:
                await asyncio.gather(self._pass(reader, back, self.refused), self._pass(there, writer, ()))
            except asyncio.CancelledError:  # broken off: neither end hears a word of it but the end
                writer.transport.abort()
                back.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, refused: tuple[bytes, ...]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if any(mark in data for mark in refused):
                    break
                writer.write(data)
                await writer.drain()
        writer.close()
