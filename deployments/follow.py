"""Following a deployment: replay its lines after a cursor, then go on as they come, until it ends."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable

from channels.db import database_sync_to_async

from deployments.logs import read_after
from deployments.models import Deployment
from deployments.serializers import DeploymentSerializer

BATCH = 500
QUIET_S = 15.0


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
