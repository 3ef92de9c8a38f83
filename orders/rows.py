"""What a new order is written as: its row and the rows of its lines, from what was decided. Times are UTC, naive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.databases.mysql import Row
from contracts import json_text
from contracts.orders import DeliveryAddress, OrderStatus
from contracts.sizes import ADDRESSES_BYTES, MOST_BYTES_OF_A_LETTER, bytes_in_a_row
from orders import past
from orders.models import ImportedOrder
from orders.refusal import Refusal, Violation
from orders.rules import Placed

FIRST_VERSION = 1


class TooLarge(Refusal):
    """The addresses that the lines go to take more bytes than an order's row may have for them."""


ORDER_COLUMNS = (
    "order_id",
    "external_id",
    "source",
    "customer_id",
    "status",
    "currency",
    "total",
    "freight",
    "lines_version",
    "line_count",
    "placed_at",
    "required_at",
    "confirmed_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
    "cancellation_reason",
    "rejected_at",
    "rejection_reason",
    "erased_at",
    "delivery_addresses",
    "created_at",
    "updated_at",
    "version",
)

LINE_COLUMNS = (
    "order_detail_id",
    "order_id",
    "lines_version",
    "line_number",
    "sku",
    "product_name",
    "quantity",
    "unit_price",
    "discount",
    "amount",
    "delivery_address_id",
    "version",
)

_UNSET: Row = dict.fromkeys(ORDER_COLUMNS)


def now() -> datetime:
    """The time, as finely as it is stored."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=None)


def stored(moment: datetime | None) -> datetime | None:
    """An aware time as the column holds it: in UTC, without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def placed_now(customer_id: UUID, placed: Placed) -> Row:
    """The row of an order that a customer places at this moment."""
    return _new(customer_id, placed, status=OrderStatus.PLACED.value, freight=Decimal(0))


def imported(old: ImportedOrder, placed: Placed) -> Row:
    """The row of an order taken over from another system. Raises NotPossible where its times make no status."""
    said: Row = {
        "external_id": old.external_id,
        "source": source(old.source),
        "freight": old.freight,
        "placed_at": stored(old.placed_at),
        "required_at": stored(old.required_at),
        **{column: stored(getattr(old, column)) for column in past.TIMES.values()},
        **{column: getattr(old, column) for column in past.REASONS.values()},
    }
    status = old.status or past.status_of(said)
    past.check_status(status, said)
    return _new(old.customer_id, placed, status=status.value, **said)


def source(name: str | None) -> str:
    """The name of a system that orders come from, as the column holds it."""
    return name or ""


def lines_of(order_id: str, lines_version: int, placed: Placed) -> list[Row]:
    """The rows of an order's lines under a `lines_version`."""
    return [
        {
            "order_detail_id": str(uuid7()),
            "order_id": order_id,
            "lines_version": lines_version,
            "line_number": number,
            "sku": line.sku,
            "product_name": line.product_name,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "discount": line.discount,
            "amount": line.amount,
            "delivery_address_id": str(line.delivery_address_id),
            "version": FIRST_VERSION,
        }
        for number, line in enumerate(placed.lines, 1)
    ]


def as_json(addresses: Sequence[DeliveryAddress], pointer: str = "#/lines") -> str:
    """Delivery addresses as the order's row holds them. Raises TooLarge, which names `pointer`."""
    text = json_text.written(addresses)
    if len(text) * MOST_BYTES_OF_A_LETTER > ADDRESSES_BYTES and (size := bytes_in_a_row(text)) > ADDRESSES_BYTES:
        detail = f"the delivery addresses take {size:,} bytes, an order's at most {ADDRESSES_BYTES:,}"
        raise TooLarge([Violation(pointer, detail)])
    return text


def _new(customer_id: UUID, placed: Placed, **more: Any) -> Row:
    moment = now()
    return {
        **_UNSET,
        "order_id": str(uuid7()),
        "source": "",
        "customer_id": str(customer_id),
        "currency": placed.currency,
        "total": placed.total,
        "lines_version": FIRST_VERSION,
        "line_count": len(placed.lines),
        "placed_at": moment,
        "delivery_addresses": as_json(placed.delivery_addresses),
        "created_at": moment,
        "updated_at": moment,
        "version": FIRST_VERSION,
        **more,
    }
