"""Operations over server-sent events: each on a connection of its own ("distinct connections mode").

The id of an event is its cursor: a browser that lost the connection sends the last one in `Last-Event-ID`, which counts
instead of `after`.

Sources: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md; the HTML standard, server-sent events.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Receive, Send

from chassis.logs import logger
from chassis.tasks import end
from gateway.asked import Asked
from gateway.live.requests import SEND_WITHIN_S, Requests, errors_of
from gateway.live.subscribers import Event

log = logger(__name__)

KEEP_ALIVE_S = 12.0
"""So often something is said when there is nothing to say, for what is on the way would end a silent connection."""

COMPLETE = b"event: complete\ndata: \n\n"

MEDIA_TYPE = b"text/event-stream"


Headers = list[tuple[bytes, bytes]]


async def serve(requests: Requests, asked: Asked, receive: Receive, send: Send, headers: Headers) -> None:
    """Answer one request until it is complete or the client goes. Raises Refusal for what cannot begin."""
    operation = await requests.subscription(asked)
    if operation is None:
        answer = await requests.answering.answer(asked)
        await _begin(send, headers)
        await _send(send, b"event: next\ndata: %s\n\n" % answer.body + COMPLETE)
        await send({"type": "http.response.body"})
        return
    seen = next((value.decode("latin-1") for name, value in asked.headers if name == b"last-event-id"), None)
    async with requests.hub.subscribed(operation, asked.operation_name, asked.variables, seen) as events:
        await _begin(send, headers)
        telling = asyncio.ensure_future(_tell(events, send))
        going = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait((telling, going), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(telling, going)


async def _tell(events: AsyncIterator[Event], send: Send) -> None:
    waiting = asyncio.ensure_future(anext(events))
    try:
        while True:
            done, _ = await asyncio.wait((waiting,), timeout=KEEP_ALIVE_S)
            if not done:
                await _send(send, b":\n\n")
                continue
            event = waiting.result()
            await _send(send, f"event: next\nid: {event.cursor}\ndata: {event.payload}\n\n".encode())
            waiting = asyncio.ensure_future(anext(events))
    except TimeoutError:
        return  # nothing is taken
    except Exception as error:
        log.info("a subscription ended", reason=repr(error))
        await _send(send, b'event: next\ndata: {"errors":%s}\n\n' % errors_of(error) + COMPLETE)
        await send({"type": "http.response.body"})
    finally:
        waiting.cancel()


async def _begin(send: Send, headers: Headers) -> None:
    own = [(b"content-type", MEDIA_TYPE + b"; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": [*headers, *own]})
    await _send(send, b":\n\n")


async def _send(send: Send, said: bytes) -> None:
    """Raises TimeoutError when the client takes nothing."""
    async with asyncio.timeout(SEND_WITHIN_S):
        await send({"type": "http.response.body", "body": said, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
