"""The server of an HTTP process. At shutdown it finishes started requests and accepts no more."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from chassis.http.serving.protocol import Protocol, WebSocketProtocol
from chassis.http.serving.receive_timeouts import ReceiveTimeouts
from chassis.settings import seconds

SHUTDOWN_S = 30.0
"""Time limit of requests in flight at shutdown. A supervisor must wait longer before it kills the process: see
stopwaitsecs in `local/configuration.py` and stop_grace_period in docker-compose.yml."""


UNTAKEN_S = 30.0
"""How long sent data may stay unacknowledged. Otherwise the kernel keeps megabytes of it as long as the client's
kernel responds, even after our socket is closed."""

PING_S = 20.0
"""How often a WebSocket is pinged, and how long the pong may take. Otherwise the connection is closed."""

MAX_MESSAGE_BYTES = 131_072
"""Size limit of a WebSocket message."""


class _Server(uvicorn.Server):
    """uvicorn's server, which on SIGTERM closes idle connections and finishes the others with `Connection: close`.

    The app ends endless responses in its `end` method, if it has one.
    """

    def __init__(self, config: uvicorn.Config, ending: Callable[[], Awaitable[None]] | None) -> None:
        super().__init__(config)
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections. The kernel closes each whose client acknowledges nothing for `UNTAKEN_S`."""
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:  # accepted sockets inherit its options
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNTAKEN_S * 1000))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more connections, and close each existing one once it has no request in flight."""
        for server in self.servers:
            server.close()
        if self._ending is not None:
            await self._ending()
        await asyncio.sleep(0)  # a connection accepted just before has no protocol yet, and would miss the shutdown
        await super().shutdown(sockets)


def run(app: ASGIApp, host: str, port: int, listening: socket.socket | None = None) -> None:
    """Serve `app` until SIGTERM or SIGINT; requests in flight then have `OMS_SHUTDOWN_TIMEOUT_S` to finish.

    On a socket that is `listening` already, if there is one.
    """
    timeouts = ReceiveTimeouts.of_environment()
    ping_s = seconds("OMS_WEBSOCKET_PING_S", PING_S)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=type("Protocol", (Protocol,), {"receive_timeouts": timeouts}),
        ws=WebSocketProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # it would use 300 kB per connection
        ws_ping_interval=ping_s,
        ws_ping_timeout=ping_s,
        timeout_keep_alive=cast(int, timeouts.idle_s),  # used in `call_later`
        timeout_graceful_shutdown=int(seconds("OMS_SHUTDOWN_TIMEOUT_S", SHUTDOWN_S)),
    )
    server = _Server(config, getattr(app, "end", None))
    freeze_garbage()
    signal.signal(signal.SIGTERM, _end)  # uvicorn raises the signal again at the end, which would look like a crash
    try:
        server.run([listening] if listening else None)
    except KeyboardInterrupt:
        pass
    if not server.started:
        sys.exit(1)


def freeze_garbage() -> None:
    """Exclude objects created before the first request, which live as long as the process, from garbage collection."""
    gc.collect()
    gc.freeze()


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(0)
