"""The status of an order as the schema has it."""

from __future__ import annotations

from enum import StrEnum

import strawberry

from contracts import orders


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
