"""The HTTP and WebSocket protocols: uvicorn's, with limits on input and output, and fewer packets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast
from weakref import ReferenceType, ref

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from chassis.http.errors import problem_types
from chassis.http.errors.problem_responses import encode_problem, problem_members
from chassis.http.errors.problems import MEDIA_TYPE, TITLES, Problem
from chassis.http.serving import disconnects
from chassis.http.serving.receive_timeouts import ReceiveTimeouts, ReceiveTimer
from chassis.http.serving.transports import AbortingTransport, BufferedTransport

MAX_HEAD_BYTES = 65_536
"""Size limit of a request's head beyond the first read, which is limited by itself."""

BAD_REQUEST = problem_types.BAD_REQUEST.example
REQUEST_TIMEOUT = problem_types.REQUEST_TIMEOUT.example
STATUS_LINE.update({status: f"HTTP/1.1 {status} {title}\r\n".encode() for status, title in TITLES.items()})

Header = tuple[bytes, bytes]
SendResponse = Callable[[int, Sequence[Header], bytes], None]

SEND_RESPONSE = "oms.whole"
"""The extension of a scope whose `send` is a `SendResponse`: it sends a whole response with little overhead.

It takes the status, the final headers including `content-length`, and the body.
"""

ABORT = "oms.abort"
"""The extension of a scope whose `abort` aborts the connection and discards unsent output."""


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol with a size limit of a request's head, which httptools would buffer without limit, and with
    timeouts of what the client sends.

    Invalid HTTP is answered by a problem. A response is sent in one piece.
    """

    receive_timeouts = ReceiveTimeouts()
    _receiving: ReceiveTimer
    _is_in_head = False
    _is_in_request = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Serve a connection; abort one that was reset before it was accepted."""
        super().connection_made(cast(asyncio.Transport, BufferedTransport(transport)))
        self._receiving = ReceiveTimer(self.receive_timeouts, self._is_held, self._receive_timed_out)
        self._receiving.await_head()
        if self.client is None:  # its request may be complete, and the client may have retried it since
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End of the connection."""
        self._receiving.stop()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Switch to WebSocket, whose messages are sent without buffering."""
        self._receiving.stop()
        self.transport = cast(asyncio.Transport, AbortingTransport(cast(BufferedTransport, self.transport).wrapped))
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """Start a request."""
        super().on_message_begin()
        self._is_in_head, self._is_in_request, self._head_bytes = True, True, 0

    def on_headers_complete(self) -> None:
        """End of the head of a request."""
        self._is_in_head = False
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:  # not for a WebSocket
            # A weak reference, or each request would be a reference cycle for the garbage collector.
            cycle = ref(self.cycle)
            self.scope["extensions"] = {
                SEND_RESPONSE: {"send": partial(_send_whole, cycle)},
                disconnects.EXTENSION: {"is_gone": partial(_is_gone, cycle)},
                ABORT: {"abort": partial(_abort, cycle)},
            }

    def on_message_complete(self) -> None:
        """End of a request."""
        self._is_in_request = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read data; reject a head that exceeds the limit."""
        if self.client is None:
            return
        was_in_head = self._is_in_head
        super().data_received(data)
        if was_in_head and self._is_in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")
        if self._is_in_request:
            self._await_more(len(data))
        elif self._receiving.is_running:
            self._receiving.stop()

    def _await_more(self, length: int) -> None:
        if self.transport.is_closing():
            self._receiving.stop()
        elif self._is_in_head:
            self._receiving.await_head()
        else:
            self._receiving.await_body(length)

    def _is_held(self) -> bool:
        """Whether the client cannot send, because it waits for us."""
        if self.flow.read_paused:
            return True
        if self._is_in_head:
            return self.cycle is not None and not self.cycle.response_complete  # the response to an earlier request
        return self._is_in_request and self.cycle.waiting_for_100_continue

    def _receive_timed_out(self, what: str) -> None:
        """Close the connection. Say so if a request has begun and is not answered."""
        is_answered = not self._is_in_head and self.cycle is not None and self.cycle.response_started
        if not self._is_in_request or is_answered:
            self.transport.close()
            return
        if not self._is_in_head:  # the app learns that the rest does not come
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._reject(REQUEST_TIMEOUT, f"The {what} of the request did not arrive in time.")

    def send_400_response(self, msg: str) -> None:
        """Reject invalid HTTP."""
        self._reject(BAD_REQUEST, msg)

    def _reject(self, problem: Problem, detail: str) -> None:
        """Send a problem and close the connection: the start of the next request is unknown."""
        body = encode_problem(problem_members(Problem(problem.status, problem.kind, detail), "/"))
        lines = [
            STATUS_LINE[problem.status].rstrip(),
            b"content-type: " + MEDIA_TYPE.encode(),
            b"content-length: %d" % len(body),
            b"connection: close",
            *(b"%s: %s" % header for header in self.server_state.default_headers),
        ]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.transport.close()


def _is_gone(of: ReferenceType[RequestResponseCycle]) -> bool:
    """Whether a request's client has disconnected; if so, nothing more is sent to it."""
    cycle = of()
    if cycle is None or cycle.disconnected:
        return True
    transport = cast(BufferedTransport, cycle.transport)
    if transport.is_closing() or disconnects.is_disconnected(transport.get_extra_info("socket").fileno()):
        cycle.disconnected = True
        transport.abort()
        return True
    return False


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with an abort, and without a queue of pongs for a client that does not read."""

    _pongs = b""
    """The pongs for the last read, sent once the client reads again."""

    def handle_connect(self, event: Request) -> None:
        """Start, unless the handshake is rejected."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][ABORT] = {"abort": self.transport.abort}

    def handle_ping(self) -> None:
        """Send a pong, or later only the last of many, as RFC 6455, 5.5.3 allows.

        The first ping of a read sends the pongs of all pings in it; nothing is left for the others.
        """
        if not (pongs := b"".join(self.conn.data_to_send())):
            return
        if self.writable.is_set():
            self.transport.write(pongs)
        else:
            self._pongs = pongs

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        if self._pongs and not self.transport.is_closing():
            self.transport.write(self._pongs)
        self._pongs = b""


def _abort(of: ReferenceType[RequestResponseCycle]) -> None:
    if (cycle := of()) is not None:
        cycle.transport.abort()


def _send_whole(of: ReferenceType[RequestResponseCycle], status: int, headers: Sequence[Header], body: bytes) -> None:
    """Like `RequestResponseCycle.send` for the head and the body, without checking each header."""
    cycle = of()
    if cycle is None or cycle.disconnected:
        return
    lines = [STATUS_LINE[status]]
    for name, value in (*cycle.default_headers, *headers):
        lines += (name, b": ", value, b"\r\n")
    if not cycle.keep_alive:
        lines.append(b"connection: close\r\n")
    cycle.response_started = cycle.response_complete = True
    transport = cast(BufferedTransport, cycle.transport)
    transport.write_at_once(b"".join((*lines, b"\r\n", body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        transport.close()
    cycle.on_response()
