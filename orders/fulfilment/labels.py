"""Addresses and the labels of parcels: a corrected address must not differ from what a label says. Pure.

The label is printed when a shipment is packed. From then on its address is not corrected. Until the record of the
packing arrives, a correction may be accepted all the same: the order's history says so then, and somebody has to look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.shipping import ShipmentRow, ShipmentStatus
from orders.refusal import Refusal, Violation

OUTDATED_LABEL = "outdated-label"
"""The name in the history of a parcel that may go to an address from before its correction; changes no status."""


class Known(NamedTuple):
    """What was known of a shipment before a newer record."""

    status: str
    packed_at: datetime | None


class Correction(NamedTuple):
    """When an address of an order was corrected; `reason` is that of the history and ends with the address's id."""

    order_id: UUID
    reason: str
    at: datetime


class AddressPacked(Refusal):
    """A parcel has the address on its label."""


def address_packed(shipment_id: UUID) -> AddressPacked:
    """The refusal of a correction."""
    detail = f"shipment {shipment_id} to this address is packed"
    return AddressPacked([Violation("#/deliveryAddressId", detail)])


def newly_packed(rows: Iterable[ShipmentRow], known: Mapping[UUID, Known]) -> list[ShipmentRow]:
    """Those of these newer records that are the first to say that their shipment is packed."""
    return [
        row
        for row in rows
        if row.packed_at is not None
        and row.status != ShipmentStatus.CANCELLED
        and not row.is_deleted
        and (row.shipment_id not in known or known[row.shipment_id].packed_at is None)
    ]


def outdated(packed: Iterable[ShipmentRow], corrections: Collection[Correction]) -> list[ShipmentRow]:
    """The shipments whose address was corrected after they were packed."""
    return [
        row
        for row in packed
        if row.packed_at is not None
        and any(
            each.order_id == row.order_id
            and each.reason.endswith(str(row.delivery_address_id))
            and each.at > row.packed_at
            for each in corrections
        )
    ]
