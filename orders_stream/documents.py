"""Builds the joined documents of whole orders: of the rows at hand, or of those in the read model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from chassis.databases.postgres import PoolConnection
from contracts.orders import Document, GraphAddress, GraphCustomer, GraphLine, OrderGraph
from orders_stream import incomplete, sales_orders
from orders_stream.incomplete import Key
from orders_stream.merging import Merged, Order, Rows, merge


class _Fields:
    """The fields of a document that are columns of a row with the same names."""

    def __init__(self, document: type[Document], *others: str) -> None:
        self._names = [name for name in document.__struct_fields__ if name not in others]
        self._get = attrgetter(*self._names)

    def of(self, row: msgspec.Struct) -> dict[str, Any]:
        return dict(zip(self._names, self._get(row), strict=True))


_OF_ORDER = _Fields(OrderGraph, "id", "version", "deleted", "number", "total", "customer", "lines")
_OF_LINE = _Fields(GraphLine, "id", "delivery_address")
_OF_ADDRESS = _Fields(GraphAddress)

_NAMES = [name for name in GraphCustomer.__struct_fields__ if name != "id"]

CUSTOMERS = f"""
SELECT customer_id, version, deleted, {", ".join(_NAMES)}
FROM customer WHERE customer_id = ANY($1::uuid[])
"""

OUTDATED = """
SELECT order_id FROM unnest($1::uuid[], $2::bigint[]) AS published (order_id, version)
JOIN sales_order AS o USING (order_id) WHERE o.version > published.version
UNION ALL
SELECT customer_id FROM unnest($3::uuid[], $4::bigint[]) AS published (customer_id, version)
LEFT JOIN customer AS c USING (customer_id) WHERE coalesce(c.version, 0) <> published.version
"""


Customer = tuple[int, GraphCustomer | None]
"""The version of a customer, and what documents have of it."""

_UNKNOWN: Customer = 0, None


class Publication(NamedTuple):
    """The documents to publish for some orders: each version that may be unpublished, sorted by order and version.

    The last document of each order is its shown version. `customers` are the versions of the customers in them, 0 if
    one is unknown. `backlog` are the rows of superseded versions in `incomplete_order`, to be deleted once the
    documents are published.
    """

    documents: list[OrderGraph]
    customers: Mapping[UUID, int]
    backlog: Sequence[Key] = ()

    @property
    def newest(self) -> list[OrderGraph]:
        """The shown version of each order."""
        return list({order.id: order for order in self.documents}.values()) if self.backlog else self.documents


NOTHING = Publication([], {})


async def publication_of(connection: PoolConnection, orders: Sequence[Merged]) -> Publication:
    """The documents of these orders, with the customers as they are now."""
    versions = [order for each in orders if each.shown for order in (*each.superseded, each.shown)]
    ids = {order.row.customer_id for order in versions}
    customers = await _customers(connection, ids)
    backlog = [key for each in orders if each.superseded for key in _keys_of_superseded(each)]
    known = {customer_id: customers.get(customer_id, _UNKNOWN)[0] for customer_id in ids}
    return Publication([_joined(order, customers) for order in versions], known, backlog)


async def read(connection: PoolConnection, orders: Collection[UUID]) -> Publication:
    """The documents to publish for those of these orders that are shown."""
    shown = await sales_orders.read(connection, orders)
    kept = await incomplete.read(connection, shown.keys())
    merged = [merge(order, kept.get(key) or Rows(key), Rows(key)) for key, order in shown.items()]
    return await publication_of(connection, merged)


async def outdated(connection: PoolConnection, published: Publication) -> list[UUID]:
    """Those of these orders that have a newer version by now, or whose customer does."""
    orders, customers = published.newest, published.customers
    columns = [order.id for order in orders], [order.version for order in orders], list(customers), customers.values()
    found = {row[0] for row in await connection.fetch(OUTDATED, *columns)} if orders else set()
    return [order.id for order in orders if order.id in found or order.customer_id in found] if found else []


def _keys_of_superseded(merged: Merged) -> Iterable[Key]:
    """The keys of superseded versions in `incomplete_order`, with those of lines that no other version has."""
    versions = {each.row.lines_version for each in merged.superseded}
    lines = [line for line in merged.waiting.lines if line.lines_version in versions]
    return incomplete.keys_of(Rows(merged.waiting.order_id, [each.row for each in merged.superseded], lines))


async def _customers(connection: PoolConnection, customers: Collection[UUID]) -> Mapping[UUID, Customer]:
    rows = await connection.fetch(CUSTOMERS, customers) if customers else []
    return {
        row["customer_id"]: (
            row["version"],
            None if row["deleted"] else GraphCustomer(id=row["customer_id"], **{name: row[name] for name in _NAMES}),
        )
        for row in rows
    }


def _joined(order: Order, customers: Mapping[UUID, Customer]) -> OrderGraph:
    row = order.row
    _, customer = customers.get(row.customer_id, _UNKNOWN)
    addresses = {each.address_id.int: GraphAddress(**_OF_ADDRESS.of(each)) for each in row.addresses()}
    return OrderGraph(
        id=row.order_id,
        version=row.newest_version,
        deleted=row.is_deleted,
        number=None if row.number is None else str(row.number),
        **_OF_ORDER.of(row),
        customer=None if row.is_deleted else customer,
        lines=[
            GraphLine(
                id=line.order_detail_id,
                delivery_address=addresses.get(line.delivery_address_id.int),
                **_OF_LINE.of(line),
            )
            for line in order.lines
            if not line.is_deleted
        ],
    )
