"""The read model's migrations, on one that has data."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from chassis import settings
from chassis.databases.migrations import files, migrate_postgres
from chassis.databases.postgres import Database
from orders_stream.settings import MIGRATIONS
from orders_stream.upserts import ORDERS

SCHEMA = "read_model_of_before"
ORDER = UUID(int=1)


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """A schema of its own, so that the tables that other tests use stay as they are."""
    opened = Database(settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD", schema=SCHEMA))
    async with opened.connection() as connection:
        await connection.execute(f"CREATE SCHEMA {SCHEMA}")
    yield opened
    async with opened.connection() as connection:
        await connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    await opened.close()


async def test_orders_and_deleted_people_from_before_are_brought_along(database: Database, tmp_path: Path) -> None:
    shutil.copy(files(MIGRATIONS)[0], tmp_path)
    async with database.transaction() as tx:
        await migrate_postgres(tx, tmp_path)
        for table in ("heard_order", "shown_order"):
            await tx.execute(
                f"""INSERT INTO {table} VALUES (
                    $1, NULL, $1, 'placed', 'USD', 54, 0, 1, 1, now(), NULL, NULL, NULL, NULL, now(), now(), 1, false
                )""",
                ORDER,
            )
        for customer, deleted in ((1, True), (2, False)):
            await tx.execute(
                """INSERT INTO customer VALUES (
                    $1, 'Maria', 'Anders', 'maria@example.com', 'DNI 1', '030', 'Alfreds', true, now(), now(), 1, $2
                )""",
                UUID(int=customer),
                deleted,
            )

    async with database.connection() as connection:
        await migrate_postgres(connection, MIGRATIONS)
        await migrate_postgres(connection, MIGRATIONS)
        orders = await connection.fetch(
            f"SELECT {ORDERS.columns} FROM shown_order UNION ALL SELECT {ORDERS.columns} FROM heard_order"
        )
        people = await connection.fetch("SELECT name, email, identity_document FROM customer ORDER BY customer_id")
        columns = [
            await connection.fetch(
                """SELECT column_name, data_type, is_nullable FROM information_schema.columns
                WHERE table_schema = $1 AND table_name = $2 AND is_generated = 'NEVER' ORDER BY column_name""",
                SCHEMA,
                table,
            )
            for table in ("heard_order", "shown_order", "unpublished_order")
        ]

    assert [(row["order_id"], row["confirmed_at"], row["delivery_addresses"]) for row in orders] == [
        (ORDER, None, "[]"),
        (ORDER, None, "[]"),
    ]
    assert [tuple(row) for row in people] == [(None, None, None), ("Maria", "maria@example.com", "DNI 1")]
    assert columns[0] == columns[1] == columns[2], "rows are copied from one table into the others"
