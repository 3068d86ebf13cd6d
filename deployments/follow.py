"""Following a deployment or a service: replay its lines after a cursor, then go on as they come, until it ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from channels.db import database_sync_to_async

from deployments.errors import TargetUnavailable
from deployments.live_log import LiveLog, live_log
from deployments.logs import read_after
from deployments.models import Deployment, Service
from deployments.serializers import DeploymentSerializer

BATCH = 500
QUIET_S = 15.0
# Services: how often there is a look for new lines, and one whether the reader may still see them.
LOOK_S = 0.5
CHECK_S = 5.0
# Of their own, because targets may take long to answer and the others' threads must not wait for that.
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="live-log")


async def follow(
    deployment_id: int, after_seq: int, wait: Callable[[], Awaitable[None]]
) -> AsyncIterator[dict[str, object]]:
    """Messages `lines`, `state` (whenever it changed), `quiet` (nothing for a while) and at last `end`.

    `wait` returns when it is worth looking again. No line is lost and none comes twice: every look
    reads the rows after the last one that was sent."""
    shown: dict | None = None
    said = time.monotonic()
    while True:
        # The state first: once it is final no line follows, so the lines read after it are complete.
        state = await _state(deployment_id)
        if state is None:
            yield {"type": "end", "status": "deleted"}
            return
        lines = await database_sync_to_async(read_after)(deployment_id, after_seq, BATCH)
        if lines:
            after_seq = lines[-1]["seq"]
            yield {"type": "lines", "lines": lines}
            said = time.monotonic()
        if state != shown:
            shown = state
            yield {"type": "state", "deployment": state}
            said = time.monotonic()
        if len(lines) == BATCH:
            continue
        if state["finished"]:
            yield {"type": "end", "status": state["status"]}
            return
        if time.monotonic() - said > QUIET_S:
            yield {"type": "quiet"}
            said = time.monotonic()
        await wait()


@database_sync_to_async
def _state(deployment_id: int) -> dict[str, object] | None:
    found = Deployment.objects.select_related("revision__service", "revision__target", "created_by")
    deployment = found.prefetch_related("steps", "revision__model_links__version__model").filter(pk=deployment_id)
    row = deployment.first()
    return dict(DeploymentSerializer(row).data) if row else None


async def follow_service(
    service_id: int, user_id: int, replica: str, after_seq: int
) -> AsyncIterator[dict[str, object]]:
    """Messages `lines`, `trouble` (why the target cannot be read, "" once it can), `quiet` (nothing for a while), and
    `end` when the service is gone or no longer the user's to see. Until then it goes on, whatever serves or not."""
    log = live_log(service_id, replica)
    told, said, checked = "", time.monotonic(), -CHECK_S
    while True:
        if time.monotonic() - checked > CHECK_S:
            if not await _is_shown(service_id, user_id):
                yield {"type": "end", "status": "deleted"}
                return
            checked = time.monotonic()
        lines, trouble = await _read_service(log, after_seq)
        if lines:
            after_seq = lines[-1]["seq"]
            yield {"type": "lines", "lines": lines}
        if trouble != told:
            told = trouble
            yield {"type": "trouble", "detail": trouble}
        if lines or trouble:
            said = time.monotonic()
        elif time.monotonic() - said > QUIET_S:
            yield {"type": "quiet"}
            said = time.monotonic()
        if len(lines) < BATCH:
            await asyncio.sleep(LOOK_S)


def _look(log: LiveLog, after_seq: int) -> tuple[list[dict[str, object]], str]:
    trouble = ""
    try:
        log.look(wait=False)
    except TargetUnavailable as exc:
        trouble = f"{exc.detail} {exc.advice}"
    return log.after(after_seq, BATCH), trouble


_read_service = database_sync_to_async(_look, thread_sensitive=False, executor=_THREADS)


@database_sync_to_async
def _is_shown(service_id: int, user_id: int) -> bool:
    members = {"workspace__memberships__user": user_id, "workspace__memberships__user__is_active": True}
    return Service.objects.filter(pk=service_id, **members).exists()
