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
from gateway.live.dispatch import Dispatcher, errors_of
from gateway.live.send_timeout import SEND_TIMEOUT_S, abort
from gateway.operations.operations import Operation
from gateway.requests.request import Body, Request

log = logger(__name__)

PROTOCOL = "graphql-transport-ws"
INIT_TIMEOUT_S = 10.0
MAX_OPERATIONS = 100
"""The maximum number of concurrent operations on one socket."""

_INIT_TIMEOUT = 4408
_SEND_TIMEOUT = 1008
"""Never sent: the client does not receive the close frame either."""

CheckRate = Callable[[], Awaitable[object]]
"""Counts one operation of this client. Raises Refusal when it exceeds its rate limit."""


class Message(msgspec.Struct):
    """A message from the client."""

    type: str
    id: str | None = None
    payload: dict[str, Any] | None = None


class _CloseError(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


_message = msgspec.json.Decoder(Message).decode


class Socket:
    """One connection."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        check_rate: CheckRate,
        scope: Scope,
        receive: Receive,
        send: Send,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        """A client that receives nothing for `send_timeout_s` is disconnected."""
        self._dispatcher = dispatcher
        self._check_rate = check_rate
        self._scope = scope
        self._receive = receive
        self._send_message = send
        self._send_timeout_s = send_timeout_s
        self._sending = asyncio.Lock()
        self._operations: dict[str, asyncio.Task[None]] = {}
        """The operations that may still send messages, by id."""
        self._running: set[asyncio.Task[None]] = set()
        """Those, and operations that are ending, whose ids may be reused already."""
        self._is_acknowledged = False
        self._has_failed: asyncio.Future[_CloseError] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Serve the connection until either side closes it."""
        await self._receive()  # websocket.connect
        if PROTOCOL not in self._scope.get("subprotocols", ()):
            await self._send_message({"type": "websocket.accept"})
            await self._close(_CloseError(4406, "Subprotocol not acceptable"))
            return
        await self._send_message({"type": "websocket.accept", "subprotocol": PROTOCOL})
        init = asyncio.get_running_loop().call_later(INIT_TIMEOUT_S, self._init_timed_out)
        receiving = asyncio.ensure_future(self._receive_messages())
        try:
            await asyncio.wait((receiving, self._has_failed), return_when=asyncio.FIRST_COMPLETED)
            if self._has_failed.done():
                raise self._has_failed.result()
            receiving.result()
        except _CloseError as close:
            if close.code == _SEND_TIMEOUT:
                abort(self._scope)
            else:
                await self._close(close)
        finally:
            init.cancel()
            await end(receiving)  # it starts operations
            await end(*self._running)

    async def _receive_messages(self) -> None:
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                return
            try:
                message = _message(event.get("text") or event.get("bytes") or b"")
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                raise _CloseError(4400, "Invalid message") from error
            await self._handle(message)

    async def _handle(self, message: Message) -> None:
        match message.type:
            case "connection_init":
                if self._is_acknowledged:
                    raise _CloseError(4429, "Too many initialisation requests")
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
                raise _CloseError(4400, "Invalid message")

    async def _subscribe(self, message: Message) -> None:
        if not self._is_acknowledged:
            raise _CloseError(4401, "Unauthorized")
        if not message.id or message.payload is None or not isinstance(message.payload.get("query", ""), str):
            raise _CloseError(4400, "Invalid message")
        if message.id in self._operations:
            raise _CloseError(4409, f"Subscriber for {message.id[:100]} already exists")
        if len(self._operations) >= MAX_OPERATIONS:
            raise _CloseError(4400, f"At most {MAX_OPERATIONS} operations at once")
        try:
            body = msgspec.convert(message.payload, Body)
        except msgspec.MsgspecError as error:
            raise _CloseError(4400, "Invalid message") from error
        request = Request(
            body.query or "",
            body.operation_name,
            body.variables or {},
            body.extensions or {},
            self._scope["headers"],
            is_get=False,
        )
        while len(self._running) >= MAX_OPERATIONS:  # some are ending
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._run_operation(message.id, request))
        self._operations[message.id] = task
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run_operation(self, own_id: str, request: Request) -> None:
        try:
            await self._execute(own_id, b'{"id":%s,"type":' % orjson.dumps(own_id), request)
        except _CloseError as close:
            self._fail(close)
        except Exception as error:
            log.debug("end of subscription not sent", reason=repr(error))
        finally:
            if self._is_own(own_id):
                del self._operations[own_id]

    async def _execute(self, own_id: str, head: bytes, request: Request) -> None:
        """Send the results of an operation and its end. Raises as `_send`."""
        try:
            await self._check_rate()
            operation = await self._dispatcher.subscription(request)
            if operation is None:
                response = await self._dispatcher.execute(request)
                await self._send_for(own_id, head + b'"next","payload":%s}' % response.body)
            else:
                await self._stream(own_id, head, operation, request)
            await self._send_for(own_id, head + b'"complete"}')
        except _CloseError:
            raise
        except Exception as error:
            if not isinstance(error, Refusal):
                log.info("subscription ended", reason=repr(error))
            await self._send_for(own_id, head + b'"error","payload":%s}' % errors_of(error))

    async def _stream(self, own_id: str, head: bytes, operation: Operation, request: Request) -> None:
        begin = (head + b'"next","payload":').decode()
        async with self._dispatcher.hub.subscribe(operation, request.operation_name, request.variables) as events:
            async for event in events:
                await self._send_for(own_id, begin + event.payload + "}")

    def _is_own(self, own_id: str) -> bool:
        """Whether an id belongs to the running operation, and not to a later one."""
        return self._operations.get(own_id) is asyncio.current_task()

    async def _send_for(self, own_id: str, message: bytes | str) -> None:
        """Send a message of an operation, unless the client has completed it. Raises as `_send`."""
        if not self._is_own(own_id):
            raise asyncio.CancelledError
        await self._send(message)

    async def _send(self, message: bytes | str) -> None:
        """Raises _CloseError when the client receives nothing."""
        text = message if isinstance(message, str) else message.decode()
        try:
            async with asyncio.timeout(self._send_timeout_s), self._sending:
                await self._send_message({"type": "websocket.send", "text": text})
        except TimeoutError as error:
            raise _CloseError(_SEND_TIMEOUT, "Nothing is received") from error

    def _fail(self, close: _CloseError) -> None:
        if not self._has_failed.done():
            self._has_failed.set_result(close)

    def _init_timed_out(self) -> None:
        if not self._is_acknowledged:
            self._fail(_CloseError(_INIT_TIMEOUT, "Connection initialisation timeout"))

    async def _close(self, close: _CloseError) -> None:
        """Close the connection; the client may be disconnected already."""
        try:
            async with asyncio.timeout(self._send_timeout_s):
                await self._send_message({"type": "websocket.close", "code": close.code, "reason": close.reason})
        except Exception as error:
            log.debug("close frame not sent", reason=repr(error))
