"""The statuses that can follow each status of a shipment. The rules of the commands keep to it."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.shipping import ShipmentStatus

NEXT_STATUSES: Mapping[ShipmentStatus, tuple[ShipmentStatus, ...]] = {
    ShipmentStatus.PLANNED: (ShipmentStatus.PACKED, ShipmentStatus.CANCELLED),
    ShipmentStatus.PACKED: (ShipmentStatus.DISPATCHED, ShipmentStatus.CANCELLED),
    ShipmentStatus.DISPATCHED: (ShipmentStatus.DELIVERED, ShipmentStatus.FAILED, ShipmentStatus.RECALLED),
    ShipmentStatus.FAILED: (ShipmentStatus.DISPATCHED, ShipmentStatus.RETURNED, ShipmentStatus.RECALLED),
    ShipmentStatus.RECALLED: (ShipmentStatus.RETURNED,),
    ShipmentStatus.DELIVERED: (),
    ShipmentStatus.RETURNED: (),
    ShipmentStatus.CANCELLED: (),
}
