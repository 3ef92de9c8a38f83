"""The read model's side: one connection that hears when it moved, and one statement for all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from chassis.databases.postgres import Database
from chassis.http.problems import Unavailable
from gateway.consistency.freshness import SHOWN, Watermarks
from gateway.consistency.news import News
from gateway.consistency.tokens import Token
from gateway.listening import Heard

ASKED_EVERY_S = 5.0
"""A connection that says nothing may be dead, and a read model that was dropped does not say so: asked, both show."""

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


class ReadModelNews(News):
    """Hears what the read model's projections say; `watermarks` follow, too."""

    def __init__(self, database: Database, watermarks: Watermarks) -> None:
        super().__init__("the read model", self._present, self._listen)
        self._database = database
        self._watermarks = watermarks

    async def _present(self, tokens: Collection[Token]) -> list[Token]:
        asked = list(tokens)
        kinds, identities, versions = ([token[part] for token in asked] for part in range(3))
        try:
            rows = await self._database.fetch(PRESENT, (kinds, identities, versions))
        except asyncpg.UndefinedTableError as error:  # the read model was dropped and is made anew
            raise Unavailable("the read model") from error
        return [asked[row["number"] - 1] for row in rows]

    async def _listen(self, heard: Heard) -> None:
        schema = self._database.schema
        async with self._database.own_connection() as connection:
            gone = asyncio.Event()
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener(f"projected in {schema}", self._projected)
            await connection.add_listener(f"fresh in {schema}", self._fresh)
            await self._ask(connection)
            heard()
            self.waiting.moved()  # by what came while nobody listened
            while not gone.is_set():
                try:
                    async with asyncio.timeout(ASKED_EVERY_S):
                        await gone.wait()
                except TimeoutError:
                    await self._ask(connection)

    async def _ask(self, connection: asyncpg.Connection) -> None:
        """How fresh the read model is by its own table, which may have been made anew."""
        try:
            rows = await connection.fetch("SELECT source, fresh_until FROM freshness")
        except asyncpg.UndefinedTableError:
            rows = []
        self._watermarks.are(SHOWN, {row["source"]: row["fresh_until"] for row in rows})

    def _projected(self, *_: Any) -> None:
        self.waiting.moved()

    def _fresh(self, _: Any, __: int, ___: str, payload: object) -> None:
        said = orjson.loads(str(payload))
        self._watermarks.reached(said["source"], datetime.fromisoformat(said["fresh_until"]))
