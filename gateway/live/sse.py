"""Subscriptions over server-sent events, one per connection ("distinct connections mode").

The id of an event is its cursor: a browser that reconnects sends the last one in `Last-Event-ID`, which takes
precedence over `after`.

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
from gateway.live.dispatch import Dispatcher, errors_of
from gateway.live.events import Event
from gateway.live.timeouts import DEFAULT_TIMEOUTS, Timeouts, abort
from gateway.operations.operations import Operation
from gateway.requests.negotiation import STREAM
from gateway.requests.request import Request
from gateway.requests.response import COMPLETE

log = logger(__name__)

KEEP_ALIVE_S = 12.0
"""How often to send a comment on a silent connection, which proxies would otherwise close."""

Headers = list[tuple[bytes, bytes]]


class Stream:
    """The response to one request, as events."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        scope: Scope,
        receive: Receive,
        send: Send,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._dispatcher = dispatcher
        self._scope = scope
        self._receive = receive
        self._send_message = send
        self._send_timeout_s = timeouts.send_s
        self._has_begun = False

    async def serve(self, operation: Operation, request: Request, headers: Headers) -> None:
        """Send events until the operation ends or the client disconnects. Raises Refusal when it cannot begin."""
        last_event_id = next(
            (value.decode("latin-1") for name, value in request.headers if name == b"last-event-id"), None
        )
        try:
            async with self._dispatcher.hub.subscribe(
                operation, request.operation_name, request.variables, last_event_id
            ) as events:
                await self._until_disconnect(self._stream(headers, events))
        except Refusal as refusal:
            if not self._has_begun:
                raise
            log.info("subscription ended", reason=repr(refusal))
            await self._abort()

    async def _until_disconnect(self, sending: Coroutine[Any, Any, None]) -> None:
        sent, disconnect = asyncio.create_task(sending), asyncio.create_task(self._wait_for_disconnect())
        try:
            await asyncio.wait((sent, disconnect), return_when=asyncio.FIRST_COMPLETED)
            if sent.done():
                sent.result()
        except TimeoutError:
            await self._abort()  # the client receives nothing
        finally:
            await end(sent, disconnect)

    async def _stream(self, headers: Headers, events: AsyncIterator[Event]) -> None:
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
            log.info("subscription ended", reason=repr(error))
            await self._send(b'event: next\ndata: {"errors":%s}\n\n' % errors_of(error) + COMPLETE)
            await self._complete()

    async def _begin(self, headers: Headers) -> None:
        own = [
            (b"content-type", f"{STREAM}; charset=utf-8".encode()),
            (b"cache-control", b"no-store"),
            (b"vary", b"Accept, Accept-Encoding"),
        ]
        self._has_begun = True
        await self._send_message({"type": "http.response.start", "status": 200, "headers": [*headers, *own]})
        await self._send(b":\n\n")

    async def _send(self, data: bytes) -> None:
        """Raises TimeoutError when the client receives nothing."""
        async with asyncio.timeout(self._send_timeout_s):
            await self._send_message({"type": "http.response.body", "body": data, "more_body": True})

    async def _complete(self) -> None:
        async with asyncio.timeout(self._send_timeout_s):
            await self._send_message({"type": "http.response.body"})

    async def _abort(self) -> None:
        if abort(self._scope):
            await self._wait_for_disconnect()

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
