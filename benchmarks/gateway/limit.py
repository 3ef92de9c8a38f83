"""The limit: the statements of the compiled plans, with plain asyncpg in a minimal ASGI app on uvicorn.

python -m benchmarks.gateway.limit PORT. The path identifies the operation; the app reads the variables and
returns the JSON of Postgres: no GraphQL, no limits, no checks.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import orjson
import uvicorn

from benchmarks.gateway.operations import LATEST_OF_A_STATUS, ONE_ORDER, ORDERS_OF_A_CUSTOMER
from chassis import settings
from gateway.operations.operations import Operations
from gateway.operations.validation import Limits
from gateway.schema import schema
from gateway.settings import SESSION

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

TEXTS = {
    "/one-order": ONE_ORDER,
    "/orders-of-a-customer": ORDERS_OF_A_CUSTOMER,
    "/latest-of-a-status": LATEST_OF_A_STATUS,
}

_HEADERS = [(b"content-type", b"application/json; charset=utf-8")]


class MinimalApp:
    """An ASGI app with as many connections to Postgres as the gateway; the last used one is reused first."""

    def __init__(self) -> None:
        operations = Operations(schema._schema, Limits())
        found = {path: operations.find(texts["gateway"], None).plans for path, texts in TEXTS.items()}
        self._plans = {path: plans for path, plans in found.items() if plans is not None}
        self._free: asyncio.LifoQueue[asyncpg.Connection] = asyncio.LifoQueue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = (await receive())["body"]
        query = self._plans[scope["path"]].query(orjson.loads(body)["variables"])
        assert query is not None
        connection = await self._free.get()
        [statement] = query.statements
        data = await connection.fetchval(statement.sql, *statement.runs[0])
        self._free.put_nowait(connection)
        length = (b"content-length", b"%d" % (len(data) + 9))
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, length]})
        await send({"type": "http.response.body", "body": b'{"data":%s}' % data})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        account = settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD")
        for _ in range(account.pool_size):
            self._free.put_nowait(await _connected(account))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


async def _connected(account: settings.PostgresSettings) -> asyncpg.Connection:
    session = {"timezone": "UTC", "jit": "off", "search_path": account.schema, **SESSION}
    return await asyncpg.connect(
        host=account.host,
        port=account.port,
        user=account.user,
        password=account.password,
        database=account.database,
        server_settings=session,
    )


if __name__ == "__main__":
    uvicorn.run(
        MinimalApp(), host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning", http="httptools"
    )
