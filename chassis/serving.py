"""How an HTTP process takes connections and how it ends: what has begun is finished, nothing more is begun."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType

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


class _Protocol(HttpToolsProtocol):
    """uvicorn's, with an end to a request's head: httptools would collect a header for as long as it comes.

    What is no HTTP is told as a problem, as everything else is.
    """

    _is_in_head = False
    _head_bytes = 0

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

    What would go on for ever is ended by the app: by `app.state.ending`, if it has that.
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
    server = _Server(config, getattr(getattr(app, "state", None), "ending", None))
    _spare_the_collector()
    signal.signal(signal.SIGTERM, _end)  # uvicorn raises it once more in the end, which would look like a crash
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    if not server.started:
        sys.exit(1)


def _spare_the_collector() -> None:
    """What is there before the first request stays as long as the process: the collector need not look at it again."""
    gc.collect()
    gc.freeze()


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(0)
