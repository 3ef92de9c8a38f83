"""Subscriptions over WebSocket: the protocol graphql-transport-ws.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import orjson
from starlette.types import Receive, Scope, Send

from chassis.logs import logger
from chassis.tasks import end
from gateway.errors import RATE_LIMITED, Refusal
from gateway.live.dispatch import CheckRate, Dispatcher, errors_of
from gateway.live.timeouts import DEFAULT_TIMEOUTS, Timeouts, abort
from gateway.operations.operations import Operation
from gateway.requests.request import Body, Headers, Request, request_of

log = logger(__name__)

PROTOCOL = "graphql-transport-ws"
MAX_OPERATIONS = 100
"""The maximum number of concurrent operations on one socket."""

_INIT_TIMEOUT = 4408
_SEND_TIMEOUT = 1008
"""Never sent: the client does not receive the close frame either."""

MAX_REASON_BYTES = 123
"""RFC 6455, 5.5: a control frame has 125 bytes, and two of them are the code."""


class Message(msgspec.Struct):
    """A message from the client."""

    type: str
    id: str | None = None
    payload: dict[str, Any] | None = None


class _CloseError(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")


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
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._dispatcher = dispatcher
        self._check_rate = check_rate
        self._scope = scope
        self._receive = receive
        self._send_message = send
        self._timeouts = timeouts
        self._sending = asyncio.Lock()
        self._operations: dict[str, asyncio.Task[None]] = {}
        """The operations that may still send messages, by id."""
        self._running: set[asyncio.Task[None]] = set()
        """Those, and operations that are ending, whose ids may be reused already."""
        self._is_acknowledged = False
        self._has_failed: asyncio.Future[_CloseError] = asyncio.get_running_loop().create_future()

    async def serve(self, headers: Headers = ()) -> None:
        """Serve the connection until either side closes it. `headers` are those of the handshake's response."""
        await self._receive()  # websocket.connect
        if PROTOCOL not in self._scope.get("subprotocols", ()):
            await self._send_message({"type": "websocket.accept", "headers": headers})
            await self._close(_CloseError(4406, "Subprotocol not acceptable"))
            return
        await self._send_message({"type": "websocket.accept", "subprotocol": PROTOCOL, "headers": headers})
        init = asyncio.get_running_loop().call_later(self._timeouts.init_s, self._init_timed_out)
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
            raise _CloseError(4409, f"Subscriber for {message.id} already exists")
        try:
            body = msgspec.convert(message.payload, Body)
        except msgspec.MsgspecError as error:
            raise _CloseError(4400, "Invalid message") from error
        if len(self._operations) >= MAX_OPERATIONS:
            too_many = f"at most {MAX_OPERATIONS} operations at once on one connection; complete one first"
            await self._send(_error(_head(message.id), errors_of(Refusal(RATE_LIMITED, too_many, 429))))
            return
        request = request_of(body, self._scope["headers"])
        while len(self._running) >= MAX_OPERATIONS:  # some are ending
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._run_operation(message.id, request))
        self._operations[message.id] = task
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run_operation(self, own_id: str, request: Request) -> None:
        try:
            await self._execute(own_id, _head(own_id), request)
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
            result = await self._dispatcher.execute(request, self._check_rate)
            if isinstance(result, Operation):
                await self._stream(own_id, head, result, request)
            elif result.errors:  # it was not executed
                await self._send_for(own_id, _error(head, result.errors))
                return
            else:
                await self._send_for(own_id, head + b'"next","payload":%s}' % result.body)
            await self._send_for(own_id, head + b'"complete"}')
        except _CloseError:
            raise
        except Exception as error:
            if not isinstance(error, Refusal):
                log.info("subscription ended", reason=repr(error))
            await self._send_for(own_id, _error(head, errors_of(error)))

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
            async with asyncio.timeout(self._timeouts.send_s), self._sending:
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
            async with asyncio.timeout(self._timeouts.send_s):
                await self._send_message({"type": "websocket.close", "code": close.code, "reason": close.reason})
        except Exception as error:
            log.debug("close frame not sent", reason=repr(error))


def _head(own_id: str) -> bytes:
    """The beginning of each message of an operation."""
    return b'{"id":%s,"type":' % orjson.dumps(own_id)


def _error(head: bytes, errors: bytes) -> bytes:
    """The message that ends an operation with errors."""
    return head + b'"error","payload":%s}' % errors
