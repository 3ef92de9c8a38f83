"""The read model of this benchmark: 200,000 orders with 600,000 lines, in the tables of the migrations."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from benchmarks.stream.read_model import connected, empty
from chassis.settings import postgres

ROWS = Path(__file__).with_name("rows.sql").read_text()

PEER_INDEXES = """
CREATE INDEX of_customer_for_the_peer ON shown_order (customer_id, placed_at DESC, order_id DESC);
CREATE INDEX of_status_for_the_peer ON shown_order (status, placed_at DESC, order_id DESC);
"""
"""PostGraphile's statements do not filter deleted rows, so the partial indexes of the read model do not apply."""

_COUNTS = "SELECT (SELECT count(*) FROM shown_order), (SELECT count(*) FROM order_line)"


async def fill() -> None:
    """Recreate the read model, vacuumed and analyzed. Raises RuntimeError if a row is missing."""
    await empty()
    owner = postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD")
    async with connected(owner) as connection:
        await connection.execute(ROWS)
        await connection.execute(PEER_INDEXES)
        [found] = await connection.fetch(_COUNTS)
        if tuple(found) != (200_000, 600_000):
            raise RuntimeError(f"orders and lines are {tuple(found)}")
    async with connected() as connection:
        await _come_to_rest(connection)


async def _come_to_rest(connection: asyncpg.Connection) -> None:
    for table in ("customer", "address", "product", "order_line", "shown_order"):
        await connection.execute(f"VACUUM (FREEZE, ANALYZE) {table}")
    await connection.execute("CHECKPOINT")
