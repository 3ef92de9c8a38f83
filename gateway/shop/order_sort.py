"""The orders that a list of orders can have."""

from __future__ import annotations

from enum import Enum

import strawberry

from gateway.fields.keysets import Keyset


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
