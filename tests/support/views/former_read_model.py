"""A read model as the release before `0017_one_row_an_order.sql` had it, with its rows."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from chassis.databases.migrations import files, migrate_postgres
from chassis.databases.postgres import PoolConnection
from contracts.orders import OrderDetailRow, OrderRow
from contracts.rows import JSON_COLUMNS, Row, columns
from oms.prepare.postgres import schema_statements
from oms.repair.rebuild.schemas import read_model_in
from orders_stream.settings import MIGRATIONS

LAST = "0016"
"""The last migration of that release."""

LATER = {"reservation_id"}
"""The columns that came after it."""


async def make_former(connection: PoolConnection, schema: str) -> None:
    """Create the schema with the tables of that release."""
    await connection.execute(schema_statements(schema))
    database = read_model_in(schema)
    try:
        with TemporaryDirectory() as folder:
            for file in files(MIGRATIONS):
                if file.name[:4] <= LAST:
                    shutil.copy(file, folder)
            async with database.connection() as inside:
                await migrate_postgres(inside, Path(folder))
    finally:
        await database.close()


async def put_shown(connection: PoolConnection, schema: str, order: OrderRow, *lines: OrderDetailRow) -> None:
    """Write an order as that release did once it was complete."""
    for table in ("heard_order", "shown_order"):
        await _write(connection, f"{schema}.{table}", order)
    for line in lines:
        await _write(connection, f"{schema}.order_line", line)


async def put_unpublished(connection: PoolConnection, schema: str, order: OrderRow, *lines: OrderDetailRow) -> None:
    """Write a version that was superseded before it was published."""
    await _write(connection, f"{schema}.unpublished_order", order)
    for line in lines:
        await _write(connection, f"{schema}.order_line", line)


async def _write(connection: PoolConnection, table: str, row: Row) -> None:
    values: dict[str, Any] = {name: getattr(row, name) for name in columns(type(row)) if name not in LATER}
    values |= {name: orjson.loads(values[name]) for name in JSON_COLUMNS & values.keys()}
    values |= {"version": row.newest_version, "deleted": row.is_deleted}
    values = {{"order_detail_id": "order_line_id"}.get(name, name): value for name, value in values.items()}
    names = ", ".join(values)
    await connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_record(null::{table}, $1)",
        orjson.dumps(values, default=str).decode(),
    )
