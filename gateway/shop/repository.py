"""The statements on the read model. All of them exclude deleted rows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from gateway.shop.share import Reader
from gateway.shop.stock.statements import AGGREGATE, STOCK, STORES

ORDERS_BY_ID = "SELECT {columns} FROM sales_order AS o WHERE order_id = ANY($1::uuid[]) AND NOT deleted"

CUSTOMERS_BY_ID = "SELECT * FROM customer WHERE customer_id = ANY($1::uuid[]) AND NOT deleted"

ADDRESSES_BY_ID = "SELECT * FROM address WHERE address_id = ANY($1::uuid[]) AND NOT deleted"

ADDRESSES_BY_CUSTOMER = """
SELECT * FROM address WHERE customer_id = ANY($1::uuid[]) AND NOT deleted ORDER BY created_at, address_id
"""

PRODUCTS_BY_SKU = "SELECT * FROM product WHERE sku = ANY($1::text[]) AND NOT deleted"

CATEGORIES_BY_SLUG = "SELECT * FROM category WHERE slug = ANY($1::text[]) AND NOT deleted"

CATEGORIES_BY_PARENT = """
SELECT * FROM category WHERE parent_slug = ANY($1::text[]) AND NOT deleted ORDER BY parent_slug, position, slug
"""

STORES_BY_ID = f"SELECT * FROM {STORES} AS place WHERE store_id = ANY($1::text[]) AND NOT deleted"

STOCK_BY_ID = f"SELECT * FROM {STOCK} AS level WHERE stock_id = ANY($1::text[]) AND NOT deleted"

STOCK_BY_SKU = f"""
SELECT * FROM {STOCK} AS level WHERE sku = ANY($1::text[]) AND NOT deleted ORDER BY sku, store_id
"""

AVAILABILITY_BY_SKU = f"""
SELECT requested.sku, summed.* FROM unnest($1::text[]) AS requested (sku)
CROSS JOIN LATERAL ({AGGREGATE.format(sku="requested.sku")}) AS summed
"""

SOURCINGS_BY_ORDER = "SELECT * FROM sourcing WHERE order_id = ANY($1::uuid[]) AND NOT deleted"


SHIPMENTS_BY_ID = "SELECT * FROM shipment WHERE shipment_id = ANY($1::uuid[]) AND NOT deleted"

SHIPMENTS_BY_ORDER = """
SELECT * FROM shipment WHERE order_id = ANY($1::uuid[]) AND NOT deleted ORDER BY order_id, planned_at, shipment_id
"""

RETURNS_BY_ID = "SELECT * FROM order_return WHERE return_id = ANY($1::uuid[]) AND NOT deleted"

RETURNS_BY_ORDER = """
SELECT * FROM order_return WHERE order_id = ANY($1::uuid[]) AND NOT deleted ORDER BY order_id, requested_at, return_id
"""

DELIVERY_ADDRESSES_BY_ORDER = """
SELECT order_id, delivery_addresses FROM sales_order WHERE order_id = ANY($1::uuid[]) AND NOT deleted
"""


async def orders_by_id(columns: str, read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """These columns of the orders with these ids, in any order."""
    return await read_model.fetch(ORDERS_BY_ID.format(columns=columns), (ids,))


async def customers_by_id(read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """The customers with these ids, in any order."""
    return await read_model.fetch(CUSTOMERS_BY_ID, (ids,))


async def addresses_by_id(read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """The addresses with these ids, in any order."""
    return await read_model.fetch(ADDRESSES_BY_ID, (ids,))


async def addresses_by_customer(read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """All addresses of these customers, oldest first."""
    return await read_model.fetch(ADDRESSES_BY_CUSTOMER, (ids,))


async def products_by_sku(read_model: Reader, skus: Sequence[str]) -> list[Record]:
    """The products with these SKUs, in any order."""
    return await read_model.fetch(PRODUCTS_BY_SKU, (skus,))


async def categories_by_slug(read_model: Reader, slugs: Sequence[str]) -> list[Record]:
    """The categories with these slugs, in any order."""
    return await read_model.fetch(CATEGORIES_BY_SLUG, (slugs,))


async def categories_by_parent(read_model: Reader, slugs: Sequence[str]) -> list[Record]:
    """All children of these categories, by position."""
    return await read_model.fetch(CATEGORIES_BY_PARENT, (slugs,))


async def stores_by_id(read_model: Reader, ids: Sequence[str]) -> list[Record]:
    """The stores with these ids, in any order."""
    return await read_model.fetch(STORES_BY_ID, (ids,))


async def stock_by_id(read_model: Reader, ids: Sequence[str]) -> list[Record]:
    """The stock with these ids, in any order."""
    return await read_model.fetch(STOCK_BY_ID, (ids,))


async def stock_by_sku(read_model: Reader, skus: Sequence[str]) -> list[Record]:
    """The stock of these SKUs in all stores, by store."""
    return await read_model.fetch(STOCK_BY_SKU, (skus,))


async def availability_by_sku(read_model: Reader, skus: Sequence[str]) -> list[Record]:
    """The availability of each of these SKUs, with its `sku`."""
    return await read_model.fetch(AVAILABILITY_BY_SKU, (skus,))


async def sourcings_by_order(read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """The sourcings of the orders with these ids, in any order."""
    return await read_model.fetch(SOURCINGS_BY_ORDER, (ids,))


async def shipments_by_id(read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """The shipments with these ids, in any order."""
    return await read_model.fetch(SHIPMENTS_BY_ID, (ids,))


async def shipments_by_order(read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """All shipments of these orders, oldest first."""
    return await read_model.fetch(SHIPMENTS_BY_ORDER, (ids,))


async def returns_by_id(read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """The returns with these ids, in any order."""
    return await read_model.fetch(RETURNS_BY_ID, (ids,))


async def returns_by_order(read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """All returns of these orders, oldest first."""
    return await read_model.fetch(RETURNS_BY_ORDER, (ids,))


async def delivery_addresses_by_order(read_model: Reader, ids: Sequence[UUID]) -> list[Record]:
    """The delivery addresses of these orders, each with its `order_id`, in any order."""
    return await read_model.fetch(DELIVERY_ADDRESSES_BY_ORDER, (ids,))


async def check_tables(read_model: Reader) -> None:
    """Return when the read model has the tables of the schema. Raises what Postgres raises."""
    sql = "SELECT o.number, s.attempts, r.origin FROM sales_order AS o, shipment AS s, order_return AS r LIMIT 0"
    await read_model.fetch(sql, ())
