"""How an HTTP process speaks on a connection: as uvicorn does, with an end to what comes in, and few packets out."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast
from weakref import ReferenceType, ref

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from chassis.http import disconnects
from chassis.http.problem_responses import encode_problem, problem_members
from chassis.http.problems import MEDIA_TYPE, Problem

MAX_HEAD_BYTES = 65_536
"""How much of a request's head may come in beyond the first read. What comes at once is bounded by the read itself."""

TOGETHER_BYTES = 65_536
"""What was written is sent at once when it has come to so much."""


Header = tuple[bytes, bytes]
SendResponse = Callable[[int, Sequence[Header], bytes], None]

SEND_RESPONSE = "oms.whole"
"""The extension in a scope whose `send` is a `SendResponse`: it sends a response at once and costs microseconds.

It takes a status, headers that are right as they are, `content-length` among them, and the body.
"""

ABORT = "oms.abort"
"""The extension in a scope whose `abort` cuts the connection, with all that was not taken."""

TAKES_WITHIN_S = 10.0
"""A connection is closed when all was taken; where nothing is taken for so long, it is cut."""


class _Closing:
    """A transport that is closed in the end, though its client takes nothing of what was sent."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.alone = transport
        self._loop = asyncio.get_running_loop()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.alone, name)

    def write(self, data: bytes) -> None:
        """Send this."""
        self.alone.write(data)

    def close(self) -> None:
        """End the connection once all that was written is sent."""
        self.alone.close()
        self._look()

    def abort(self) -> None:
        """End the connection now. The system, too, forgets what it has not sent."""
        if (own := self.alone.get_extra_info("socket")) is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.alone.abort()

    def _look(self, was_left: int | None = None) -> None:
        left = self.alone.get_write_buffer_size()
        if left == 0:
            return
        if was_left is not None and left >= was_left:
            self.abort()
        else:
            self._loop.call_later(TAKES_WITHIN_S, self._look, left)


class _Together(_Closing):
    """A transport that sends together what is written in one turn of the loop.

    uvicorn writes the head of an answer and its body, and each would be a packet of its own: the system calls for it
    cost as much as a good part of a small answer.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self._parts: list[bytes] = []
        self._bytes = 0

    def write(self, data: bytes) -> None:
        """Send this soon, with what else there is then."""
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)
        self._bytes += len(data)
        if self._bytes >= TOGETHER_BYTES:
            self._send()

    def close(self) -> None:
        """Send what was written, and end the connection."""
        self._send()
        super().close()

    def write_at_once(self, data: bytes) -> None:
        """Send this behind what was written before."""
        self._parts.append(data)
        self._send()

    def _send(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts, self._bytes = [], 0
            if not self.alone.is_closing():
                self.alone.write(data)


class Protocol(HttpToolsProtocol):
    """uvicorn's, with an end to a request's head: httptools would collect a header for as long as it comes.

    What is no HTTP is told as a problem, as everything else is. An answer is sent as a whole.
    """

    _is_in_head = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Answer on a connection; leave one alone that was reset before it was taken."""
        super().connection_made(cast(asyncio.Transport, _Together(transport)))
        if self.client is None:  # its request may be here whole, and may have come again on another connection since
            transport.abort()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to messages, each of which is sent by itself."""
        self.transport = cast(asyncio.Transport, _Closing(cast(_Together, self.transport).alone))
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Its body is next, or nothing."""
        self._is_in_head = False
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:  # which a WebSocket has not
            # Held weakly, or each request would be a circle that is left to the collector.
            cycle = ref(self.cycle)
            self.scope["extensions"] = {
                SEND_RESPONSE: {"send": partial(_send_whole, cycle)},
                disconnects.EXTENSION: {"is_gone": partial(_is_gone, cycle)},
                ABORT: {"abort": partial(_abort, cycle)},
            }

    def data_received(self, data: bytes) -> None:
        """Read on; refuse a head that does not end."""
        if self.client is None:
            return
        was_in_head = self._is_in_head
        super().data_received(data)
        if was_in_head and self._is_in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, and end the connection: nobody knows where the next request would begin."""
        body = encode_problem(problem_members(Problem(400, "bad-request", msg), "/"))
        lines = [
            b"HTTP/1.1 400 Bad Request",
            b"content-type: " + MEDIA_TYPE.encode(),
            b"content-length: %d" % len(body),
            b"connection: close",
            *(b"%s: %s" % header for header in self.server_state.default_headers),
        ]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.transport.close()


def _is_gone(of: ReferenceType[RequestResponseCycle]) -> bool:
    """Whether a request's client is gone; from then on nothing is sent to it."""
    cycle = of()
    if cycle is None or cycle.disconnected:
        return True
    transport = cast(_Together, cycle.transport)
    if transport.is_closing() or disconnects.is_disconnected(transport.get_extra_info("socket").fileno()):
        cycle.disconnected = True
        transport.abort()
        return True
    return False


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's, whose connection can be cut, and which keeps no pongs for a client that takes nothing."""

    _pongs = b""
    """What is said to the newest read's pings once something is taken again."""

    def handle_connect(self, event: Request) -> None:
        """Begin, unless the handshake is refused."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][ABORT] = {"abort": self.transport.abort}

    def handle_ping(self) -> None:
        """Answer a ping, or later the last one of many: the protocol asks for no more (RFC 6455, 5.5.3).

        At the first ping of what was read, the answers to all of it are there: nothing is left for the others.
        """
        if not (pongs := b"".join(self.conn.data_to_send())):
            return
        if self.writable.is_set():
            self.transport.write(pongs)
        else:
            self._pongs = pongs

    def resume_writing(self) -> None:
        """Something is taken again."""
        super().resume_writing()
        if self._pongs and not self.transport.is_closing():
            self.transport.write(self._pongs)
        self._pongs = b""


def _abort(of: ReferenceType[RequestResponseCycle]) -> None:
    if (cycle := of()) is not None:
        cycle.transport.abort()


def _send_whole(of: ReferenceType[RequestResponseCycle], status: int, headers: Sequence[Header], body: bytes) -> None:
    """What `RequestResponseCycle.send` does for the head and the body, without looking at each header."""
    cycle = of()
    if cycle is None or cycle.disconnected:
        return
    lines = [STATUS_LINE[status]]
    for name, value in (*cycle.default_headers, *headers):
        lines += (name, b": ", value, b"\r\n")
    if not cycle.keep_alive:
        lines.append(b"connection: close\r\n")
    cycle.response_started = cycle.response_complete = True
    transport = cast(_Together, cycle.transport)
    transport.write_at_once(b"".join((*lines, b"\r\n", body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        transport.close()
    cycle.on_response()
