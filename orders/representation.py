"""An order as its client sees it, from its rows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, WithJsonSchema
from pydantic.alias_generators import to_camel

from chassis.databases.mysql import Connection, Row
from chassis.types.schemas import component, example
from chassis.types.times import StoredTime
from contracts.money import plain, shown, shown_price
from contracts.orders import DeliveryAddress, OrderStatus, read_addresses
from orders import repository
from orders.examples import ORDER, SUMMARY
from orders.life_cycle import allowed_transitions
from orders.problems import no_such_order

Written = Callable[[Decimal, str], str]
"""How an amount of a currency is written."""


class _Answered(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


Status = Annotated[
    str,
    WithJsonSchema(
        component(
            "Status",
            type="string",
            examples=list(OrderStatus),
            description=f"Where the order is in its life: {', '.join(OrderStatus)}; one day maybe others.",
        )
    ),
]
"""A status as it is stored: what is read is not checked against the list of today."""


class OrderLine(_Answered):
    """One line of an order, as it was placed."""

    id: UUID
    line_number: int
    sku: str
    product_name: str
    quantity: int
    unit_price: str
    discount: str
    amount: str
    delivery_address_id: UUID


class ShownAddress(_Answered):
    """Where lines go, as it was when the order was placed. Of an erased person, only city, region and country stay."""

    id: UUID
    street_type: str | None
    street: str | None
    number: str | None
    building: str | None
    department: str | None
    reference: str | None
    city: str
    region: str | None
    postal_code: str | None
    country: str
    latitude: float | None
    longitude: float | None


class OrderSummary(_Answered):
    """An order without its lines. Amounts are strings with the currency's decimals, prices have more where they need.

    `total` is the sum of the lines, without freight. `allowedTransitions` are the statuses it can have next.
    """

    model_config = example(SUMMARY)

    id: UUID
    external_id: str | None
    source: str | None
    customer_id: UUID
    status: Status
    allowed_transitions: list[OrderStatus]
    currency: str
    total: str
    freight: str
    placed_at: StoredTime
    required_at: StoredTime | None
    confirmed_at: StoredTime | None
    shipped_at: StoredTime | None
    delivered_at: StoredTime | None
    cancelled_at: StoredTime | None
    cancellation_reason: str | None
    rejected_at: StoredTime | None
    rejection_reason: str | None
    created_at: StoredTime
    updated_at: StoredTime
    version: int


class Order(OrderSummary):
    """One order, with its lines and the addresses that they go to."""

    model_config = example(ORDER)

    lines: list[OrderLine]
    delivery_addresses: list[ShownAddress]


async def answered(connection: Connection, order_id: UUID) -> Order:
    """The whole order. Raises the 404 problem."""
    row = await repository.find_order(connection, order_id)
    if row is None:
        raise no_such_order(order_id)
    return whole(row, await repository.find_lines(connection, row))


def whole(row: Row, lines: list[Row]) -> Order:
    """The order that these rows are."""
    return Order(
        **_summary(row),
        lines=[line_shown(line, row["currency"]) for line in lines],
        delivery_addresses=[_address(each) for each in read_addresses(row["delivery_addresses"])],
    )


def summary(row: Row) -> OrderSummary:
    """The order that this row is, without its lines."""
    return OrderSummary(**_summary(row))


_AS_STORED = [
    name
    for name in OrderSummary.model_fields
    if name not in ("id", "source", "status", "allowed_transitions", "total", "freight")
]


def _summary(row: Row) -> dict[str, Any]:
    status, currency = row["status"], row["currency"]
    return {
        **{name: row[name] for name in _AS_STORED},
        "id": row["order_id"],
        "source": row["source"] or None,
        "status": status,
        "allowed_transitions": allowed_transitions(status),
        "total": shown(row["total"], currency),
        "freight": shown(row["freight"], currency),
    }


def line_shown(row: Row, currency: str, amount: Written = shown, price: Written = shown_price) -> OrderLine:
    """The line that this row is, its amounts as `amount` writes them and its price as `price` does."""
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


def _address(address: DeliveryAddress) -> ShownAddress:
    said = {name: getattr(address, name) for name in address.__struct_fields__}
    return ShownAddress(id=said.pop("address_id"), **said)
