"""Converts the rows of an order to its REST representation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from chassis.databases.mysql import Connection, Row
from contracts.money import format_amount, format_price, plain
from contracts.orders import DeliveryAddress, OrderStatus, read_addresses
from orders import repository
from orders.line_models import OrderLine
from orders.models import Order, OrderAddress, OrderSummary
from orders.problems import no_such_order
from orders.statuses.by_hand import allowed_of, read_allowed

AmountFormat = Callable[[Decimal, str], str]
"""Formats an amount of a currency."""


async def read_order(connection: Connection, order_id: UUID) -> Order:
    """Read one order with its lines. Raises the 404 problem."""
    row = await repository.find_order(connection, order_id)
    if row is None:
        raise no_such_order(order_id)
    return await shown_order(connection, row, await repository.find_lines(connection, row))


async def shown_order(connection: Connection, row: Row, lines: list[Row]) -> Order:
    """The order of these rows, with the statuses that can follow now."""
    return order_of(row, lines, (await read_allowed(connection, [row]))[row["order_id"]])


def order_of(row: Row, lines: list[Row], allowed: Sequence[OrderStatus] | None = None) -> Order:
    """The order of these rows; `allowed` are the statuses that can follow, by default as if it had no shipments."""
    return Order(
        **_summary(row, allowed),
        lines=[line_of(line, row["currency"]) for line in lines],
        delivery_addresses=[_address(each) for each in read_addresses(row["delivery_addresses"])],
    )


def summary_of(row: Row, allowed: Sequence[OrderStatus]) -> OrderSummary:
    """The order of this row, without its lines."""
    return OrderSummary(**_summary(row, allowed))


_AS_STORED = [
    name
    for name in OrderSummary.model_fields
    if name not in ("id", "number", "source", "status", "allowed_transitions", "subtotal", "freight", "total")
]


def _summary(row: Row, allowed: Sequence[OrderStatus] | None) -> dict[str, Any]:
    status, currency = row["status"], row["currency"]
    return {
        **{name: row[name] for name in _AS_STORED},
        "id": row["order_id"],
        "number": str(row["number"]),
        "source": row["source"] or None,
        "status": status,
        "allowed_transitions": allowed_of(row) if allowed is None else allowed,
        "subtotal": format_amount(row["subtotal"], currency),
        "freight": format_amount(row["freight"], currency),
        "total": format_amount(total_of(row), currency),
    }


def total_of(row: Row) -> Decimal:
    """What is to be paid for the order of this row: goods and freight."""
    return cast(Decimal, row["subtotal"] + row["freight"])


def line_of(
    row: Row, currency: str, amount: AmountFormat = format_amount, price: AmountFormat = format_price
) -> OrderLine:
    """The line of this row, with `amount` and `price` as the formats of its money."""
    return OrderLine(
        id=row["order_detail_id"],
        line_number=row["line_number"],
        sku=row["sku"],
        product_name=row["product_name"],
        quantity=row["quantity"],
        unit_price=price(row["unit_price"], currency),
        discount=f"{plain(row['discount']):f}",
        amount=amount(row["amount"], currency),
        delivery_address_id=row["delivery_address_id"],
    )


def _address(address: DeliveryAddress) -> OrderAddress:
    details = {name: getattr(address, name) for name in address.__struct_fields__}
    return OrderAddress(id=details.pop("address_id"), **details)
