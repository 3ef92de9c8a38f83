"""Operations over server-sent events: each on a connection of its own ("distinct connections mode").

The id of an event is its cursor: a browser that lost the connection sends the last one in `Last-Event-ID`, which counts
instead of `after`.

Sources: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md; the HTML standard, server-sent events.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from starlette.types import Receive, Scope, Send

from chassis.logs import logger
from chassis.tasks import end
from gateway.errors import Refusal
from gateway.live.dispatch import Requests, errors_of
from gateway.live.events import Event
from gateway.live.send_timeout import SEND_WITHIN_S, cut
from gateway.requests.request import Asked

log = logger(__name__)

KEEP_ALIVE_S = 12.0
"""So often something is said when there is nothing to say, for what is on the way would end a silent connection."""

COMPLETE = b"event: complete\ndata: \n\n"

MEDIA_TYPE = b"text/event-stream"


Headers = list[tuple[bytes, bytes]]


class Stream:
    """The answer to one request, as events."""

    def __init__(
        self, requests: Requests, scope: Scope, receive: Receive, send: Send, send_within_s: float = SEND_WITHIN_S
    ) -> None:
        """A client that takes nothing for `send_within_s` is cut off."""
        self._requests = requests
        self._scope = scope
        self._receive = receive
        self._send_message = send
        self._send_within_s = send_within_s
        self._has_begun = False

    async def serve(self, asked: Asked, headers: Headers) -> None:
        """Answer until all is said or the client goes. Raises Refusal for what cannot begin."""
        operation = await self._requests.subscription(asked)
        if operation is None:
            answer = await self._requests.answer(asked)
            await self._unless_gone(self._say_once(headers, answer.body))
            return
        seen = next((value.decode("latin-1") for name, value in asked.headers if name == b"last-event-id"), None)
        try:
            async with self._requests.hub.subscribed(operation, asked.operation_name, asked.variables, seen) as events:
                await self._unless_gone(self._tell(headers, events))
        except Refusal as refusal:
            if not self._has_begun:
                raise
            log.info("a subscription ended", reason=repr(refusal))
            await self._cut()

    async def _unless_gone(self, telling: Coroutine[Any, Any, None]) -> None:
        told, gone = asyncio.create_task(telling), asyncio.create_task(self._until_gone())
        try:
            await asyncio.wait((told, gone), return_when=asyncio.FIRST_COMPLETED)
            if told.done():
                told.result()
        except TimeoutError:
            await self._cut()  # nothing is taken
        finally:
            await end(told, gone)

    async def _say_once(self, headers: Headers, answer: bytes) -> None:
        await self._begin(headers)
        await self._send(b"event: next\ndata: %s\n\n" % answer + COMPLETE)
        await self._complete()

    async def _tell(self, headers: Headers, events: AsyncIterator[Event]) -> None:
        await self._begin(headers)
        try:
            while True:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        event = await anext(events)
                except TimeoutError:
                    await self._send(b":\n\n")
                else:
                    await self._send(f"event: next\nid: {event.cursor}\ndata: {event.payload}\n\n".encode())
        except TimeoutError:
            raise
        except Exception as error:
            log.info("a subscription ended", reason=repr(error))
            await self._send(b'event: next\ndata: {"errors":%s}\n\n' % errors_of(error) + COMPLETE)
            await self._complete()

    async def _begin(self, headers: Headers) -> None:
        own = [(b"content-type", MEDIA_TYPE + b"; charset=utf-8"), (b"cache-control", b"no-store")]
        self._has_begun = True
        await self._send_message({"type": "http.response.start", "status": 200, "headers": [*headers, *own]})
        await self._send(b":\n\n")

    async def _send(self, said: bytes) -> None:
        """Raises TimeoutError when the client takes nothing."""
        async with asyncio.timeout(self._send_within_s):
            await self._send_message({"type": "http.response.body", "body": said, "more_body": True})

    async def _complete(self) -> None:
        async with asyncio.timeout(self._send_within_s):
            await self._send_message({"type": "http.response.body"})

    async def _cut(self) -> None:
        if cut(self._scope):
            await self._until_gone()

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
