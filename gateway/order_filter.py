"""Which orders a client asks for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from contracts.orders import OrderStatus

strawberry.enum(OrderStatus, description="Where an order is in its life.")


@strawberry.input(description="Orders whose customer fits all that is given.")
class CustomerFilter:
    """Orders whose customer fits all that is given."""

    name: str | None = strawberry.field(
        default=None, description="Appears in name and last name, in any case: `ana tru` finds Ana Trujillo."
    )
    email: str | None = strawberry.field(default=None, description="The whole address, in any case.")


@strawberry.input(description="Orders that fit all that is given; null is like not given.")
class OrderFilter:
    """Orders that fit all that is given."""

    order_id: UUID | None = strawberry.field(default=None, description="This order only.")
    customer_id: UUID | None = strawberry.field(default=None, description="Of this customer.")
    customer: CustomerFilter | None = strawberry.field(default=None, description="Of customers who fit.")
    status: OrderStatus | None = strawberry.field(default=None, description="In this state.")
    placed_from: datetime | None = strawberry.field(default=None, description="Placed then or later.")
    placed_to: datetime | None = strawberry.field(default=None, description="Placed before then.")
