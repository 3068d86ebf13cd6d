"""Accepts connections until it is told to stop, then finishes what is under way."""

import asyncio
import socket

from slipway_scoring.connection import Connection, Shared
from slipway_scoring.sockets import BACKLOG


async def serve(shared: Shared, listener: socket.socket, stop: asyncio.Event) -> None:
    """Returns when `stop` is set and the last connection is gone."""
    loop = asyncio.get_running_loop()
    ticking = loop.create_task(_tick(shared))
    accepting = await loop.create_server(lambda: Connection(shared), sock=listener, backlog=BACKLOG)
    try:
        await stop.wait()
    finally:
        shared.stopping = True
        accepting.close()
        for connection in list(shared.connections):
            connection.close_if_idle()
        while shared.connections:
            shared.emptied.clear()
            await shared.emptied.wait()
        ticking.cancel()


async def _tick(shared: Shared) -> None:
    while True:
        shared.tick()
        await asyncio.sleep(1)
