"""Brings the shipments of an order to the groups of its units: plans them at first, and again once units move.

Units move when a store turns out not to have them and another one gives them. What has left its location stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from itertools import count
from uuid import UUID

from contracts.shipping import LEFT, ShipmentStatus, ShippedLine
from shipping.shipments.decisions.delivering import cancel
from shipping.shipments.decisions.grouping import Group, Groups, Order, shipment_id_of, shipped_lines
from shipping.shipments.decisions.planning import correct_address, plan, units_of
from shipping.shipments.events import ShipmentEvent, ShipmentPlanned
from shipping.shipments.folding import apply, begin
from shipping.shipments.state import Shipment
from shipping.shipments.values import Place

RESOURCED = "resourced"
"""The reason of a cancellation whose units are planned again, at another location or once a store has them."""

Part = tuple[Group, UUID, int]
"""Units of a line in a group."""


def regroup(
    order: Order, groups: Groups, shipments: Sequence[Shipment], at: datetime, *, replaces_cancelled: bool = False
) -> dict[UUID, list[ShipmentEvent]]:
    """The events of each shipment that changes, to be written in one transaction; empty if nothing is to be done.

    `shipments` are all that the order has. Shipments that have not left are kept if their units are all in their group,
    else cancelled; units that no shipment has are planned. Those of a shipment that somebody cancelled are planned
    again only with `replaces_cancelled`.
    """
    changes, left = _keep_or_cancel(order, groups, shipments, at)
    states = {each.shipment_id: reduce(apply, changes.get(each.shipment_id, []), each) for each in shipments}
    if not replaces_cancelled:
        _take(left, _units_given_up(order, shipments))
    for of, units in left.items():
        if lines := shipped_lines(order, units):
            shipment_id = _free_id(order.order_id, of, states)
            planned = _planned(order, of, lines, at)
            changes[shipment_id] = plan(shipment_id, planned, order.units, states.values())
            states[shipment_id] = begin(shipment_id, planned)
    return changes


def withdraw(
    order: Order, groups: Groups, shipments: Sequence[Shipment], at: datetime
) -> dict[UUID, list[ShipmentEvent]]:
    """The events that cancel shipments whose units are not all in their group; `regroup` plans their units later."""
    return _keep_or_cancel(order, groups, shipments, at)[0]


def _keep_or_cancel(
    order: Order, groups: Groups, shipments: Sequence[Shipment], at: datetime
) -> tuple[dict[UUID, list[ShipmentEvent]], dict[Group, dict[UUID, int]]]:
    """The events of the shipments that have not left, and the units that are left for others."""
    left = {each: {**units} for each, units in groups.items()}
    _take(left, _units_that_left(shipments))
    changes: dict[UUID, list[ShipmentEvent]] = {}
    for each in sorted(shipments, key=lambda each: (each.packed_at is None, each.planned_at, each.shipment_id)):
        if not each.is_open:
            continue
        is_kept = _take_whole(left.get(_group_of(each), {}), each)
        place = order.places.get(each.delivery_address_id, each.place)
        if events := correct_address(each, place, at) if is_kept else cancel(each, RESOURCED, at):
            changes[each.shipment_id] = events
    return changes, left


def _units_that_left(shipments: Sequence[Shipment]) -> list[Part]:
    return [
        (_group_of(each), line.order_line_id, line.quantity)
        for each in shipments
        if each.status in LEFT
        for line in each.lines
    ]


def _units_given_up(order: Order, shipments: Sequence[Shipment]) -> list[Part]:
    """The units of shipments that somebody cancelled, and that no other shipment has got since."""
    without = Counter(order.units)
    without.subtract(units_of(shipments))
    parts: list[Part] = []
    for each in shipments:
        if each.status is ShipmentStatus.CANCELLED and each.reason != RESOURCED:
            for line in each.lines:
                units = min(line.quantity, without[line.order_line_id])
                without[line.order_line_id] -= units
                parts.append((_group_of(each), line.order_line_id, units))
    return parts


def _take(left: dict[Group, dict[UUID, int]], parts: Iterable[Part]) -> None:
    """Take these units from their groups; those that are missing there, from any."""
    missing = [(line_id, _not_taken([left.get(of, {})], line_id, units)) for of, line_id, units in parts]
    for line_id, units in missing:
        _not_taken(left.values(), line_id, units)


def _not_taken(groups: Iterable[dict[UUID, int]], line_id: UUID, units: int) -> int:
    for of_group in groups:
        taken = min(units, of_group.get(line_id, 0))
        if taken:
            of_group[line_id] -= taken
            units -= taken
    return units


def _take_whole(own: dict[UUID, int], shipment: Shipment) -> bool:
    """Take all units of a shipment from its group, or none if they are not all there."""
    if any(own.get(line.order_line_id, 0) < line.quantity for line in shipment.lines):
        return False
    for line in shipment.lines:
        own[line.order_line_id] -= line.quantity
    return True


def _group_of(shipment: Shipment) -> Group:
    return Group(shipment.delivery_address_id, shipment.location)


def _free_id(order_id: UUID, of: Group, taken: Iterable[UUID]) -> UUID:
    known = set(taken)
    return next(each for number in count(1) if (each := shipment_id_of(order_id, of, number)) not in known)


def _planned(order: Order, of: Group, lines: tuple[ShippedLine, ...], at: datetime) -> ShipmentPlanned:
    place = order.places.get(of.address_id, Place())
    return ShipmentPlanned(
        order_id=order.order_id,
        customer_id=order.customer_id,
        delivery_address_id=of.address_id,
        city=place.city,
        region=place.region,
        country=place.country,
        location=of.location,
        lines=lines,
        at=at,
    )
