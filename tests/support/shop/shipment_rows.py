"""Rows of the topic `shipment`, and the ways that a shipment may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from msgspec.structs import replace

from contracts.shipping import ShipmentRow, ShipmentStatus, ShippedLine, write_parts
from tests.support.shop.rows import NOON

PLANNED, PACKED, DISPATCHED, DELIVERED, FAILED, RETURNED, RECALLED, CANCELLED = ShipmentStatus

WAYS = (
    (PLANNED, PACKED, DISPATCHED, DELIVERED),
    (PLANNED, PACKED, DISPATCHED, FAILED, DISPATCHED, DELIVERED),
    (PLANNED, PACKED, DISPATCHED, FAILED, RETURNED),
    (PLANNED, PACKED, DISPATCHED),
    (PLANNED, PACKED),
    (PLANNED, CANCELLED),
    (PLANNED, PACKED, CANCELLED),
)
"""Ways of a shipment whose order is not cancelled, ended or not."""


def a_shipment(
    order_id: UUID | str, units: Mapping[UUID, int] | Mapping[str, int], status: str = PLANNED, **changes: Any
) -> ShipmentRow:
    """A shipment with units of an order's lines, by the id of the line."""
    lines = [
        ShippedLine(sku="CHAI", quantity=quantity, line_number=number, order_line_id=UUID(str(line_id)))
        for number, (line_id, quantity) in enumerate(units.items(), 1)
    ]
    values: dict[str, Any] = {
        "shipment_id": uuid4(),
        "order_id": UUID(str(order_id)),
        "customer_id": uuid4(),
        "status": status,
        "location": "main",
        "delivery_address_id": uuid4(),
        "lines": write_parts(lines),
        "parcels": "[]",
        "tracking": "[]",
        "planned_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return ShipmentRow(**values | changes)


def on_its_way(first: ShipmentRow, *statuses: str) -> list[ShipmentRow]:
    """The rows of a shipment, one after the other."""
    return [replace(first, status=status, version=version) for version, status in enumerate(statuses, 1)]
