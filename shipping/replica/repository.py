"""The SQL of the replica: orders, their sourcing, and deleted customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection
from chassis.databases.mysql_upserts import write_newer_later
from contracts.inventory.sourcing import SourcingRow
from contracts.orders import GraphLine, OrderGraph
from shipping.times import stored

ORDER_COLUMNS = (
    *("order_id", "customer_id", "status", "placed_at", "confirmed_at", "is_imported", "`lines`", "deleted", "version"),
)
SOURCING_COLUMNS = ("order_id", "placed_at", "on_request", "status", "`lines`", "deleted", "version")

IS_EMPTY = """
SELECT NOT EXISTS (SELECT 1 FROM replica_order) AND NOT EXISTS (SELECT 1 FROM replica_sourcing) AS is_empty
"""
ERASED = "INSERT INTO erased_customer VALUES (%s, %s) ON DUPLICATE KEY UPDATE erased_at = erased_customer.erased_at"


class OrderLine(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """A line of an order, with the part of its delivery address that tells nothing of a person."""

    order_line_id: UUID
    line_number: int
    sku: str
    quantity: int
    delivery_address_id: UUID
    city: str | None
    region: str | None
    country: str | None


read_order_lines = msgspec.json.Decoder(list[OrderLine]).decode
"""Decode the column `lines` of an order. Raises `msgspec.MsgspecError` if the JSON is invalid."""


async def is_empty(connection: Connection) -> bool:
    """Whether nothing has arrived: then the topics are read from the start."""
    row = await connection.fetch_one(IS_EMPTY)
    return row is None or bool(row["is_empty"])


def write_orders_later(tx: Connection, orders: Sequence[OrderGraph]) -> None:
    """Write the orders that are newer than the stored ones."""
    values = [
        (
            str(order.id),
            str(order.customer_id),
            order.status,
            stored(order.placed_at),
            stored(order.confirmed_at) if order.confirmed_at else None,
            order.external_id is not None,
            msgspec.json.encode([_line(each) for each in order.lines]).decode(),
            order.deleted,
            order.version,
        )
        for order in orders
    ]
    write_newer_later(tx, "replica_order", ORDER_COLUMNS, values)


def write_sourcings_later(tx: Connection, rows: Sequence[SourcingRow]) -> None:
    """Write the sourcings that are newer than the stored ones."""
    values = [
        (
            str(row.order_id),
            stored(row.placed_at),
            row.on_request,
            row.status,
            row.lines,
            row.is_deleted,
            row.newest_version,
        )
        for row in rows
    ]
    write_newer_later(tx, "replica_sourcing", SOURCING_COLUMNS, values)


def note_erased_later(tx: Connection, customer_ids: Sequence[UUID], moment: datetime) -> None:
    """Note that these customers were deleted."""
    for customer_id in customer_ids:
        tx.later(ERASED, [str(customer_id), stored(moment)])


def _line(line: GraphLine) -> OrderLine:
    address = line.delivery_address
    return OrderLine(
        order_line_id=line.id,
        line_number=line.line_number,
        sku=line.sku,
        quantity=line.quantity,
        delivery_address_id=line.delivery_address_id,
        city=address.city if address else None,
        region=address.region if address else None,
        country=address.country if address else None,
    )
