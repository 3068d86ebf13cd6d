"""A browser's end of a websocket or of server-sent events, without a server in between."""

import json
from collections.abc import AsyncIterator
from urllib.parse import unquote

from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import AsyncClient

from tests import objects

ORIGIN = b"http://127.0.0.1:8000"


def cookie_of(user) -> bytes:
    cookies = objects.signed_in(user).cookies
    return f"{settings.SESSION_COOKIE_NAME}={cookies[settings.SESSION_COOKIE_NAME].value}".encode()


class Socket(ApplicationCommunicator):
    def __init__(self, application, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        path, _, query = path.partition("?")
        scope = {"type": "websocket", "path": unquote(path), "query_string": query.encode(), "headers": headers}
        super().__init__(application, scope | {"subprotocols": []})

    async def connect(self) -> bool:
        """Whether the server accepts."""
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(10))["type"] == "websocket.accept"

    async def send_to(self, **said: str | bytes) -> None:
        await self.send_input({"type": "websocket.receive", **said})

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(10)


async def close_code(socket: Socket) -> int:
    assert await socket.connect()
    said = await socket.receive_output(5)
    assert said["type"] == "websocket.close", said
    return said["code"]


async def events_at(path: str, token: str, last_id: str = "") -> AsyncIterator[tuple[str, str | None, dict]]:
    """Server-sent events as parsed (event, id, data)."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    headers |= {"Last-Event-ID": last_id} if last_id else {}
    answer = await AsyncClient().get(path, headers=headers)
    assert answer["Content-Type"] == "text/event-stream" and answer["Cache-Control"] == "no-cache"
    rest = b""
    async for piece in answer.streaming_content:
        *whole, rest = (rest + piece).split(b"\n\n")
        for block in whole:
            fields = dict(row.split(": ", 1) for row in block.decode().split("\n") if not row.startswith(":"))
            if fields:
                yield fields.get("event", "line"), fields.get("id"), json.loads(fields["data"])
