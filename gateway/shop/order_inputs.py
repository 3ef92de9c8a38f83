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
    description="The status of an order. UNKNOWN stands for a status that this schema has no name for: it can be read, "
    "but not used in filters."
)
class OrderStatus(StrEnum):
    """The status of an order. Unknown values are read as UNKNOWN, never refused."""

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
    """Hashed by value, so that equal filters are loaded once."""

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))


@strawberry.input(description="Customers that match all given conditions; null conditions are ignored.")
class CustomerFilter(_Filter):
    """Customers that match all given conditions."""

    name: str | None = strawberry.field(
        default=None,
        description="Each word must begin a word of the name, last name or company, ignoring case and accents: "
        "`ana tru` finds Ana Trujillo.",
    )
    email: str | None = strawberry.field(default=None, description="The whole email address, ignoring case.")
    __hash__ = _Filter.__hash__


@strawberry.input(description="Orders that match all given conditions; null conditions are ignored.")
class OrderFilter(_Filter):
    """Orders that match all given conditions."""

    order_id: UUID | None = strawberry.field(default=None, description="The order with this id.")
    customer_id: UUID | None = strawberry.field(default=None, description="Orders of this customer.")
    customer: CustomerFilter | None = strawberry.field(default=None, description="Orders of customers that match it.")
    status: OrderStatus | None = strawberry.field(default=None, description="Orders in this status.")
    placed_from: datetime | None = strawberry.field(default=None, description="Placed at this time or later.")
    placed_to: datetime | None = strawberry.field(default=None, description="Placed before this time.")
    total_from: Decimal | None = strawberry.field(default=None, description="With this total or a higher one.")
    total_to: Decimal | None = strawberry.field(default=None, description="With this total or a lower one.")
    currency: str | None = strawberry.field(default=None, description="In this currency: ISO 4217, such as USD.")
    sku: str | None = strawberry.field(default=None, description="With a line of exactly this SKU.")
    country: str | None = strawberry.field(
        default=None,
        description="With a line delivered to this country: ISO 3166-1 alpha-2, such as PE. "
        "Not known for orders placed before delivery addresses were stored.",
    )
    __hash__ = _Filter.__hash__


@strawberry.enum(description="The order of a list of orders; ties are sorted by id.")
class OrderSort(Enum):
    """The order of a list of orders."""

    PLACED_AT_DESC = strawberry.enum_value("PLACED_AT_DESC", description="Newest first.")
    PLACED_AT_ASC = strawberry.enum_value("PLACED_AT_ASC", description="Oldest first.")
    TOTAL_DESC = strawberry.enum_value(
        "TOTAL_DESC", description="Highest total first, as a number: filter by `currency` if there are several."
    )
    TOTAL_ASC = strawberry.enum_value("TOTAL_ASC", description="Lowest total first.")


KEYSETS = {
    OrderSort.PLACED_AT_DESC: Keyset("placed", "placed_at", "order_id"),
    OrderSort.PLACED_AT_ASC: Keyset("placed", "placed_at", "order_id", is_descending=False),
    OrderSort.TOTAL_DESC: Keyset("total", "total", "order_id", is_time=False),
    OrderSort.TOTAL_ASC: Keyset("total", "total", "order_id", is_time=False, is_descending=False),
}
