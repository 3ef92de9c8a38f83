"""An order and its sourcing as they arrived: what planning needs, and nothing personal. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.orders import GraphLine, OrderStatus
from shipping.shipments.decisions.grouping import Order, OrderedLine
from shipping.shipments.values import Place

_ENDED = (OrderStatus.CANCELLED.value, OrderStatus.REJECTED.value)
_LEFT = (OrderStatus.SHIPPED.value, OrderStatus.DELIVERED.value)


class OrderLine(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """A line of an order, with the part of its delivery address that tells nothing of a person.

    `amount` is what is paid for all of its units; older rows lack it.
    """

    order_line_id: UUID
    line_number: int
    sku: str
    quantity: int
    amount: Decimal | None = None
    delivery_address_id: UUID
    city: str | None
    region: str | None
    country: str | None


read_order_lines = msgspec.json.Decoder(list[OrderLine]).decode
"""Decode the column `lines` of an order. Raises `msgspec.MsgspecError` if the JSON is invalid."""


@dataclass(frozen=True)
class StoredSourcing:
    """The sourcing of an order."""

    status: str
    lines: str
    is_deleted: bool


@dataclass(frozen=True)
class StoredOrder:
    """An order. With `on_request`, somebody asked for its shipments."""

    order_id: UUID
    customer_id: UUID
    status: str
    confirmed_at: datetime | None
    placed_at: datetime
    is_imported: bool
    on_request: bool
    is_deleted: bool
    lines: Sequence[OrderLine]
    shipment_ids: Sequence[UUID]
    currency: str | None
    freight: Decimal | None
    version: int

    @property
    def is_ended(self) -> bool:
        """Whether nothing of it shall be shipped any more."""
        return self.is_deleted or self.status in _ENDED

    @property
    def has_left(self) -> bool:
        """Whether all of its units have left, with shipments or without."""
        return self.status in _LEFT

    def as_ordered(self) -> Order:
        """The order as decisions see it."""
        lines = [
            OrderedLine(each.order_line_id, each.line_number, each.sku, each.quantity, each.delivery_address_id)
            for each in self.lines
        ]
        places = {
            each.delivery_address_id: Place(city=each.city, region=each.region, country=each.country)
            for each in self.lines
        }
        return Order(self.order_id, self.customer_id, lines, places)


def line_of(line: GraphLine) -> OrderLine:
    """A line of a message of `orders-graph`."""
    address = line.delivery_address
    return OrderLine(
        order_line_id=line.id,
        line_number=line.line_number,
        sku=line.sku,
        quantity=line.quantity,
        amount=line.amount,
        delivery_address_id=line.delivery_address_id,
        city=address.city if address else None,
        region=address.region if address else None,
        country=address.country if address else None,
    )
