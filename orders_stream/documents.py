"""Builds the joined documents of whole orders: of the rows at hand, or of those in the read model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.databases.postgres import PoolConnection
from contracts.orders import GraphAddress, GraphCustomer, GraphLine, OrderDetailRow, OrderGraph
from orders_stream import incomplete, sales_orders
from orders_stream.incomplete import Key
from orders_stream.merging import Merged, Order, Rows, merge

_OF_ORDER = [
    name
    for name in OrderGraph.__struct_fields__
    if name not in ("id", "deleted", "version", "total", "number", "customer", "lines")
]
_OF_ADDRESS = GraphAddress.__struct_fields__

_NAMES = [name for name in GraphCustomer.__struct_fields__ if name != "id"]

CUSTOMERS = f"""
SELECT customer_id, version, deleted, {", ".join(_NAMES)}
FROM customer WHERE customer_id = ANY($1::uuid[])
"""

OUTDATED = """
SELECT o.order_id
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS published (order_id, version, customer_version)
JOIN sales_order AS o USING (order_id)
LEFT JOIN customer AS c ON c.customer_id = o.customer_id
WHERE o.version > published.version OR coalesce(c.version, 0) <> published.customer_version
"""


class _Customer(NamedTuple):
    version: int
    document: GraphCustomer | None


_UNKNOWN = _Customer(0, None)


class JoinedOrder(NamedTuple):
    """The document of an order, with the version of the customer in it; 0 if the customer is unknown."""

    order: OrderGraph
    customer_version: int


class Publication(NamedTuple):
    """The documents to publish for some orders: each version that may be unpublished, sorted by order and version.

    The last document of each order is its shown version. `backlog` are the rows of superseded versions in
    `incomplete_order`, to be deleted once the documents are published.
    """

    documents: list[JoinedOrder]
    backlog: Sequence[Key] = ()

    @property
    def newest(self) -> list[JoinedOrder]:
        """The shown version of each order."""
        if not self.backlog:
            return self.documents
        return list({each.order.id: each for each in self.documents}.values())


NOTHING = Publication([])


async def publication_of(connection: PoolConnection, orders: Sequence[Merged]) -> Publication:
    """The documents of these orders, with the customers as they are now."""
    versions = [order for each in orders if each.shown for order in (*each.superseded, each.shown)]
    customers = await _customers(connection, {order.row.customer_id for order in versions})
    backlog = [key for each in orders if each.superseded for key in _keys_of_superseded(each)]
    return Publication([_joined(order, customers) for order in versions], backlog)


async def read(connection: PoolConnection, orders: Collection[UUID]) -> Publication:
    """The documents to publish for those of these orders that are shown."""
    shown = await sales_orders.read(connection, orders)
    kept = await incomplete.read(connection, shown.keys())
    none = {order_id: Rows(order_id) for order_id in shown}
    merged = [merge(order, kept.get(order_id, none[order_id]), none[order_id]) for order_id, order in shown.items()]
    return await publication_of(connection, merged)


async def outdated(connection: PoolConnection, published: Sequence[JoinedOrder]) -> list[UUID]:
    """Those of these orders that have a newer version by now, or whose customer does."""
    columns = [(each.order.id, each.order.version, each.customer_version) for each in published]
    rows = await connection.fetch(OUTDATED, *map(list, zip(*columns, strict=True))) if published else []
    return [row["order_id"] for row in rows]


def _keys_of_superseded(merged: Merged) -> Iterable[Key]:
    """The keys of superseded versions in `incomplete_order`, with those of lines that no other version has."""
    assert merged.shown
    rows = Rows(merged.waiting.order_id)
    versions = {each.row.lines_version for each in merged.superseded}
    rows.orders = [each.row for each in merged.superseded]
    rows.lines = [line for line in merged.waiting.lines if line.lines_version in versions]
    return incomplete.keys_of(rows)


async def _customers(connection: PoolConnection, customers: Collection[UUID]) -> Mapping[UUID, _Customer]:
    rows = await connection.fetch(CUSTOMERS, customers) if customers else []
    return {
        row["customer_id"]: _Customer(
            row["version"],
            None if row["deleted"] else GraphCustomer(id=row["customer_id"], **{name: row[name] for name in _NAMES}),
        )
        for row in rows
    }


def _joined(order: Order, customers: Mapping[UUID, _Customer]) -> JoinedOrder:
    row = order.row
    customer = customers.get(row.customer_id, _UNKNOWN)
    addresses = {
        each.address_id: GraphAddress(**{name: getattr(each, name) for name in _OF_ADDRESS}) for each in row.addresses()
    }
    document = OrderGraph(
        id=row.order_id,
        version=row.newest_version,
        deleted=row.is_deleted,
        number=None if row.number is None else str(row.number),
        **{name: getattr(row, name) for name in _OF_ORDER},
        customer=None if row.is_deleted else customer.document,
        lines=[_line(line, addresses) for line in order.lines if not line.is_deleted],
    )
    return JoinedOrder(document, customer.version)


def _line(line: OrderDetailRow, addresses: Mapping[UUID, GraphAddress]) -> GraphLine:
    return GraphLine(
        id=line.order_detail_id,
        line_number=line.line_number,
        sku=line.sku,
        product_name=line.product_name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount=line.discount,
        amount=line.amount,
        delivery_address_id=line.delivery_address_id,
        delivery_address=addresses.get(line.delivery_address_id),
    )
