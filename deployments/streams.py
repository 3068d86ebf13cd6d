"""Logs over plain HTTP: server-sent events, and one text to keep."""

import asyncio
from collections.abc import AsyncIterator

import orjson
from channels.db import database_sync_to_async
from django.http import HttpResponse, StreamingHttpResponse

from deployments.follow import follow, follow_service
from deployments.live_log import whole_text
from deployments.logs import read_after
from deployments.models import Deployment, Service
from workspaces.models import User

LOOK_S = 0.25
PAGE = 5000


def event_stream(deployment: Deployment, after_seq: int) -> StreamingHttpResponse:
    """Each line an event whose id is its number, so that `Last-Event-ID` resumes; `state` and `end` beside."""
    return _streamed(follow(deployment.pk, after_seq, lambda: asyncio.sleep(LOOK_S)))


def service_event_stream(service: Service, user: User, replica: str, after_seq: int) -> StreamingHttpResponse:
    """The same of a service, with `trouble` in place of `state`."""
    return _streamed(follow_service(service.pk, user.pk, replica, after_seq))


def _streamed(messages: AsyncIterator[dict]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_events(messages), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(messages: AsyncIterator[dict]) -> AsyncIterator[bytes]:
    async for message in messages:
        if message["type"] == "lines":
            yield b"".join(b"id: %d\ndata: %s\n\n" % (line["seq"], orjson.dumps(line)) for line in message["lines"])
        elif message["type"] == "state":
            yield b"event: state\ndata: %s\n\n" % orjson.dumps(message["deployment"])
        elif message["type"] == "quiet":
            yield b": nothing new\n\n"  # shows both ends that the other is still there
        else:
            told = {key: value for key, value in message.items() if key != "type"}
            yield b"event: %s\ndata: %s\n\n" % (message["type"].encode(), orjson.dumps(told))


def raw_log(deployment: Deployment) -> StreamingHttpResponse:
    """The whole log as a text to keep, a line each with its time and step; however long, sent page by page."""
    response = StreamingHttpResponse(_texts(deployment.pk), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="deployment-{deployment.pk}.log"'
    return response


def raw_service_log(service: Service, replica: str) -> HttpResponse:
    """The same of a service, as it wrote it. Raises TargetUnavailable."""
    response = HttpResponse(whole_text(service.pk, replica), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{service.name}.log"'
    return response


async def _texts(deployment_id: int) -> AsyncIterator[str]:
    after = 0
    while lines := await database_sync_to_async(read_after)(deployment_id, after, PAGE):
        yield "".join(f"{line['at']} {line['step']:<11} {line['text']}\n" for line in lines)
        after = lines[-1]["seq"]
