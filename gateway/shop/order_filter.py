"""Which orders and which customers a client asks for."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from gateway.shop.order_status import OrderStatus


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
