"""The statements on the read model. Rows marked as deleted are hidden by every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from chassis.databases.postgres import Database

ORDERS_BY_ID = "SELECT * FROM shown_order WHERE order_id = ANY($1::uuid[]) AND NOT deleted"

LINES_BY_ORDER = """
SELECT line.*
FROM unnest($1::uuid[], $2::bigint[]) AS asked (order_id, lines_version)
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


class LinesOf(NamedTuple):
    """The lines of an order that count, in the version of it that is shown."""

    order_id: UUID
    lines_version: int


async def orders_by_id(read_model: Database, ids: Sequence[UUID]) -> list[Record]:
    """The orders with these ids, in any order."""
    return await read_model.fetch(ORDERS_BY_ID, (ids,))


async def lines_by_order(read_model: Database, asked: Sequence[LinesOf]) -> list[Record]:
    """The lines of these orders; those of one order by their number."""
    return await read_model.fetch(
        LINES_BY_ORDER, ([each.order_id for each in asked], [each.lines_version for each in asked])
    )


async def customers_by_id(read_model: Database, ids: Sequence[UUID]) -> list[Record]:
    """The customers with these ids, in any order."""
    return await read_model.fetch(CUSTOMERS_BY_ID, (ids,))


async def addresses_by_id(read_model: Database, ids: Sequence[UUID]) -> list[Record]:
    """The addresses with these ids, in any order."""
    return await read_model.fetch(ADDRESSES_BY_ID, (ids,))


async def addresses_by_customer(read_model: Database, ids: Sequence[UUID]) -> list[Record]:
    """All addresses of these customers; those of one customer the oldest first."""
    return await read_model.fetch(ADDRESSES_BY_CUSTOMER, (ids,))


async def products_by_sku(read_model: Database, skus: Sequence[str]) -> list[Record]:
    """The products with these SKUs, in any order."""
    return await read_model.fetch(PRODUCTS_BY_SKU, (skus,))


async def check_tables(read_model: Database) -> None:
    """Return when the read model has what is shown here. Raises what Postgres raises when it has not."""
    await read_model.fetch("SELECT delivery_addresses FROM shown_order LIMIT 0", ())
