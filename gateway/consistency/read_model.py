"""Waiting for writes in the read model: one connection listens for changes, one statement checks for all waiters."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from chassis.databases.postgres import Database
from chassis.http.errors.problems import Unavailable
from gateway.consistency.freshness import READ_MODEL_SOURCES, Watermarks
from gateway.consistency.tokens import Token
from gateway.consistency.view_monitor import ViewMonitor
from gateway.listener import Ready

POLL_INTERVAL_S = 5.0
"""How often to check the connection, which may be dead, and the read model, which may have been dropped."""

# A deleted row stays, with its version, so that a deletion can be waited for.
PRESENT = """
SELECT token.number FROM unnest($1::text[], $2::text[], $3::bigint[])
    WITH ORDINALITY AS token (kind, identity, version, number)
WHERE CASE kind
    WHEN 'order' THEN EXISTS (
        SELECT FROM sales_order WHERE order_id = identity::uuid AND sales_order.version >= token.version)
    WHEN 'customer' THEN EXISTS (
        SELECT FROM customer WHERE customer_id = identity::uuid AND customer.version >= token.version)
    WHEN 'address' THEN EXISTS (
        SELECT FROM address WHERE address_id = identity::uuid AND address.version >= token.version)
    WHEN 'product' THEN EXISTS (
        SELECT FROM product WHERE sku = identity AND product.version >= token.version)
    WHEN 'category' THEN EXISTS (
        SELECT FROM category WHERE slug = identity AND category.version >= token.version)
    WHEN 'store' THEN EXISTS (
        SELECT FROM store WHERE store_id = identity AND store.version >= token.version)
    WHEN 'stock' THEN EXISTS (
        SELECT FROM availability WHERE stock_id = identity AND stock_version >= token.version)
    WHEN 'reservation' THEN EXISTS (
        SELECT FROM availability WHERE stock_id = identity AND availability.version >= token.version)
    WHEN 'sourcing' THEN EXISTS (
        SELECT FROM sourcing WHERE order_id = identity::uuid AND sourcing.version >= token.version)
    WHEN 'restock' THEN EXISTS (
        SELECT FROM restock_request AS r WHERE restock_request_id = identity::uuid AND r.version >= token.version)
    WHEN 'shipment' THEN EXISTS (
        SELECT FROM shipment WHERE shipment_id = identity::uuid AND shipment.version >= token.version)
    WHEN 'return' THEN EXISTS (
        SELECT FROM order_return AS r WHERE return_id = identity::uuid AND r.version >= token.version)
    WHEN 'depot' THEN EXISTS (
        SELECT FROM depot WHERE depot.depot = identity AND depot.version >= token.version)
    WHEN 'inventory' THEN EXISTS (
        SELECT FROM freshness WHERE source = kind AND fresh_until >= to_timestamp(token.version / 1000.0))
END
"""

# The stores that sell online: the oldest counts, and none while one with stock never reported. One without stock, which
# is being set up, makes no other stock stale. Without any store, what `inventory` knows is all there is.
READ_FRESHNESS = """
WITH online AS (
    SELECT fresh_until FROM store WHERE NOT deleted AND sells_online AND (fresh_until IS NOT NULL OR EXISTS (
        SELECT FROM availability WHERE availability.store_id = store.store_id AND NOT availability.deleted)))
SELECT source, fresh_until FROM freshness
UNION ALL SELECT 'stores', min(fresh_until) FROM online HAVING bool_and(fresh_until IS NOT NULL)
UNION ALL SELECT 'stores', fresh_until FROM freshness WHERE source = 'inventory' AND NOT EXISTS (SELECT FROM online)
"""


class ReadModelMonitor(ViewMonitor):
    """Listens to the projections of the read model, and updates `watermarks`."""

    def __init__(self, database: Database, watermarks: Watermarks) -> None:
        super().__init__("the read model", self._present, self._listen)
        self._database = database
        self._watermarks = watermarks

    async def _present(self, tokens: Collection[Token]) -> list[Token]:
        requested = list(tokens)
        kinds, identities, versions = ([token[part] for token in requested] for part in range(3))
        try:
            rows = await self._database.fetch(PRESENT, (kinds, identities, versions))
        except asyncpg.UndefinedTableError as error:  # the read model is being recreated
            raise Unavailable("the read model") from error
        return [requested[row["number"] - 1] for row in rows]

    async def _listen(self, ready: Ready) -> None:
        schema = self._database.schema
        async with self._database.own_connection() as connection:
            closed = asyncio.Event()
            connection.add_termination_listener(lambda _: closed.set())
            await connection.add_listener(f"projected in {schema}", self._projected)
            await connection.add_listener(f"fresh in {schema}", self._fresh)
            await self._read_freshness(connection)
            ready()
            self.waiters.moved()  # something may have changed before the listener was ready
            while not closed.is_set():
                try:
                    async with asyncio.timeout(POLL_INTERVAL_S):
                        await closed.wait()
                except TimeoutError:
                    await self._read_freshness(connection)

    async def _read_freshness(self, connection: asyncpg.Connection) -> None:
        """Read the freshness from the read model's own table, which may have been recreated."""
        try:
            rows = await connection.fetch(READ_FRESHNESS)
        except asyncpg.UndefinedTableError:
            rows = []
        self._watermarks.replace(READ_MODEL_SOURCES, {row["source"]: row["fresh_until"] for row in rows})

    def _projected(self, *_: Any) -> None:
        self.waiters.moved()

    def _fresh(self, _: Any, __: int, ___: str, payload: object) -> None:
        freshness = orjson.loads(str(payload))
        self._watermarks.advance(freshness["source"], datetime.fromisoformat(freshness["fresh_until"]))
        if freshness["source"] == "inventory":
            self.waiters.moved()  # some wait for a time
