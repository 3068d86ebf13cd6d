"""CORS preflights: browsers send them without a key, so they may pass without one, but tell little.

Without a key a preflight gets the workload's own answer where that allows some origin, which its owner
has asked for, and else the bare 200 of an Azure ML workload without CORS: so does every unknown
service, and names cannot be found out this way. The body is not passed on.
"""

from gateway.caller import Caller
from gateway.headers import Headers

ALLOWS = b"access-control-allow-origin"


class PreflightCaller(Caller):
    """Replaces an answer that allows no origin."""

    _replaced = False

    async def start(self, status: int, headers: Headers) -> None:
        if any(name == ALLOWS for name, _ in headers):
            await super().start(status, headers)
        else:
            self._replaced = True
            await self.allow_nothing()

    async def send_part(self, part: bytes, *, last: bool) -> None:
        if not self._replaced:
            await super().send_part(part, last=last)

    async def allow_nothing(self) -> None:
        self.revision = None
        await super().start(200, [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"0")])
        await super().send_part(b"", last=True)
