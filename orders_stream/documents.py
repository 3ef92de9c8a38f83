"""Builds the joined documents of whole orders: of the rows at hand, or of those in the read model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.databases.postgres import PoolConnection
from contracts.orders import DeliveryAddress, GraphAddress, GraphCustomer, GraphLine, OrderDetailRow, OrderGraph
from orders_stream import incomplete, sales_orders
from orders_stream.incomplete import Key
from orders_stream.merging import Merged, Order, Rows, merge

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
    addresses = {each.address_id.int: _address(each) for each in row.addresses()} if order.lines else {}
    return OrderGraph(
        id=row.order_id,
        version=row.newest_version,
        deleted=row.is_deleted,
        status=row.status,
        currency=row.currency,
        subtotal=row.subtotal,
        freight=row.freight,
        placed_at=row.placed_at,
        number=None if row.number is None else str(row.number),
        external_id=row.external_id,
        source=row.source,
        required_at=row.required_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        confirmed_at=row.confirmed_at,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        cancelled_at=row.cancelled_at,
        cancellation_reason=row.cancellation_reason,
        rejected_at=row.rejected_at,
        rejection_reason=row.rejection_reason,
        customer_id=row.customer_id,
        customer=None if row.is_deleted else customer,
        lines=[_line(line, addresses.get(line.delivery_address_id.int)) for line in order.lines if not line.is_deleted],
    )


# Fields one by one: by names from a list, they would take eight times as long.
def _line(line: OrderDetailRow, address: GraphAddress | None) -> GraphLine:
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
        delivery_address=address,
    )


def _address(address: DeliveryAddress) -> GraphAddress:
    return GraphAddress(
        recipient=address.recipient,
        company=address.company,
        phone=address.phone,
        street_type=address.street_type,
        street=address.street,
        number=address.number,
        building=address.building,
        department=address.department,
        reference=address.reference,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        latitude=address.latitude,
        longitude=address.longitude,
    )
