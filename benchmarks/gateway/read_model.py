"""The read model of this benchmark: 200,000 orders with 600,000 lines; and the same data in tables for PostGraphile."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from benchmarks.stream.read_model import connected, empty
from chassis.settings import postgres

ROWS = Path(__file__).with_name("rows.sql").read_text()

PEER = Path(__file__).with_name("peer.sql").read_text()

PEER_SCHEMA = "peer"

_COUNTS = "SELECT (SELECT count(*) FROM sales_order), (SELECT count(*) FROM order_line)"


async def fill() -> None:
    """Recreate both, vacuumed and analyzed. Raises RuntimeError if a row is missing."""
    await empty()
    owner = postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD")
    async with connected(owner) as connection:
        await connection.execute(ROWS)
    async with connected() as connection:
        await _check_counts(connection)
        await _come_to_rest(connection, "customer", "address", "product", "sales_order")
        reader = postgres("gateway", "OMS_GATEWAY_DB_PASSWORD").user
        await connection.execute(f"DROP SCHEMA IF EXISTS {PEER_SCHEMA} CASCADE")
        await connection.execute(f"CREATE SCHEMA {PEER_SCHEMA}; SET search_path = {PEER_SCHEMA}")
        await connection.execute(PEER)
        await connection.execute(f"GRANT USAGE ON SCHEMA {PEER_SCHEMA} TO {reader}")
        await connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {PEER_SCHEMA} TO {reader}")
        await _check_counts(connection)
        await _come_to_rest(connection, "customer", "product", "sales_order", "order_line")


async def _check_counts(connection: asyncpg.Connection) -> None:
    [found] = await connection.fetch(_COUNTS)
    if tuple(found) != (200_000, 600_000):
        raise RuntimeError(f"orders and lines are {tuple(found)}")


async def _come_to_rest(connection: asyncpg.Connection, *tables: str) -> None:
    for table in tables:
        await connection.execute(f"VACUUM (FREEZE, ANALYZE) {table}")
    await connection.execute("CHECKPOINT")
