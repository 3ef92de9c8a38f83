"""The units of an order that its shipments took from stores, and those that came back. Pure.

Each reservation counts what was taken of it since the beginning, so a shipment that is counted again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from contracts.inventory.reservations import ReservationRow, ReservationState
from contracts.inventory.restocks import InboundReason, InboundRow
from contracts.shipping import LEFT, ShipmentStatus
from contracts.stores import stock_id
from inventory.reservations import left_units

_GIVING = (
    *(ReservationState.COMMITTED, ReservationState.ASKED),
    *(ReservationState.RELEASED, ReservationState.SHORT),
)
"""The states of a reservation of which units can be taken, in the order in which they are. Those that are released, or
that a picker missed, have left before that was known: a shipment says which store its units left.
"""


class ShippedUnits(msgspec.Struct, frozen=True, gc=False):
    """Units of an order line in a shipment."""

    line_id: UUID
    sku: str
    quantity: int


@dataclass(frozen=True)
class Shipment:
    """What concerns stores of a shipment. Its location may be none of them."""

    shipment_id: UUID
    status: str
    location: str
    units: Sequence[ShippedUnits]

    @property
    def is_returned(self) -> bool:
        """Whether its units came back to its location."""
        return self.status == ShipmentStatus.RETURNED

    @property
    def has_left(self) -> bool:
        """Whether its units have left its location."""
        return self.status in LEFT

    @property
    def is_to_leave(self) -> bool:
        """Whether its units may still leave its location."""
        return self.status in (ShipmentStatus.PLANNED, ShipmentStatus.PACKED)


class Source(NamedTuple):
    """Where units of a line come from."""

    line_id: UUID
    store_id: str


def dispatched(reservations: Iterable[ReservationRow], shipments: Iterable[Shipment]) -> dict[UUID, ReservationRow]:
    """The reservations of an order of which shipments took more units than they say, as they become."""
    of_source: dict[Source, list[ReservationRow]] = {}
    for row in reservations:
        if row.order_detail_id:
            of_source.setdefault(Source(row.order_detail_id, row.store_id), []).append(row)
    changed: dict[UUID, ReservationRow] = {}
    for source, units_taken in taken(shipments).items():
        rows = of_source.get(source, [])
        left = units_taken - sum(_counted(row) for row in rows)
        for row in sorted((row for row in rows if row.state in _GIVING), key=_turn):
            units = min(left, row.quantity + row.shipped - _counted(row))
            if units > 0:
                changed[row.reservation_id] = msgspec.structs.replace(row, dispatched=_counted(row) + units)
                left -= units
    return changed


def returned(
    reservations: Iterable[ReservationRow], shipments: Iterable[Shipment], known: Iterable[UUID], moment: datetime
) -> list[InboundRow]:
    """What is on its way back into the stores that gave it, and was not sent before: `known` are the ids that were."""
    given: Counter[Source] = Counter()
    for row in reservations:
        if row.order_detail_id:
            given[Source(row.order_detail_id, row.store_id)] += _counted(row)
    units: Counter[tuple[UUID, str, str]] = Counter()
    for shipment in sorted(shipments, key=lambda each: each.shipment_id):
        for each in shipment.units if shipment.is_returned else ():
            back = min(each.quantity, given[Source(each.line_id, shipment.location)])
            units[shipment.shipment_id, shipment.location, each.sku] += back
    sent = {*known}
    return [
        InboundRow(
            inbound_id=inbound_id,
            stock_id=stock_id(store_id, sku),
            store_id=store_id,
            sku=sku,
            quantity=quantity,
            reason=InboundReason.RETURN,
            sent_at=moment,
            version=1,
        )
        for (shipment_id, store_id, sku), quantity in units.items()
        if quantity and (inbound_id := inbound_id_of(shipment_id, sku)) not in sent
    ]


def inbound_id_of(shipment_id: UUID, sku: str) -> UUID:
    """The id of the units of a SKU that come back with a shipment: the same whenever they are sent."""
    return uuid5(shipment_id, sku)


def taken(shipments: Iterable[Shipment]) -> Counter[Source]:
    """The units that these shipments took of each location."""
    units: Counter[Source] = Counter()
    for shipment in shipments:
        for each in shipment.units if shipment.has_left else ():
            units[Source(each.line_id, shipment.location)] += each.quantity
    return units


def _counted(row: ReservationRow) -> int:
    """The units that shipments took of it, as far as it says, or that left with the order as a whole."""
    return max(row.dispatched, left_units(row))


def _turn(row: ReservationRow) -> tuple[int, int]:
    return _GIVING.index(ReservationState(row.state)), row.attempt
