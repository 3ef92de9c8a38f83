"""The SQL of the replica: orders, their sourcing, deleted customers, and the moment from which orders are shipped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection, Row, placeholders
from chassis.databases.mysql_times import aware, stored
from chassis.databases.mysql_upserts import write_newer_later
from contracts.inventory.sourcing import SourcingRow
from contracts.orders import OrderGraph
from shipping.replica.orders import OrderLine, StoredOrder, StoredSourcing, line_of, read_order_lines

ORDER_COLUMNS = (
    *("order_id", "customer_id", "status", "placed_at", "confirmed_at", "is_imported", "currency", "freight"),
    *("`lines`", "deleted", "version"),
)
SOURCING_COLUMNS = ("order_id", "placed_at", "on_request", "status", "`lines`", "deleted", "version")

_IS_EMPTY = """
SELECT NOT EXISTS (SELECT 1 FROM replica_order) AND NOT EXISTS (SELECT 1 FROM replica_sourcing) AS is_empty
"""
_ERASED = "INSERT INTO erased_customer VALUES (%s, %s) ON DUPLICATE KEY UPDATE erased_at = erased_customer.erased_at"
_START = (
    "INSERT INTO shipping_start VALUES (1, %s) ON DUPLICATE KEY UPDATE shipping_since = shipping_start.shipping_since"
)
_STUB = """
INSERT INTO replica_order (order_id, version) VALUES {} ON DUPLICATE KEY UPDATE version = replica_order.version
"""
_LOCK = "SELECT * FROM replica_order WHERE order_id IN ({}) ORDER BY order_id FOR UPDATE"
_SOURCINGS = "SELECT order_id, status, `lines`, deleted FROM replica_sourcing WHERE order_id IN ({})"
_FIRST_SOURCED = """
SELECT min(placed_at) AS placed_at FROM replica_sourcing WHERE deleted = FALSE AND on_request = FALSE
"""
_SINCE = "SELECT shipping_since FROM shipping_start"
_ARE_ERASED = "SELECT customer_id FROM erased_customer WHERE customer_id IN ({})"
_SHIPMENTS = "UPDATE replica_order SET shipment_ids = %s WHERE order_id = %s"
_REQUEST = "UPDATE replica_order SET on_request = TRUE WHERE order_id = %s"


async def is_empty(connection: Connection) -> bool:
    """Whether nothing has arrived: then the topics are read from the start."""
    row = await connection.fetch_one(_IS_EMPTY)
    return row is None or bool(row["is_empty"])


async def begin_shipping(connection: Connection, moment: datetime) -> None:
    """Note the moment of the first start: orders that were confirmed before it get no shipments by themselves."""
    await connection.execute(_START, [stored(moment)])


def write_orders_later(tx: Connection, orders: Sequence[OrderGraph]) -> None:
    """Write the orders that are newer than the stored ones."""
    values = [
        (
            str(order.id),
            str(order.customer_id),
            order.status,
            stored(order.placed_at),
            stored(order.confirmed_at),
            order.external_id is not None,
            order.currency,
            order.freight,
            msgspec.json.encode([line_of(each) for each in order.lines]).decode(),
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
        tx.later(_ERASED, [str(customer_id), stored(moment)])


async def lock_orders(tx: Connection, order_ids: Collection[UUID], *, makes: bool = False) -> dict[UUID, StoredOrder]:
    """The orders, locked until the transaction ends. With `makes`, one that has not arrived is locked as well.

    So an order and its sourcing, which come on two topics, find each other, whichever is first.
    """
    if not order_ids:
        return {}
    ids = [str(each) for each in sorted(order_ids)]
    if makes:
        tx.later(_STUB.format(", ".join(["(%s, 0)"] * len(ids))), ids)
    rows = await tx.fetch_all(_LOCK.format(placeholders(ids)), ids)
    return {UUID(row["order_id"]): _order(row) for row in rows if row["version"] > 0}


async def read_sourcings(connection: Connection, order_ids: Collection[UUID]) -> dict[UUID, StoredSourcing]:
    """The sourcings of these orders, as far as they have arrived."""
    if not order_ids:
        return {}
    rows = await connection.fetch_all(_SOURCINGS.format(placeholders(order_ids)), [str(each) for each in order_ids])
    return {UUID(row["order_id"]): StoredSourcing(row["status"], row["lines"], bool(row["deleted"])) for row in rows}


async def read_first_sourced(connection: Connection) -> datetime | None:
    """When the first order was placed that inventory sourced by itself: it sources all orders from then on."""
    row = await connection.fetch_one(_FIRST_SOURCED)
    return aware(row["placed_at"]) if row and row["placed_at"] else None


async def read_since(connection: Connection) -> datetime | None:
    """The moment of the first start."""
    row = await connection.fetch_one(_SINCE)
    return aware(row["shipping_since"]) if row else None


async def read_erased(connection: Connection, customer_ids: Collection[UUID]) -> set[UUID]:
    """Those of these customers that were deleted."""
    if not customer_ids:
        return set()
    ids = [str(each) for each in customer_ids]
    return {UUID(row["customer_id"]) for row in await connection.fetch_all(_ARE_ERASED.format(placeholders(ids)), ids)}


def write_shipments_later(tx: Connection, order_id: UUID, shipment_ids: Collection[UUID]) -> None:
    """Note the shipments of a locked order."""
    tx.later(_SHIPMENTS, [msgspec.json.encode(sorted(shipment_ids)).decode(), str(order_id)])


def note_request_later(tx: Connection, order_id: UUID) -> None:
    """Note that somebody asked for the shipments of a locked order."""
    tx.later(_REQUEST, [str(order_id)])


_read_ids = msgspec.json.Decoder(list[UUID]).decode


def _order(row: Row) -> StoredOrder:
    lines: list[OrderLine] = read_order_lines(row["lines"])
    return StoredOrder(
        order_id=UUID(row["order_id"]),
        customer_id=UUID(row["customer_id"]),
        status=row["status"],
        confirmed_at=aware(row["confirmed_at"]) if row["confirmed_at"] else None,
        placed_at=aware(row["placed_at"]),
        is_imported=bool(row["is_imported"]),
        on_request=bool(row["on_request"]),
        is_deleted=bool(row["deleted"]),
        lines=lines,
        shipment_ids=_read_ids(row["shipment_ids"]) if row["shipment_ids"] else [],
        currency=row["currency"],
        freight=row["freight"],
        version=row["version"],
    )
