"""A disk that is full while a request's body arrives: before any view could say so."""

import errno
import json

from registry.errors import DiskFull
from studio.http_errors import problem


def saying_so(app):
    """ASGI: `app`, which keeps bodies in a file as they arrive, with problem details when they do not fit."""

    async def application(scope, receive, send):
        begun = False

        async def sending(message):
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, sending)
        except OSError as exc:
            if begun or exc.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            await _answer(send)

    return application


async def _answer(send) -> None:
    said = problem(
        DiskFull(
            "The request does not fit on the studio's disk; nothing was kept of it.",
            advice="Delete versions nobody needs, or give the data folder more room.",
        )
    )
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": said["status"], "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})
