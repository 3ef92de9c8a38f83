"""Builds the joined documents of complete orders from the rows of the read model.

Python joins the rows: Postgres takes four times as long to build the JSON, which Python would then have to parse.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from chassis.databases.postgres import PoolConnection
from contracts.orders import GraphAddress, GraphCustomer, GraphLine, OrderGraph, read_addresses
from orders_stream.repository import is_whole
from orders_stream.upserts import ORDERS as ORDER_ROWS

LinesOf = tuple[UUID, int]
"""An order's id and its `lines_version`."""


_AS_TEXT = ("number",)
"""Columns that are numbers in the database and texts in a document."""


def _selected(document: type[msgspec.Struct], alias: str, but: Collection[str]) -> str:
    """The fields of a document as columns. Amounts come as text: asyncpg is slow at numeric."""
    fields = [field for field in msgspec.structs.fields(document) if field.name not in but]
    return ", ".join(
        f"{alias}.{each.name}::text"
        if each.type is Decimal or (document is OrderGraph and each.name in _AS_TEXT)
        else f"{alias}.{each.name}"
        for each in fields
    )


def _amounts(document: type[msgspec.Struct], but: Collection[str] = ()) -> list[str]:
    return [field.name for field in msgspec.structs.fields(document) if field.type is Decimal and field.name not in but]


ORDERS = f"""
SELECT o.order_id AS id, {_selected(OrderGraph, "o", ("id", "total", "customer", "lines"))},
    coalesce(c.version, 0) AS customer_version,
    c.customer_id IS NOT NULL AND NOT c.deleted AND NOT o.deleted AS is_named, {_selected(GraphCustomer, "c", ("id",))},
    o.delivery_addresses::text, o.lines_version, o.is_kept, o.is_to_publish
FROM (
    SELECT {ORDER_ROWS.columns}, false AS is_kept, true AS is_to_publish
    FROM shown_order WHERE order_id = ANY($1::uuid[])
    UNION ALL
    SELECT kept.*, true, kept.version < shown.version AND {is_whole("kept")}
    FROM (SELECT {ORDER_ROWS.columns} FROM unpublished_order) AS kept
    JOIN shown_order AS shown ON shown.order_id = kept.order_id
    WHERE kept.order_id = ANY($1::uuid[]) AND kept.version <= shown.version
) AS o
LEFT JOIN customer AS c ON c.customer_id = o.customer_id
ORDER BY o.order_id, o.version
"""

# Lines never change, so they match the orders that were read before, even if another transaction has written since.
LINES = f"""
SELECT l.order_id, l.lines_version, l.order_line_id AS id, {_selected(GraphLine, "l", ("id", "delivery_address"))}
FROM unnest($1::uuid[], $2::bigint[]) AS o (order_id, lines_version)
JOIN order_line AS l USING (order_id, lines_version)
WHERE NOT l.deleted
ORDER BY l.order_id, l.line_number
"""

OUTDATED = """
SELECT o.order_id
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS published (order_id, version, customer_version)
JOIN shown_order AS o USING (order_id)
LEFT JOIN customer AS c ON c.customer_id = o.customer_id
WHERE o.version > published.version OR coalesce(c.version, 0) <> published.customer_version
"""

_AMOUNTS_OF_ORDER = _amounts(OrderGraph, but=("total",))
_AMOUNTS_OF_LINE = _amounts(GraphLine)
_NOT_PUBLISHED = ("lines_version", "is_kept", "is_to_publish")
_OF_CUSTOMER = [name for name in GraphCustomer.__struct_fields__ if name != "id"]


class JoinedOrder(NamedTuple):
    """The document of an order, with the version of the customer in it; 0 if the customer is unknown."""

    order: OrderGraph
    customer_version: int


class Publication(NamedTuple):
    """The documents to publish for some orders: each version that may be unpublished, sorted by order and version.

    The last document of each order is its shown version. Orders in `with_backlog` have rows in `unpublished_order`,
    which can be deleted once these documents are published.
    """

    documents: list[JoinedOrder]
    with_backlog: frozenset[UUID]

    @property
    def newest(self) -> list[JoinedOrder]:
        """The shown version of each order."""
        if not self.with_backlog:
            return self.documents
        return list({each.order.id: each for each in self.documents}.values())


NOTHING = Publication([], frozenset())


async def whole_orders(connection: PoolConnection, orders: Collection[UUID]) -> Publication:
    """The documents to publish for those of these orders that are shown."""
    rows = await connection.fetch(ORDERS, orders) if orders else []
    with_backlog = frozenset(row["id"] for row in rows if row["is_kept"])
    rows = [row for row in rows if row["is_to_publish"]] if with_backlog else rows
    lines_of = await _lines(connection, rows)
    return Publication([_joined(dict(row), lines_of) for row in rows], with_backlog)


async def _lines(connection: PoolConnection, orders: Sequence[asyncpg.Record]) -> dict[LinesOf, list[asyncpg.Record]]:
    keys = {(row["id"], row["lines_version"]) for row in orders if not row["deleted"]}
    lines = await connection.fetch(LINES, *map(list, zip(*keys, strict=True))) if keys else []
    lines_of: dict[LinesOf, list[asyncpg.Record]] = {}
    for line in lines:
        lines_of.setdefault((line["order_id"], line["lines_version"]), []).append(line)
    return lines_of


async def outdated(connection: PoolConnection, published: Sequence[JoinedOrder]) -> list[UUID]:
    """Those of these orders that have a newer version by now, or whose customer does."""
    columns = [(each.order.id, each.order.version, each.customer_version) for each in published]
    rows = await connection.fetch(OUTDATED, *map(list, zip(*columns, strict=True))) if published else []
    return [row["order_id"] for row in rows]


def _joined(values: dict[str, Any], lines_of: Mapping[LinesOf, Sequence[asyncpg.Record]]) -> JoinedOrder:
    lines_version, *_ = [values.pop(name) for name in _NOT_PUBLISHED]
    lines = () if values["deleted"] else lines_of.get((values["id"], lines_version), ())
    customer_version = values.pop("customer_version")
    of_customer = {name: values.pop(name) for name in _OF_CUSTOMER}
    customer = GraphCustomer(id=values["customer_id"], **of_customer) if values.pop("is_named") else None
    addresses = _addresses(values.pop("delivery_addresses"))
    for name in _AMOUNTS_OF_ORDER:
        values[name] = Decimal(values[name])
    order = OrderGraph(**values, customer=customer, lines=[_line(dict(line), addresses) for line in lines])
    return JoinedOrder(order, customer_version)


def _line(values: dict[str, Any], addresses: dict[UUID, GraphAddress]) -> GraphLine:
    del values["order_id"], values["lines_version"]
    for name in _AMOUNTS_OF_LINE:
        values[name] = Decimal(values[name])
    return GraphLine(**values, delivery_address=addresses.get(values["delivery_address_id"]))


def _addresses(json_text: str) -> dict[UUID, GraphAddress]:
    """The delivery addresses in the JSON text of an order, by their ids."""
    return {
        each.address_id: GraphAddress(**{name: getattr(each, name) for name in GraphAddress.__struct_fields__})
        for each in read_addresses(json_text)
    }
