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

TABLES = (
    "customer, address, category, product, sales_order, incomplete_order, publishing, store, availability, sourcing,"
    " restock_request, stock_policy, shipment, order_return, depot"
)
Row = dict[str, Any]

_ALWAYS = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "version": 1, "deleted": False}
_CUSTOMER = {"name": "Ana", "last_name": "Trujillo", "email": "ana@example.com", "active": True}
_STORE = {"name": "Seattle", "kind": "shop", "country": "US", "city": "Seattle", "priority": 0, "sells_online": True}
_STOCK: Row = {"on_hand": 10, "unsellable": 0, "committed": 0, "reserved": 0, "safety_margin": 0, "incoming": 0}
_STOCK |= {"overreserved": 0, "delivered": 0, "stock_version": 1, "has_backorders": False}
_STORE |= {"details_version": 1}
_SOURCING: Row = {"lines_version": 1, "status": "committed", "lines": [], "on_request": False}
_RESTOCK: Row = {"quantity": 30, "status": "accepted", "requested_at": _ALWAYS["created_at"]}
_SHIPMENT: Row = {"status": "planned", "location": "seattle", "lines": [], "parcels": [], "tracking": [], "attempts": 0}
_SHIPMENT |= {"planned_at": _ALWAYS["created_at"]}
_RETURN: Row = {"status": "requested", "origin": "delivered", "lines": [], "requested_at": _ALWAYS["created_at"]}
_DEPOT: Row = {"name": "Main", "zone": "Europe/Berlin", "opens": "08:00", "closes": "18:00", "vans": ["a", "b"]}
_DEPOT |= {"parallel_deliveries": 3}
_ADDRESS = {"street": "Avda. de la Constitución", "number": "2222", "city": "México D.F.", "country": "MX"}
_PRODUCT = {"name": "Chai", "price": "18.0000", "currency": "USD", "categories": [], "active": True}
_ORDER: Row = {"source": "", "status": "placed", "currency": "USD", "subtotal": "440.0000", "freight": "32.3800"}
_ORDER |= {"lines_version": 1, "line_count": 1, "delivery_addresses": [], "lines": [], "skus": [], "countries": []}
_LINE: Row = {"product_name": "Chai", "quantity": 12, "unit_price": "14.0000", "discount": "0.1500"}
_LINE |= {"amount": "142.8000", "line_number": 1, "sku": "CHAI"}


_MANY_CUSTOMERS = """
INSERT INTO customer (
    customer_id, name, last_name, email, active, created_at, updated_at, version, deleted)
SELECT md5('customer ' || n)::uuid, 'Name' || n % 500 || ' Ana', 'Last' || n, n || '@example.com', true,
    timestamptz '2026-01-01Z' - n * interval '1 minute', '2026-01-01Z', 1, false
FROM generate_series(1, 20000) AS n
"""

_MANY_RESTOCKS = """
INSERT INTO restock_request (
    restock_request_id, stock_id, store_id, sku, quantity, status, requested_at, updated_at, version, deleted)
SELECT md5('restock ' || n)::uuid, '', (ARRAY['lima', 'seattle', 'depot'])[1 + n % 3], 'SKU-' || n % 200, 30,
    (ARRAY['received', 'received', 'received', 'manufacturing', 'cancelled'])[1 + n % 5],
    timestamptz '2026-01-01Z' - n * interval '1 minute', '2026-01-01Z', 1, false
FROM generate_series(1, 20000) AS n
"""

_MANY_SHIPMENTS = """
INSERT INTO shipment (
    shipment_id, order_id, customer_id, status, location, delivery_address_id, lines, parcels, tracking, attempts,
    planned_at, updated_at, version, deleted)
SELECT md5('shipment ' || n)::uuid, md5('order ' || n / 2)::uuid, md5('customer ' || n % 2000)::uuid,
    CASE WHEN n % 100 = 7 THEN 'failed' ELSE (ARRAY['delivered', 'delivered', 'dispatched', 'planned'])[1 + n % 4] END,
    (ARRAY['lima', 'seattle', 'depot'])[1 + n % 3], md5('address')::uuid, '[]', '[]', '[]', 0,
    timestamptz '2026-01-01Z' - n * interval '1 minute', '2026-01-01Z', 1, false
FROM generate_series(1, 20000) AS n
"""

_MANY_RETURNS = """
INSERT INTO order_return (
    return_id, order_id, customer_id, origin, status, lines, requested_at, updated_at, version, deleted)
SELECT md5('return ' || n)::uuid, md5('order ' || n / 2)::uuid, md5('customer ' || n % 2000)::uuid, 'delivered',
    CASE WHEN n % 100 = 7 THEN 'requested' ELSE (ARRAY['refunded', 'refunded', 'received'])[1 + n % 3] END, '[]',
    timestamptz '2026-01-01Z' - n * interval '1 minute', '2026-01-01Z', 1, false
FROM generate_series(1, 20000) AS n
"""

# Each order has one of five frequent SKUs and one of 200 others, and is delivered to one of three countries.
_MANY_ORDERS = """
INSERT INTO sales_order (
    order_id, customer_id, source, status, currency, subtotal, freight, lines_version, line_count, placed_at,
    created_at, updated_at, version, deleted, delivery_addresses, lines, skus, countries)
SELECT md5('order ' || n)::uuid, md5('customer ' || 1 + n % 20000)::uuid, '',
    (ARRAY['delivered', 'delivered', 'delivered', 'shipped', 'cancelled'])[1 + n % 5],
    (ARRAY['USD', 'USD', 'EUR'])[1 + n % 3], n * 7919::bigint % 40000, 1, 1, 2,
    timestamptz '2026-01-01Z' - n * interval '1 minute', '2026-01-01Z', '2026-01-01Z', 1, false,
    jsonb_build_array(jsonb_build_object('country', country)),
    ARRAY(
        SELECT ROW(gen_random_uuid(), number, sku, 'Chai', 1, 18, 0, 18, gen_random_uuid(), 1, false)::sales_order_line
        FROM unnest(skus) WITH ORDINALITY AS line (sku, number)
    ),
    skus, ARRAY[country]
FROM generate_series(1, 40000) AS n,
    LATERAL (SELECT (ARRAY['PE', 'PE', 'PE', 'US', 'CL'])[1 + n % 5]) AS o (country),
    LATERAL (SELECT ARRAY['SKU-' || n % 5, 'THING-' || n % 200]) AS l (skus)
"""

_MANY_STOCK = """
INSERT INTO availability (
    stock_id, store_id, sku, on_hand, unsellable, committed, reserved, overreserved, safety_margin, incoming,
    reorder_at, stock_version, updated_at, version, deleted)
SELECT store || '/SKU-' || n, store, 'SKU-' || n, n % 100, 0, 0, 0, 0, 3, 0, CASE WHEN n % 500 = 7 THEN 10 END,
    1, '2026-01-01Z', 1, false
FROM generate_series(1, 3000) AS n, unnest(ARRAY['lima', 'lima-2', 'seattle', 'depot', 'berlin']) AS store
"""

_LINES = """
UPDATE sales_order SET lines = known.lines, skus = known.skus
FROM (
    SELECT o.order_id, array_agg(line::sales_order_line ORDER BY line.line_number) AS lines,
        coalesce(array_agg(DISTINCT line.sku) FILTER (WHERE NOT line.deleted), '{}') AS skus
    FROM sales_order AS o, LATERAL (
        SELECT * FROM unnest(o.lines)
        UNION ALL
        SELECT new.* FROM jsonb_array_elements($1::jsonb) AS given (line),
            jsonb_populate_record(null::sales_order_line, given.line) AS new
        WHERE (given.line->>'order_id')::uuid = o.order_id
    ) AS line
    WHERE NOT o.deleted AND o.order_id IN (SELECT (new->>'order_id')::uuid FROM jsonb_array_elements($1::jsonb) AS new)
    GROUP BY o.order_id
) AS known
WHERE known.order_id = sales_order.order_id
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

    async def stores(self, *changes: Row) -> None:
        await self._write("store", "store_id", _STORE, changes)

    async def stock(self, *changes: Row) -> None:
        """The stock of SKUs in stores, by `store_id` and `sku`."""
        named = tuple({"stock_id": f"{each['store_id']}/{each['sku']}", **each} for each in changes)
        await self._write("availability", "stock_id", _STOCK, named)

    async def sourcings(self, *changes: Row) -> None:
        """The sourcings of orders, by `order_id`."""
        usual = _SOURCING | {"placed_at": _ALWAYS["created_at"], "decided_at": _ALWAYS["created_at"]}
        await self._write("sourcing", "order_id", usual, changes)

    async def restocks(self, *changes: Row) -> list[UUID]:
        """Restock requests, by `store_id` and `sku`."""
        named = tuple({"stock_id": f"{each['store_id']}/{each['sku']}", **each} for each in changes)
        return await self._write("restock_request", "restock_request_id", _RESTOCK, named)

    async def policies(self, *changes: Row) -> None:
        """Policies of stock, by `policy_id`."""
        await self._write(
            "stock_policy", "policy_id", {"tracked": True, "safety_margin": 3, "backorders": "no"}, changes
        )

    async def shipments(self, *changes: Row) -> list[UUID]:
        """Shipments without lines; each is of an order of its own unless it has an `order_id`."""
        named = tuple(
            {"order_id": uuid4(), "customer_id": uuid4(), "delivery_address_id": uuid4(), **each} for each in changes
        )
        return await self._write("shipment", "shipment_id", _SHIPMENT, named)

    async def returns(self, *changes: Row) -> list[UUID]:
        """Returns without lines; each is of an order of its own unless it has an `order_id`."""
        named = tuple({"order_id": uuid4(), "customer_id": uuid4(), **each} for each in changes)
        return await self._write("order_return", "return_id", _RETURN, named)

    async def depots(self, *changes: Row) -> None:
        """Depots, by `depot`."""
        await self._write("depot", "depot", _DEPOT, changes)

    async def orders(self, *changes: Row) -> list[UUID]:
        """Orders without lines, whose countries are those of their delivery addresses."""
        usual = _ORDER | {"customer_id": uuid4(), "placed_at": _ALWAYS["created_at"]}
        return await self._write("sales_order", "order_id", usual, tuple(_with_countries(each) for each in changes))

    async def lines(self, *changes: Row) -> list[UUID]:
        """Add lines, each with its `order_id`, to orders that are there and are not deleted."""
        usual = {**_LINE, "version": 1, "deleted": False, "delivery_address_id": uuid4()}
        rows = [{"order_line_id": uuid4(), **usual, **change} for change in changes]
        await self._connection.execute(_LINES, orjson.dumps(rows).decode())
        return [row["order_line_id"] for row in rows]

    async def many(self) -> None:
        """20,000 customers and 40,000 orders, as different as those of a company, and what Postgres knows of them."""
        for statement in (_MANY_CUSTOMERS, _MANY_ORDERS, "VACUUM ANALYZE customer", "VACUUM ANALYZE sales_order"):
            await self._connection.execute(statement, timeout=60)

    async def many_restocks(self) -> None:
        """20,000 restock requests of 200 SKUs in three stores, and what Postgres knows of them."""
        for statement in (_MANY_RESTOCKS, "VACUUM ANALYZE restock_request"):
            await self._connection.execute(statement)

    async def many_returns(self) -> None:
        """20,000 returns of 10,000 orders and 2,000 customers, a hundredth of them to be decided."""
        for statement in (_MANY_RETURNS, "VACUUM ANALYZE order_return"):
            await self._connection.execute(statement)

    async def many_shipments(self) -> None:
        """20,000 shipments of 10,000 orders and 2,000 customers, a hundredth of them failed, from three stores."""
        for statement in (_MANY_SHIPMENTS, "VACUUM ANALYZE shipment"):
            await self._connection.execute(statement)

    async def much_stock(self) -> None:
        """3,000 SKUs in five stores, six of them to be ordered, and what Postgres knows of them."""
        for statement in (_MANY_STOCK, "VACUUM ANALYZE availability"):
            await self._connection.execute(statement, timeout=60)

    async def _write(self, table: str, key: str, usual: Row, changes: tuple[Row, ...]) -> list[UUID]:
        rows = [{key: uuid4(), **_ALWAYS, **usual, **change} for change in changes]
        columns = await self._connection.fetchval(_COLUMNS, table)
        statement = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(null::{table}, $1)"
        await self._connection.execute(statement, orjson.dumps(rows).decode())
        return [row[key] for row in rows]


def _with_countries(order: Row) -> Row:
    countries = {address["country"] for address in order.get("delivery_addresses", ()) if not order.get("deleted")}
    return {"countries": sorted(countries), **order}


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
