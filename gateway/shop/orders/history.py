"""The life of an order: which statuses it has had."""

from __future__ import annotations

from datetime import datetime

import strawberry

from gateway.fields.fields import column
from gateway.fields.relations import Many
from gateway.shop.orders.inputs import OrderStatus


@strawberry.type(description="A status that an order has had, and since when.")
class OrderStatusChange:
    """A status that an order has had, and since when."""

    status: OrderStatus = column("The status.", read=OrderStatus)
    at: datetime = column("When the order got this status.")
    reason: str | None = column("Why it was cancelled or rejected; null when no reason was given.")


STEPS = (
    (OrderStatus.PLACED, "placed_at", None),
    (OrderStatus.CONFIRMED, "confirmed_at", None),
    (OrderStatus.SHIPPED, "shipped_at", None),
    (OrderStatus.DELIVERED, "delivered_at", None),
    (OrderStatus.CANCELLED, "cancelled_at", "cancellation_reason"),
    (OrderStatus.REJECTED, "rejected_at", "rejection_reason"),
)
"""The columns with the time of each status, and with its reason if it has one, in the order of an order's life."""

_VALUES = ", ".join(
    f"('{status.value}', {{parent}}.{at}, {f'{{parent}}.{reason}' if reason else 'NULL::text'}, {number})"
    for number, (status, at, reason) in enumerate(STEPS)
)

HISTORY = Many(
    f"(VALUES {_VALUES}) AS {{it}} (status, at, reason, number)",
    "{it}.at IS NOT NULL",
    order_by="{it}.at, {it}.number",
)


def history_of(order: object) -> list[OrderStatusChange]:
    """The statuses of an order by the times in its fields."""
    found = [
        OrderStatusChange(status=status, at=getattr(order, at), reason=getattr(order, reason) if reason else None)
        for status, at, reason in STEPS
        if getattr(order, at) is not None
    ]
    return sorted(found, key=lambda change: change.at)
