"""The status of a shipment."""

from __future__ import annotations

from enum import StrEnum


class ShipmentStatus(StrEnum):
    """How far a shipment is. `recalled` is one on its way whose order was cancelled."""

    PLANNED = "planned"
    PACKED = "packed"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"
    RECALLED = "recalled"
    CANCELLED = "cancelled"
