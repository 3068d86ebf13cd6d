"""Build logs over plain HTTP: server-sent events, and one text to keep."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import orjson
from django.http import StreamingHttpResponse

from deployments.follow import follow
from deployments.logs import read_after
from deployments.models import Deployment

LOOK_S = 0.25
PAGE = 5000


def event_stream(deployment: Deployment, after_seq: int) -> StreamingHttpResponse:
    """Each line an event whose id is its number, so that `Last-Event-ID` resumes; `state` and `end` beside."""
    response = StreamingHttpResponse(_events(deployment.pk, after_seq), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(deployment_id: int, after_seq: int) -> AsyncIterator[bytes]:
    async for message in follow(deployment_id, after_seq, lambda: asyncio.sleep(LOOK_S)):
        if message["type"] == "lines":
            yield b"".join(b"id: %d\ndata: %s\n\n" % (line["seq"], orjson.dumps(line)) for line in message["lines"])
        elif message["type"] == "state":
            yield b"event: state\ndata: %s\n\n" % orjson.dumps(message["deployment"])
        elif message["type"] == "quiet":
            yield b": nothing new\n\n"  # shows both ends that the other is still there
        else:
            yield b"event: end\ndata: %s\n\n" % orjson.dumps({"status": message["status"]})


def raw_log(deployment: Deployment) -> Iterator[str]:
    """The whole log as text, a line each with its time and step."""
    after = 0
    while lines := read_after(deployment.pk, after, PAGE):
        for line in lines:
            yield f"{line['at']} {line['step']:<11} {line['text']}\n"
        after = lines[-1]["seq"]
