"""Builds the rows of a new order and its lines. Times are in UTC, without a zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from uuid_utils.compat import uuid7

from chassis.databases.mysql import Row
from chassis.databases.mysql_times import stored
from contracts import json_text
from contracts.orders import DeliveryAddress, OrderDetailRow, OrderRow, OrderStatus
from contracts.rows import columns
from contracts.sizes import ADDRESSES_BYTES, MAX_BYTES_PER_CHARACTER, bytes_in_a_row
from orders.models import ImportedOrder, NewOrder
from orders.placement.rules import OrderTerms
from orders.refusal import Refusal, Violation
from orders.statuses import past

FIRST_VERSION = 1


class TooLarge(Refusal):
    """The delivery addresses are larger than the limit of an order's row."""


ORDER_COLUMNS = tuple(columns(OrderRow))
LINE_COLUMNS = tuple(columns(OrderDetailRow))

_UNSET: Row = dict.fromkeys(ORDER_COLUMNS)


def now() -> datetime:
    """The current time, in milliseconds, as it is stored."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=None)


def placed_now(new: NewOrder, placed: OrderTerms) -> Row:
    """The row of an order that is placed now."""
    return _new(new, placed, status=OrderStatus.PLACED.value, freight=Decimal(0))


def imported(old: ImportedOrder, placed: OrderTerms) -> Row:
    """The row of an imported order. Raises NotPossible if its status and times contradict each other."""
    values = columns_of(old, ORDER_COLUMNS)
    status = old.status or past.status_of(values)
    past.check_status(status, values)
    return _new(old, placed, status=status.value, source=source(old.source))


def columns_of(model: BaseModel, columns: Iterable[str]) -> Row:
    """The columns that `model` has a member for, by the same name, with their values as the database holds them."""
    return {name: _value(getattr(model, name)) for name in columns if name in type(model).model_fields}


def _value(value: Any) -> Any:
    match value:
        case datetime():
            return stored(value)
        case UUID():
            return str(value)
        case StrEnum():
            return value.value
    return value


def source(name: str | None) -> str:
    """The name of the source system, as the column holds it."""
    return name or ""


def lines_of(order_id: str, lines_version: int, placed: OrderTerms) -> list[Row]:
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
    text = json_text.to_json_text(addresses)
    if len(text) * MAX_BYTES_PER_CHARACTER > ADDRESSES_BYTES and (size := bytes_in_a_row(text)) > ADDRESSES_BYTES:
        detail = f"the delivery addresses take {size:,} bytes, the limit is {ADDRESSES_BYTES:,}"
        raise TooLarge([Violation(pointer, detail)])
    return text


def _new(request: NewOrder | ImportedOrder, placed: OrderTerms, **more: Any) -> Row:
    moment = now()
    return {
        **_UNSET,
        "order_id": str(uuid7()),
        "source": "",
        "currency": placed.currency,
        "subtotal": placed.subtotal,
        "lines_version": FIRST_VERSION,
        "line_count": len(placed.lines),
        "placed_at": moment,
        "delivery_addresses": as_json(placed.delivery_addresses),
        "created_at": moment,
        "updated_at": moment,
        "version": FIRST_VERSION,
        **columns_of(request, ORDER_COLUMNS),
        **more,
    }
