"""Build logs over a websocket: `/ws/workspaces/{workspace}/deployments/{id}/log?after=SEQ`."""

import asyncio
import contextlib
import logging
from urllib.parse import parse_qs

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from deployments import logs, queries
from deployments.follow import follow
from workspaces.access import enter
from workspaces.errors import Refusal

log = logging.getLogger("slipway.logs")
SIGN_IN = 4401
NOT_FOUND = 4404
FAULT = 1011
# Without a channel layer nobody rings, so rows are looked at this often; with one this is the safety net.
LOOK_S = 0.1
LOOK_ANYWAY_S = 2.0


class DeploymentLog(AsyncWebsocketConsumer):
    """Sends `lines`, `state` and `end`; reads nothing from the client."""

    async def connect(self) -> None:
        self.task: asyncio.Task | None = None
        self.changed = asyncio.Event()
        # Accepted before it is refused: browsers tell pages the code of a close, never that of a handshake.
        await self.accept()
        if not self.scope["user"].is_authenticated:
            await self.close(SIGN_IN)
            return
        route = self.scope["url_route"]["kwargs"]
        try:
            self.deployment_id = await self._find(route["workspace"], route["deployment_id"])
        except Refusal:
            await self.close(NOT_FOUND)
            return
        if self.channel_layer is not None:
            await self.channel_layer.group_add(logs.group(self.deployment_id), self.channel_name)
        self.task = asyncio.create_task(self._send_all(self._after()))

    @database_sync_to_async
    def _find(self, workspace: str, deployment_id: int) -> int:
        entered = enter(self.scope["user"], workspace)
        return queries.find_deployment(user=self.scope["user"], workspace=entered, deployment_id=deployment_id).pk

    def _after(self) -> int:
        given = parse_qs(self.scope["query_string"].decode("latin-1")).get("after", ["0"])[0]
        return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0

    async def _send_all(self, after: int) -> None:
        try:
            async for message in follow(self.deployment_id, after, self._wait):
                if message["type"] != "quiet":  # websockets have pings of their own
                    await self.send(text_data=orjson.dumps(message).decode())
        except Exception:
            log.exception("the log of deployment %s can no longer be followed", self.deployment_id)
            await self.close(FAULT)  # whoever follows joins again after the last line it has
        else:
            await self.close()

    async def _wait(self) -> None:
        patience = LOOK_S if self.channel_layer is None else LOOK_ANYWAY_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.changed.wait(), patience)
        self.changed.clear()

    async def log_changed(self, event: dict) -> None:
        self.changed.set()

    async def disconnect(self, code: int) -> None:
        if self.task is not None:
            self.task.cancel()
            if self.channel_layer is not None:
                await self.channel_layer.group_discard(logs.group(self.deployment_id), self.channel_name)
