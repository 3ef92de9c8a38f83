"""Rows of the read model, written straight into it, for tests of who reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import orjson

from chassis import settings
from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres import Database, PoolConnection
from orders_stream.settings import MIGRATIONS

TABLES = "customer, address, category, product, sales_order, incomplete_order, publishing"
Row = dict[str, Any]

_ALWAYS = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "version": 1, "deleted": False}
_CUSTOMER = {"name": "Ana", "last_name": "Trujillo", "email": "ana@example.com", "active": True}
_ADDRESS = {"street": "Avda. de la Constitución", "number": "2222", "city": "México D.F.", "country": "MX"}
_PRODUCT = {"name": "Chai", "price": "18.0000", "currency": "USD", "categories": [], "active": True}
_ORDER = {"status": "placed", "currency": "USD", "subtotal": "440.0000", "freight": "32.3800", "delivery_addresses": []}
_LINE = {"product_name": "Chai", "quantity": 12, "unit_price": "14.0000", "discount": "0.1500", "amount": "142.8000"}


_MANY_CUSTOMERS = """
INSERT INTO customer (
    customer_id, name, last_name, email, active, created_at, updated_at, version, deleted)
SELECT md5('customer ' || n)::uuid, 'Name' || n % 500 || ' Ana', 'Last' || n, n || '@example.com', true,
    timestamptz '2026-01-01Z' - n * interval '1 minute', '2026-01-01Z', 1, false
FROM generate_series(1, 20000) AS n
"""

_MANY_ORDERS = """
INSERT INTO shown_order (
    order_id, customer_id, status, currency, subtotal, freight, lines_version, line_count, placed_at, created_at,
    updated_at, version, deleted)
SELECT md5('order ' || n)::uuid, md5('customer ' || 1 + n % 20000)::uuid,
    (ARRAY['delivered', 'delivered', 'delivered', 'shipped', 'cancelled'])[1 + n % 5],
    (ARRAY['USD', 'USD', 'EUR'])[1 + n % 3], n * 7919::bigint % 40000, 1, 1, 1,
    timestamptz '2026-01-01Z' - n * interval '1 minute', '2026-01-01Z', '2026-01-01Z', 1, false
FROM generate_series(1, 40000) AS n
"""


_COLUMNS = """
SELECT string_agg(attname, ', ') FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


class ReadModel:
    """Writes rows; each starts as a usual one and has the changes that a test cares for. They come as one statement."""

    def __init__(self, connection: PoolConnection) -> None:
        self._connection = connection

    async def customers(self, *changes: Row) -> list[UUID]:
        return await self._write("customer", "customer_id", _CUSTOMER, changes)

    async def addresses(self, *changes: Row) -> list[UUID]:
        return await self._write("address", "address_id", _ADDRESS | {"customer_id": uuid4()}, changes)

    async def products(self, *changes: Row) -> list[UUID]:
        return await self._write("product", "product_id", _PRODUCT, changes)

    async def categories(self, *changes: Row) -> None:
        await self._write("category", "slug", {"name": "Drinks", "position": 0}, changes)

    async def orders(self, *changes: Row) -> list[UUID]:
        usual = _ORDER | {
            "customer_id": uuid4(),
            "lines_version": 1,
            "line_count": 1,
            "placed_at": _ALWAYS["created_at"],
        }
        return await self._write("shown_order", "order_id", usual, changes)

    async def lines(self, *changes: Row) -> list[UUID]:
        usual = _LINE | {"lines_version": 1, "line_number": 1, "sku": "CHAI", "delivery_address_id": uuid4()}
        return await self._write("order_line", "order_line_id", usual, changes)

    async def many(self) -> None:
        """20,000 customers and 40,000 orders, as different as those of a company, and what Postgres knows of them."""
        for statement in (_MANY_CUSTOMERS, _MANY_ORDERS, "VACUUM ANALYZE customer", "VACUUM ANALYZE shown_order"):
            await self._connection.execute(statement, timeout=60)

    async def _write(self, table: str, key: str, usual: Row, changes: tuple[Row, ...]) -> list[UUID]:
        rows = [{key: uuid4(), **_ALWAYS, **usual, **change} for change in changes]
        columns = await self._connection.fetchval(_COLUMNS, table)
        statement = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(null::{table}, $1)"
        await self._connection.execute(statement, orjson.dumps(rows).decode())
        return [row[key] for row in rows]


@asynccontextmanager
async def empty_read_model() -> AsyncIterator[ReadModel]:
    """The read model with its tables and nothing in them."""
    owner = Database(settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD"))
    try:
        async with owner.connection() as connection:
            await migrate_postgres(connection, MIGRATIONS)
            await connection.execute(f"TRUNCATE {TABLES}")
            yield ReadModel(connection)
    finally:
        await owner.close()
