"""The statements on the read model. All of them exclude deleted rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from chassis.databases.postgres import Database

ORDERS_BY_ID = "SELECT * FROM shown_order WHERE order_id = ANY($1::uuid[]) AND NOT deleted"

LINES_BY_ORDER = """
SELECT line.*
FROM unnest($1::uuid[], $2::bigint[]) AS requested (order_id, lines_version)
JOIN order_line AS line USING (order_id, lines_version)
WHERE NOT line.deleted
ORDER BY line.order_id, line.line_number
"""

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


class LinesKey(NamedTuple):
    """The lines in the current version of an order."""

    order_id: UUID
    lines_version: int


async def orders_by_id(read_model: Database, ids: Sequence[UUID]) -> list[Record]:
    """The orders with these ids, in any order."""
    return await read_model.fetch(ORDERS_BY_ID, (ids,))


async def lines_by_order(read_model: Database, request: Sequence[LinesKey]) -> list[Record]:
    """The lines of these orders, by order and number."""
    return await read_model.fetch(
        LINES_BY_ORDER, ([each.order_id for each in request], [each.lines_version for each in request])
    )


async def customers_by_id(read_model: Database, ids: Sequence[UUID]) -> list[Record]:
    """The customers with these ids, in any order."""
    return await read_model.fetch(CUSTOMERS_BY_ID, (ids,))


async def addresses_by_id(read_model: Database, ids: Sequence[UUID]) -> list[Record]:
    """The addresses with these ids, in any order."""
    return await read_model.fetch(ADDRESSES_BY_ID, (ids,))


async def addresses_by_customer(read_model: Database, ids: Sequence[UUID]) -> list[Record]:
    """All addresses of these customers, oldest first."""
    return await read_model.fetch(ADDRESSES_BY_CUSTOMER, (ids,))


async def products_by_sku(read_model: Database, skus: Sequence[str]) -> list[Record]:
    """The products with these SKUs, in any order."""
    return await read_model.fetch(PRODUCTS_BY_SKU, (skus,))


async def categories_by_slug(read_model: Database, slugs: Sequence[str]) -> list[Record]:
    """The categories with these slugs, in any order."""
    return await read_model.fetch(CATEGORIES_BY_SLUG, (slugs,))


async def categories_by_parent(read_model: Database, slugs: Sequence[str]) -> list[Record]:
    """All children of these categories, by position."""
    return await read_model.fetch(CATEGORIES_BY_PARENT, (slugs,))


async def check_tables(read_model: Database) -> None:
    """Return when the read model has the tables of the schema. Raises what Postgres raises."""
    await read_model.fetch("SELECT shown_order.number, category.slug FROM shown_order, category LIMIT 0", ())
