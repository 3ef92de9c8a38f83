"""How an HTTP process takes connections and how it ends: what has begun is finished, nothing more is begun."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from chassis.http.protocol import Protocol, WebSocketProtocol
from chassis.settings import seconds

SHUTDOWN_S = 30.0
"""How long what is in flight may take once the process is to end. Whoever kills it must wait longer: see stopwaitsecs
in `local/configuration.py` and stop_grace_period in docker-compose.yml."""


UNTAKEN_S = 30.0
"""So long what was sent may wait for a client that takes nothing. Otherwise the system keeps megabytes of it for as
long as the client's system answers, also when our end is closed."""

MAX_MESSAGE_BYTES = 131_072
"""How long one message of a WebSocket may be."""


class _Server(uvicorn.Server):
    """uvicorn's, which on SIGTERM closes idle connections and lets the others finish with `Connection: close`.

    What would go on for ever is ended by the app: by its `end`, if it has one.
    """

    def __init__(self, config: uvicorn.Config, ending: Callable[[], Awaitable[None]] | None) -> None:
        super().__init__(config)
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take connections. Each is ended by the system when its client takes nothing for `UNTAKEN_S`."""
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:  # those that are accepted have their options from these
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNTAKEN_S * 1000))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and close those that are there as soon as nothing is in flight on them."""
        for server in self.servers:
            server.close()
        if self._ending is not None:
            await self._ending()
        await asyncio.sleep(0)  # a connection taken just before has no protocol yet, and would not hear of the end
        await super().shutdown(sockets)


def run(app: ASGIApp, host: str, port: int) -> None:
    """Serve `app` until SIGTERM or SIGINT; what is in flight then has `OMS_SHUTDOWN_TIMEOUT_S` to finish."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Protocol,
        ws=WebSocketProtocol,
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
    """What is there before the first request stays as long as the process: the collector need not look at it again."""
    gc.collect()
    gc.freeze()


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(0)
