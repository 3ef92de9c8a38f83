"""The status of an order, and the filters and sort orders that lists of orders and customers take."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from uuid import UUID

import strawberry

from contracts import orders
from gateway.fields.keysets import Keyset


@strawberry.enum(
    description="Where an order is in its life. UNKNOWN is a status that this schema has no name for: it is only "
    "shown, and nobody can filter by it."
)
class OrderStatus(StrEnum):
    """Where an order is in its life. What is read is never refused: a status of tomorrow is UNKNOWN today."""

    PLACED = orders.OrderStatus.PLACED.value
    CONFIRMED = orders.OrderStatus.CONFIRMED.value
    SHIPPED = orders.OrderStatus.SHIPPED.value
    DELIVERED = orders.OrderStatus.DELIVERED.value
    CANCELLED = orders.OrderStatus.CANCELLED.value
    REJECTED = orders.OrderStatus.REJECTED.value
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, _: object) -> OrderStatus:
        return cls.UNKNOWN


class _Filter:
    """What is given is told by value, so that equal questions of one request are asked once."""

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))


@strawberry.input(description="Customers who fit all that is given; null is like not given.")
class CustomerFilter(_Filter):
    """Customers who fit all that is given."""

    name: str | None = strawberry.field(
        default=None,
        description="Each word begins a word of the name or last name, whatever the case and accents: `ana tru` finds "
        "Ana Trujillo.",
    )
    email: str | None = strawberry.field(default=None, description="The whole address, in any case.")
    __hash__ = _Filter.__hash__


@strawberry.input(description="Orders that fit all that is given; null is like not given.")
class OrderFilter(_Filter):
    """Orders that fit all that is given."""

    order_id: UUID | None = strawberry.field(default=None, description="This order only.")
    customer_id: UUID | None = strawberry.field(default=None, description="Of this customer.")
    customer: CustomerFilter | None = strawberry.field(default=None, description="Of customers who fit.")
    status: OrderStatus | None = strawberry.field(default=None, description="In this state.")
    placed_from: datetime | None = strawberry.field(default=None, description="Placed then or later.")
    placed_to: datetime | None = strawberry.field(default=None, description="Placed before then.")
    total_from: Decimal | None = strawberry.field(default=None, description="With this total or a higher one.")
    total_to: Decimal | None = strawberry.field(default=None, description="With this total or a lower one.")
    currency: str | None = strawberry.field(default=None, description="In this currency: ISO 4217, such as USD.")
    sku: str | None = strawberry.field(default=None, description="With a line of exactly this SKU.")
    country: str | None = strawberry.field(
        default=None,
        description="With a line that goes to this country: ISO 3166-1 alpha-2, such as PE. "
        "Not known of orders from before delivery addresses were kept.",
    )
    __hash__ = _Filter.__hash__


@strawberry.enum(description="How a list of orders is sorted; equal ones by their ids.")
class OrderSort(Enum):
    """How a list of orders is sorted."""

    PLACED_AT_DESC = strawberry.enum_value("PLACED_AT_DESC", description="The newest first.")
    PLACED_AT_ASC = strawberry.enum_value("PLACED_AT_ASC", description="The oldest first.")
    TOTAL_DESC = strawberry.enum_value(
        "TOTAL_DESC", description="The highest total first, as a number: filter by `currency` where there are several."
    )
    TOTAL_ASC = strawberry.enum_value("TOTAL_ASC", description="The lowest total first.")


KEYSETS = {
    OrderSort.PLACED_AT_DESC: Keyset("placed", "placed_at", "order_id"),
    OrderSort.PLACED_AT_ASC: Keyset("placed", "placed_at", "order_id", is_descending=False),
    OrderSort.TOTAL_DESC: Keyset("total", "total", "order_id", is_time=False),
    OrderSort.TOTAL_ASC: Keyset("total", "total", "order_id", is_time=False, is_descending=False),
}
