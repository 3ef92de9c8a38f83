"""All SQL of `orders` on its own tables: orders and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pymysql
from uuid_utils.compat import uuid7

from chassis.mysql import Connection, Row
from contracts.orders import OrderStatus
from orders.models import ImportedOrder
from orders.rules import Line, Placed


class ExternalIdTaken(Exception):
    """An order with this external id is here already."""


@dataclass(frozen=True)
class NewRow:
    """An order to be written, with its lines."""

    customer_id: UUID
    status: OrderStatus
    currency: str
    total: Decimal
    freight: Decimal
    placed_at: datetime
    required_at: datetime | None
    shipped_at: datetime | None
    external_id: str | None
    lines: Sequence[Line]

    @classmethod
    def placed_now(cls, customer_id: UUID, placed: Placed) -> NewRow:
        """An order that a customer places at this moment."""
        status, free = OrderStatus.PLACED, Decimal(0)
        return cls(customer_id, status, placed.currency, placed.total, free, now(), None, None, None, placed.lines)

    @classmethod
    def imported(cls, old: ImportedOrder, placed: Placed) -> NewRow:
        """An order taken over from another system."""
        return cls(
            customer_id=old.customer_id,
            status=OrderStatus.SHIPPED if old.shipped_at else OrderStatus.PLACED,
            currency=old.currency,
            total=placed.total,
            freight=old.freight,
            placed_at=old.placed_at,
            required_at=old.required_at,
            shipped_at=old.shipped_at,
            external_id=old.external_id,
            lines=placed.lines,
        )


FIRST_VERSION = 1

INSERT_ORDER = """
INSERT INTO `order` (
    order_id, external_id, customer_id, status, currency, total, freight, lines_version, line_count,
    placed_at, required_at, shipped_at, created_at, updated_at, version
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

INSERT_LINES = """
INSERT INTO order_detail (
    order_detail_id, order_id, lines_version, line_number, sku, product_name, quantity, unit_price, discount, amount,
    delivery_address_id, version
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

SELECT_ORDER = "SELECT * FROM `order` WHERE order_id = %s"

SELECT_LINES = """
SELECT * FROM order_detail WHERE order_id = %s AND lines_version = %s ORDER BY line_number
"""

CANCEL = """
UPDATE `order`
SET status = %s, cancelled_at = %s, cancellation_reason = %s, updated_at = %s, version = version + 1
WHERE order_id = %s AND version = %s
"""


def now() -> datetime:
    """The time, as finely as it is stored."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def stored(moment: datetime | None) -> datetime | None:
    """An aware time as the column holds it: in UTC, without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


async def insert_order(tx: Connection, order: NewRow) -> UUID:
    """Write an order and its lines. Raises ExternalIdTaken."""
    order_id, made_at = uuid7(), stored(now())
    try:
        await tx.execute(
            INSERT_ORDER,
            (
                str(order_id),
                order.external_id,
                str(order.customer_id),
                order.status.value,
                order.currency,
                order.total,
                order.freight,
                FIRST_VERSION,
                len(order.lines),
                stored(order.placed_at),
                stored(order.required_at),
                stored(order.shipped_at),
                made_at,
                made_at,
                FIRST_VERSION,
            ),
        )
    except pymysql.err.IntegrityError as error:
        raise ExternalIdTaken(order.external_id) from error
    await tx.execute_many(
        INSERT_LINES,
        [
            (
                str(uuid7()),
                str(order_id),
                FIRST_VERSION,
                number,
                line.sku,
                line.product_name,
                line.quantity,
                line.unit_price,
                line.discount,
                line.amount,
                str(line.delivery_address_id),
                FIRST_VERSION,
            )
            for number, line in enumerate(order.lines, 1)
        ],
    )
    return order_id


async def find_order(connection: Connection, order_id: UUID, *, lock: bool = False) -> Row | None:
    """One order's row. With `lock`, nobody else changes it until the transaction ends."""
    return await connection.fetch_one(SELECT_ORDER + (" FOR UPDATE" if lock else ""), [str(order_id)])


async def find_by_external_id(connection: Connection, external_id: str) -> Row | None:
    """The order that was imported under this id."""
    return await connection.fetch_one("SELECT * FROM `order` WHERE external_id = %s", [external_id])


async def find_lines(connection: Connection, order: Row) -> list[Row]:
    """The lines that count for this order, in their order."""
    return await connection.fetch_all(SELECT_LINES, [order["order_id"], order["lines_version"]])


async def cancel_order(tx: Connection, order: Row, reason: str | None) -> None:
    """Mark an order, locked before, as cancelled."""
    moment = stored(now())
    cancelled = OrderStatus.CANCELLED.value
    await tx.execute(CANCEL, (cancelled, moment, reason, moment, order["order_id"], order["version"]))
