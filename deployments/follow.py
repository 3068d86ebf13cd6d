"""Following a deployment: replay its lines after a cursor, then go on as they come, until it ends."""

from collections.abc import AsyncIterator, Awaitable, Callable

from channels.db import database_sync_to_async

from deployments.logs import read_after
from deployments.models import Deployment
from deployments.serializers import DeploymentSerializer

BATCH = 500


async def follow(
    deployment_id: int, after_seq: int, wait: Callable[[], Awaitable[None]]
) -> AsyncIterator[dict[str, object]]:
    """Messages `lines`, `state` (whenever it changed) and at last `end`.

    `wait` returns when it is worth looking again. No line is lost and none comes twice: every look
    reads the rows after the last one that was sent."""
    shown: dict | None = None
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
        if state != shown:
            shown = state
            yield {"type": "state", "deployment": state}
        if len(lines) == BATCH:
            continue
        if state["finished"]:
            yield {"type": "end", "status": state["status"]}
            return
        await wait()


@database_sync_to_async
def _state(deployment_id: int) -> dict[str, object] | None:
    found = Deployment.objects.select_related("revision__service", "revision__target", "created_by")
    deployment = found.prefetch_related("steps", "revision__model_links__version__model").filter(pk=deployment_id)
    row = deployment.first()
    return dict(DeploymentSerializer(row).data) if row else None
