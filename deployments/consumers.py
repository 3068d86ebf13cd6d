"""Logs over websockets: `/ws/workspaces/{workspace}/deployments/{id}/log?after=SEQ`, and of what runs
`/ws/workspaces/{workspace}/services/{name}/log?after=SEQ&replica=NAME`."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from deployments import logs, queries
from deployments.follow import follow, follow_service
from workspaces.access import enter
from workspaces.errors import Refusal
from workspaces.models import Workspace
from workspaces.texts import storable

log = logging.getLogger("slipway.logs")
SIGN_IN = 4401
NOT_FOUND = 4404
FAULT = 1011
# Without a channel layer nobody rings, so rows are looked at this often; with one this is the safety net.
LOOK_S = 0.1
LOOK_ANYWAY_S = 2.0
_MOST = 2**53


class _Log(AsyncWebsocketConsumer):
    """Sends the messages of `deployments.follow`; reads nothing from the client."""

    async def connect(self) -> None:
        self.task: asyncio.Task | None = None
        # Accepted before it is refused: browsers tell pages the code of a close, never that of a handshake.
        await self.accept()
        if not self.scope["user"].is_authenticated:
            await self.close(SIGN_IN)
            return
        try:
            self.subject = await self._found()
        except Refusal:
            await self.close(NOT_FOUND)
            return
        await self.begin()
        self.task = asyncio.create_task(self._send_all())

    @database_sync_to_async
    def _found(self) -> int:
        route = self.scope["url_route"]["kwargs"]
        return self.find(enter(self.scope["user"], route["workspace"]), route)

    def find(self, workspace: Workspace, route: dict) -> int:
        """The number of what the log is of. Raises Refusal."""
        raise NotImplementedError

    async def begin(self) -> None:
        pass

    def messages(self) -> AsyncIterator[dict[str, object]]:
        raise NotImplementedError

    def asked(self, name: str) -> str:
        return parse_qs(self.scope["query_string"].decode("latin-1")).get(name, [""])[0]

    def after(self) -> int:
        given = self.asked("after")
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 20 else 0
        return number if number < _MOST else 0

    async def _send_all(self) -> None:
        try:
            async for message in self.messages():
                if message["type"] != "quiet":  # websockets have pings of their own
                    await self.send(text_data=orjson.dumps(message).decode())
        except Exception:
            log.exception("%s %s can no longer be followed", type(self).__name__, self.subject)
            await self.close(FAULT)  # whoever follows joins again after the last line it has
        else:
            await self.close()

    async def disconnect(self, code: int) -> None:
        if self.task is not None:
            self.task.cancel()


class DeploymentLog(_Log):
    """`lines`, `state` and `end`."""

    def find(self, workspace: Workspace, route: dict) -> int:
        user, number = self.scope["user"], route["deployment_id"]
        return queries.find_deployment(user=user, workspace=workspace, deployment_id=number).pk

    async def begin(self) -> None:
        self.changed = asyncio.Event()
        if self.channel_layer is not None:
            await self.channel_layer.group_add(logs.group(self.subject), self.channel_name)

    def messages(self) -> AsyncIterator[dict[str, object]]:
        return follow(self.subject, self.after(), self._wait)

    async def _wait(self) -> None:
        patience = LOOK_S if self.channel_layer is None else LOOK_ANYWAY_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.changed.wait(), patience)
        self.changed.clear()

    async def log_changed(self, event: dict) -> None:
        self.changed.set()

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.task is not None and self.channel_layer is not None:
            await self.channel_layer.group_discard(logs.group(self.subject), self.channel_name)


class ServiceLog(_Log):
    """`lines`, `trouble` and `end`."""

    def find(self, workspace: Workspace, route: dict) -> int:
        name = storable(route["name"])
        return queries.find_service(user=self.scope["user"], workspace=workspace, name=name).pk

    def messages(self) -> AsyncIterator[dict[str, object]]:
        return follow_service(self.subject, self.scope["user"].pk, self.asked("replica"), self.after())
