"""How an HTTP process takes connections and how it ends: what has begun is finished, nothing more is begun."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.problem_answers import encoded, members
from chassis.problems import MEDIA_TYPE, Problem
from chassis.settings import seconds

SHUTDOWN_S = 30.0
"""How long what is in flight may take once the process is to end. Whoever kills it must wait longer: see stopwaitsecs
in `local/configuration.py` and stop_grace_period in docker-compose.yml."""


MAX_HEAD_BYTES = 65_536
"""How much of a request's head may come in beyond the first read. What comes at once is bounded by the read itself."""


MAX_MESSAGE_BYTES = 131_072
"""How long one message of a WebSocket may be."""


TOGETHER_BYTES = 65_536
"""What was written is sent at once when it has come to so much."""


class _Together:
    """A transport that sends together what is written in one turn of the loop.

    uvicorn writes the head of an answer and its body, and each would be a packet of its own: the system calls for it
    cost as much as a good part of a small answer.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.alone = transport
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []
        self._bytes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.alone, name)

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
        self.alone.close()

    def _send(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts, self._bytes = [], 0
            if not self.alone.is_closing():
                self.alone.write(data)


class _Protocol(HttpToolsProtocol):
    """uvicorn's, with an end to a request's head: httptools would collect a header for as long as it comes.

    What is no HTTP is told as a problem, as everything else is. An answer is sent as a whole.
    """

    _is_in_head = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Answer on a connection."""
        super().connection_made(cast(asyncio.Transport, _Together(transport)))

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to messages, each of which is sent by itself."""
        self.transport = cast(_Together, self.transport).alone
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Its body is next, or nothing."""
        self._is_in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on; refuse a head that does not end."""
        was_in_head = self._is_in_head
        super().data_received(data)
        if was_in_head and self._is_in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, and end the connection: nobody knows where the next request would begin."""
        body = encoded(members(Problem(400, "bad-request", msg), "/"))
        lines = [
            b"HTTP/1.1 400 Bad Request",
            b"content-type: " + MEDIA_TYPE.encode(),
            b"content-length: %d" % len(body),
            b"connection: close",
            *(b"%s: %s" % header for header in self.server_state.default_headers),
        ]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.transport.close()


class _Server(uvicorn.Server):
    """uvicorn's, which on SIGTERM closes idle connections and lets the others finish with `Connection: close`.

    What would go on for ever is ended by the app: by its `end`, if it has one.
    """

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and close those that are there as soon as nothing is in flight on them."""
        for server in self.servers:
            server.close()
        if self._ending is not None:
            self._ending()
        await asyncio.sleep(0)  # a connection taken just before has no protocol yet, and would not hear of the end
        await super().shutdown(sockets)


def run(app: ASGIApp, host: str, port: int) -> None:
    """Serve `app` until SIGTERM or SIGINT; what is in flight then has `OMS_SHUTDOWN_TIMEOUT_S` to finish."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_Protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # it would keep a third of a megabyte for each connection
        timeout_graceful_shutdown=int(seconds("OMS_SHUTDOWN_TIMEOUT_S", SHUTDOWN_S)),
    )
    server = _Server(config, getattr(app, "end", None))
    _spare_the_collector()
    signal.signal(signal.SIGTERM, _end)  # uvicorn raises it once more in the end, which would look like a crash
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    if not server.started:
        sys.exit(1)


def _spare_the_collector() -> None:
    """What is there before the first request stays as long as the process: the collector need not look at it again.

    Nor need it look so often: what a request makes is gone with it, and hardly any of that is a circle.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(0)
