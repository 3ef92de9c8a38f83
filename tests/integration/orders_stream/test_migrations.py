"""The read model's migrations, on one that an earlier release has filled, or left empty."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest

from chassis import settings
from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres import Database, PoolConnection
from chassis.databases.postgres_upserts import Columns
from contracts.orders import ORDER
from orders_stream.settings import MIGRATIONS
from tests.support.shop.rows import a_line, an_order
from tests.support.views.former_read_model import make_former, put_shown, put_unpublished

SCHEMA = "read_model_of_before"
PLACED = an_order()

Put = Callable[[PoolConnection], Awaitable[None]]


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """A schema of its own, so that the tables that other tests use stay as they are."""
    opened = Database(settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD", schema=SCHEMA))
    async with opened.connection() as connection:
        await make_former(connection, SCHEMA)
    yield opened
    async with opened.connection() as connection:
        await connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    await opened.close()


async def put_customers(connection: PoolConnection) -> None:
    for customer, deleted in ((1, True), (2, False)):
        await connection.execute(
            """
            INSERT INTO customer (customer_id, name, active, created_at, updated_at, version, deleted)
            VALUES ($1, $2, true, now(), now(), 1, $3)
            """,
            UUID(int=customer),
            None if deleted else "Maria",
            deleted,
        )


async def put_whole(connection: PoolConnection) -> None:
    await put_shown(connection, SCHEMA, PLACED, a_line(PLACED))


async def put_lines(connection: PoolConnection) -> None:
    await put_unpublished(connection, SCHEMA, PLACED, a_line(PLACED))


@pytest.mark.parametrize("put", [put_whole, put_lines])
async def test_orders_in_the_former_layout_are_refused_with_what_to_do(database: Database, put: Put) -> None:
    async with database.connection() as connection:
        await put(connection)

        with pytest.raises(asyncpg.RaiseError, match="layout of an earlier release") as refused:
            await migrate_postgres(connection, MIGRATIONS)
        tables = await connection.fetchval("SELECT to_regclass('shown_order')::text || to_regclass('order_line')::text")

    assert "`oms rebuild read-model`" in (refused.value.hint or "")
    assert "oms rebuild read-model" in str(refused.value), "logged, and shown by /health/ready"
    assert tables == "shown_orderorder_line", "and nothing is lost"


async def test_a_read_model_without_orders_is_migrated_with_its_customers(database: Database) -> None:
    async with database.connection() as connection:
        await put_customers(connection)

        await migrate_postgres(connection, MIGRATIONS)
        await migrate_postgres(connection, MIGRATIONS)

        names = [row["name"] for row in await connection.fetch("SELECT name FROM customer ORDER BY customer_id")]
        await connection.fetch(f"SELECT {Columns(ORDER).selected}, lines::text FROM sales_order")
    assert names == [None, "Maria"]
