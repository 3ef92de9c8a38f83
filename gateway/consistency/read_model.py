"""The read model's side: one connection that hears when it moved, and one statement for all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from chassis.logs import logger
from chassis.postgres import LOST, Database
from gateway.consistency.freshness import Watermarks
from gateway.consistency.tokens import Token
from gateway.consistency.waiting import Waiting

log = logger(__name__)

LISTEN_AGAIN_S = 0.5

STILL_THERE_EVERY_S = 5.0
"""A connection that says nothing may be dead, or its worker stand still: asked so often, it says which."""

# A row that was deleted stays, with its version: whoever waits for the deletion has it.
PRESENT = """
SELECT token.number FROM unnest($1::text[], $2::text[], $3::bigint[])
    WITH ORDINALITY AS token (kind, identity, version, number)
WHERE CASE kind
    WHEN 'order' THEN EXISTS (
        SELECT FROM shown_order WHERE order_id = identity::uuid AND shown_order.version >= token.version)
    WHEN 'customer' THEN EXISTS (
        SELECT FROM customer WHERE customer_id = identity::uuid AND customer.version >= token.version)
    WHEN 'address' THEN EXISTS (
        SELECT FROM address WHERE address_id = identity::uuid AND address.version >= token.version)
    WHEN 'product' THEN EXISTS (
        SELECT FROM product WHERE sku = identity AND product.version >= token.version)
END
"""


class ReadModelNews:
    """Hears what the read model's projections say; `waiting` for writes and `watermarks` follow."""

    def __init__(self, database: Database, watermarks: Watermarks) -> None:
        self._database = database
        self._watermarks = watermarks
        self.waiting = Waiting("the read model", self._present)
        self._listening: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen from now on, also when the server is away for a while."""
        self._listening = asyncio.create_task(self._listen_on())

    async def close(self) -> None:
        """Listen no more."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.waiting.close()

    async def _present(self, tokens: Collection[Token]) -> list[Token]:
        asked = list(tokens)
        kinds, identities, versions = ([token[part] for token in asked] for part in range(3))
        async with self._database.connection() as connection:
            rows = await connection.fetch(PRESENT, kinds, identities, versions)
        return [asked[row["number"] - 1] for row in rows]

    async def _listen_on(self) -> None:
        is_told = False
        while True:
            try:
                async with self._database.own_connection() as connection:
                    await self._listen(connection)
                    is_told = False
                    await self._until_gone(connection)
            except (*LOST, asyncpg.PostgresError) as error:
                if not is_told:
                    log.warning("not listening to the read model; trying again", reason=repr(error))
                is_told = True
            await asyncio.sleep(LISTEN_AGAIN_S)

    async def _listen(self, connection: asyncpg.Connection) -> None:
        schema = self._database.schema
        await connection.add_listener(f"projected in {schema}", self._projected)
        await connection.add_listener(f"fresh in {schema}", self._fresh)
        # What happened before, or while nobody listened:
        for row in await connection.fetch("SELECT source, fresh_until FROM freshness"):
            self._watermarks.reached(row["source"], row["fresh_until"])
        self.waiting.moved()

    async def _until_gone(self, connection: asyncpg.Connection) -> None:
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        while not gone.is_set() and not connection.is_closed():
            try:
                async with asyncio.timeout(STILL_THERE_EVERY_S):
                    await gone.wait()
            except TimeoutError:
                await connection.execute("SELECT 1")

    def _projected(self, *_: Any) -> None:
        self.waiting.moved()

    def _fresh(self, _: Any, __: int, ___: str, payload: object) -> None:
        said = orjson.loads(str(payload))
        self._watermarks.reached(said["source"], datetime.fromisoformat(said["fresh_until"]))
