"""What clients get of the units that orders wait for."""

from __future__ import annotations

from uuid import UUID

from chassis.types.schemas import example
from chassis.types.times import StoredTime
from inventory.examples import BACKORDER
from inventory.models import ResponseModel


class Backorder(ResponseModel):
    """Units that a line of an order waits for, from `since` on.

    `expectedAt` is null unless the SKU's policy has `leadTimeDays`: it is that long after the newest open restock
    request for the SKU, or after `since` if there is none.
    """

    model_config = example(BACKORDER)

    sku: str
    order_id: UUID
    order_line_id: UUID
    quantity: int
    placed_at: StoredTime
    since: StoredTime
    expected_at: StoredTime | None
