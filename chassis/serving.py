"""How an HTTP process takes connections and how it ends: what has begun is finished, nothing more is begun."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from chassis.settings import seconds

SHUTDOWN_S = 30.0
"""How long what is in flight may take once the process is to end. Whoever kills it must wait longer: see stopwaitsecs
in `local/configuration.py` and stop_grace_period in docker-compose.yml."""


class _Server(uvicorn.Server):
    """uvicorn's, which on SIGTERM closes idle connections and lets the others finish with `Connection: close`."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await asyncio.sleep(0)  # a connection taken just before has no protocol yet, and would not hear of the end
        await super().shutdown(sockets)


def run(app: ASGIApp, host: str, port: int) -> None:
    """Serve `app` until SIGTERM or SIGINT; what is in flight then has `OMS_SHUTDOWN_TIMEOUT_S` to finish."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(seconds("OMS_SHUTDOWN_TIMEOUT_S", SHUTDOWN_S)),
    )
    server = _Server(config)
    signal.signal(signal.SIGTERM, _end)  # uvicorn raises it once more in the end, which would look like a crash
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    if not server.started:
        sys.exit(1)


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(0)
