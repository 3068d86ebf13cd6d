"""Reads a request's body, and no more of it than the limit."""

from collections.abc import Awaitable, Callable
from typing import Any

from slipway_scoring.errors import ScoringError

Receive = Callable[[], Awaitable[dict[str, Any]]]


class BodyTooLarge(ScoringError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than the {limit} bytes this service takes.")


class ClientGone(Exception):
    """The connection broke before the body was whole: nobody is left to answer."""


async def read(receive: Receive, declared: bytes | None, limit: int) -> bytes:
    """`declared` is the content-length header. Raises BodyTooLarge, before reading where it was declared."""
    if declared is not None and int(declared) > limit:
        raise BodyTooLarge(limit)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return _checked(message["body"], limit)
    body = bytearray()
    while message["type"] == "http.request":
        body += message["body"]
        _checked(body, limit)
        if not message.get("more_body"):
            return bytes(body)
        message = await receive()
    raise ClientGone


def _checked(body: bytes | bytearray, limit: int) -> bytes | bytearray:
    if len(body) > limit:
        raise BodyTooLarge(limit)
    return body
