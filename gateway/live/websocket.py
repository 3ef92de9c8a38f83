"""Subscriptions over WebSocket: the protocol graphql-transport-ws.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import orjson
from starlette.types import Receive, Scope, Send

from chassis.logs import logger
from chassis.tasks import end
from gateway.errors import Refusal
from gateway.live.dispatch import Requests, errors_of
from gateway.live.send_timeout import SEND_WITHIN_S, cut
from gateway.operations.operations import Operation
from gateway.requests.request import Asked, Body

log = logger(__name__)

PROTOCOL = "graphql-transport-ws"
INIT_WITHIN_S = 10.0
MOST_OPERATIONS = 100
"""So many operations at once on one socket."""

_INIT_IS_LATE = 4408
_NOTHING_TAKEN = 1008
"""A close frame would not be taken either, so nobody is told this code."""

May = Callable[[], Awaitable[object]]
"""Counts one operation of this caller. Raises Refusal for one who asks too often."""


class Message(msgspec.Struct):
    """What a client sends."""

    type: str
    id: str | None = None
    payload: dict[str, Any] | None = None


class _Closed(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


_message = msgspec.json.Decoder(Message).decode


class Socket:
    """One connection."""

    def __init__(
        self,
        requests: Requests,
        may: May,
        scope: Scope,
        receive: Receive,
        send: Send,
        send_within_s: float = SEND_WITHIN_S,
    ) -> None:
        """A client that takes nothing for `send_within_s` is cut off."""
        self._requests = requests
        self._may = may
        self._scope = scope
        self._receive = receive
        self._send_message = send
        self._send_within_s = send_within_s
        self._sending = asyncio.Lock()
        self._operations: dict[str, asyncio.Task[None]] = {}
        """Those that may say something, by their ids."""
        self._running: set[asyncio.Task[None]] = set()
        """The same, and those that are still ending: their ids may be in use again."""
        self._is_acknowledged = False
        self._has_failed: asyncio.Future[_Closed] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Talk until one of both ends it."""
        await self._receive()  # websocket.connect
        if PROTOCOL not in self._scope.get("subprotocols", ()):
            await self._send_message({"type": "websocket.accept"})
            await self._close(_Closed(4406, "Subprotocol not acceptable"))
            return
        await self._send_message({"type": "websocket.accept", "subprotocol": PROTOCOL})
        init = asyncio.get_running_loop().call_later(INIT_WITHIN_S, self._init_is_late)
        talking = asyncio.ensure_future(self._talk())
        try:
            await asyncio.wait((talking, self._has_failed), return_when=asyncio.FIRST_COMPLETED)
            if self._has_failed.done():
                raise self._has_failed.result()
            talking.result()
        except _Closed as closed:
            if closed.code == _NOTHING_TAKEN:
                cut(self._scope)
            else:
                await self._close(closed)
        finally:
            init.cancel()
            await end(talking)  # which begins operations
            await end(*self._running)

    async def _talk(self) -> None:
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                return
            try:
                message = _message(event.get("text") or event.get("bytes") or b"")
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                raise _Closed(4400, "Invalid message") from error
            await self._take(message)

    async def _take(self, message: Message) -> None:
        match message.type:
            case "connection_init":
                if self._is_acknowledged:
                    raise _Closed(4429, "Too many initialisation requests")
                self._is_acknowledged = True
                await self._send(b'{"type":"connection_ack"}')
            case "ping":
                await self._send(b'{"type":"pong"}')
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete" if message.id is not None:
                if (task := self._operations.pop(message.id, None)) is not None:
                    task.cancel()
            case _:
                raise _Closed(4400, "Invalid message")

    async def _subscribe(self, message: Message) -> None:
        if not self._is_acknowledged:
            raise _Closed(4401, "Unauthorized")
        if not message.id or message.payload is None or not isinstance(message.payload.get("query", ""), str):
            raise _Closed(4400, "Invalid message")
        if message.id in self._operations:
            raise _Closed(4409, f"Subscriber for {message.id[:100]} already exists")
        if len(self._operations) >= MOST_OPERATIONS:
            raise _Closed(4400, f"At most {MOST_OPERATIONS} operations at once")
        try:
            body = msgspec.convert(message.payload, Body)
        except msgspec.MsgspecError as error:
            raise _Closed(4400, "Invalid message") from error
        asked = Asked(
            body.query or "",
            body.operation_name,
            body.variables or {},
            body.extensions or {},
            self._scope["headers"],
            is_get=False,
        )
        while len(self._running) >= MOST_OPERATIONS:  # some are ending
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._carry_out(message.id, asked))
        self._operations[message.id] = task
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _carry_out(self, own_id: str, asked: Asked) -> None:
        try:
            await self._answer(own_id, b'{"id":%s,"type":' % orjson.dumps(own_id), asked)
        except _Closed as closed:
            self._fail(closed)
        except Exception as error:
            log.debug("nobody took the end of a subscription", reason=repr(error))
        finally:
            if self._is_own(own_id):
                del self._operations[own_id]

    async def _answer(self, own_id: str, head: bytes, asked: Asked) -> None:
        """Say all that comes of an operation, its end too. Raises as `_send`."""
        try:
            await self._may()
            operation = await self._requests.subscription(asked)
            if operation is None:
                answer = await self._requests.answer(asked)
                await self._say(own_id, head + b'"next","payload":%s}' % answer.body)
            else:
                await self._tell(own_id, head, operation, asked)
            await self._say(own_id, head + b'"complete"}')
        except _Closed:
            raise
        except Exception as error:
            if not isinstance(error, Refusal):
                log.info("a subscription ended", reason=repr(error))
            await self._say(own_id, head + b'"error","payload":%s}' % errors_of(error))

    async def _tell(self, own_id: str, head: bytes, operation: Operation, asked: Asked) -> None:
        begin = (head + b'"next","payload":').decode()
        async with self._requests.hub.subscribed(operation, asked.operation_name, asked.variables) as events:
            async for event in events:
                await self._say(own_id, begin + event.payload + "}")

    def _is_own(self, own_id: str) -> bool:
        """Whether an id is that of the operation that runs this, and not of a later one."""
        return self._operations.get(own_id) is asyncio.current_task()

    async def _say(self, own_id: str, said: bytes | str) -> None:
        """What an operation has to say, unless the client wants no more of it. Raises as `_send`."""
        if not self._is_own(own_id):
            raise asyncio.CancelledError
        await self._send(said)

    async def _send(self, said: bytes | str) -> None:
        """Raises _Closed when the client takes nothing."""
        text = said if isinstance(said, str) else said.decode()
        try:
            async with asyncio.timeout(self._send_within_s), self._sending:
                await self._send_message({"type": "websocket.send", "text": text})
        except TimeoutError as error:
            raise _Closed(_NOTHING_TAKEN, "Nothing is taken") from error

    def _fail(self, closed: _Closed) -> None:
        if not self._has_failed.done():
            self._has_failed.set_result(closed)

    def _init_is_late(self) -> None:
        if not self._is_acknowledged:
            self._fail(_Closed(_INIT_IS_LATE, "Connection initialisation timeout"))

    async def _close(self, closed: _Closed) -> None:
        """To a client who may not be there any more."""
        try:
            async with asyncio.timeout(self._send_within_s):
                await self._send_message({"type": "websocket.close", "code": closed.code, "reason": closed.reason})
        except Exception as error:
            log.debug("nobody took the end of a socket", reason=repr(error))
