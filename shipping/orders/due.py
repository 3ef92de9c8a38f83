"""What is to be done with the shipments of an order, of what is known about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from uuid import UUID

from contracts.inventory.sourcing import read_lines
from contracts.orders import OrderStatus
from shipping.replica.orders import StoredOrder, StoredSourcing
from shipping.shipments.decisions.delivering import cancel, erase, follow_cancelled_order
from shipping.shipments.decisions.grouping import Groups, Order, committed_lines, group, is_short, is_sourced
from shipping.shipments.decisions.regrouping import regroup, withdraw
from shipping.shipments.events import ShipmentEvent, ShipmentPlanned
from shipping.shipments.folding import apply, begin
from shipping.shipments.state import Shipment

SHIPPED_WITHOUT = "shipped-without-it"
"""The reason of the cancellation of a shipment whose order was shipped by hand at the moment it was planned."""

SHIPPABLE = (OrderStatus.CONFIRMED.value, OrderStatus.PARTIALLY_SHIPPED.value)
"""The statuses of an order whose units are sent, or moved to another location while they have not left."""


@dataclass(frozen=True)
class Facts:
    """What is known about one order. `has_inventory` is whether inventory decides about it, or will. If that is not
    known yet, it `may_be_sourced`.
    """

    order: StoredOrder
    sourcing: StoredSourcing | None
    has_inventory: bool
    may_be_sourced: bool
    since: datetime | None
    is_erased: bool
    shipments: Sequence[Shipment]


class NotReady(Exception):
    """The order cannot be shipped as it is; the text says why."""


def follow(facts: Facts, location: str, at: datetime) -> dict[UUID, list[ShipmentEvent]]:
    """The events that follow for each shipment of the order; empty if nothing is to be done. Can be repeated."""
    if facts.order.is_ended:
        changes = {each.shipment_id: follow_cancelled_order(each, at) for each in facts.shipments}
    elif facts.order.has_left:
        open_ones = [each for each in facts.shipments if each.is_open]
        changes = {each.shipment_id: cancel(each, SHIPPED_WITHOUT, at) for each in open_ones}
    elif _is_planned_by_itself(facts):
        try:
            changes = plan(facts, location, at)
        except NotReady:
            changes = _withdraw(facts, location, at)
    else:
        changes = {}
    if facts.is_erased:
        return _erased(facts, changes, at)
    return {shipment_id: events for shipment_id, events in changes.items() if events}


def plan(
    facts: Facts, location: str, at: datetime, *, replaces_cancelled: bool = False
) -> dict[UUID, list[ShipmentEvent]]:
    """The events that bring the order's shipments to where its units are. Raises NotReady."""
    if facts.order.status not in SHIPPABLE:
        raise NotReady(f"it is {facts.order.status}")
    if facts.order.status == OrderStatus.PARTIALLY_SHIPPED and not any(each.has_left for each in facts.shipments):
        raise NotReady("units of it left without a shipment, and which ones is not known")
    order = facts.order.as_ordered()
    groups = _groups(order, facts, location)
    return regroup(order, groups, facts.shipments, at, replaces_cancelled=replaces_cancelled)


def _withdraw(facts: Facts, location: str, at: datetime) -> dict[UUID, list[ShipmentEvent]]:
    """The cancellations of shipments with units that their stores do not have, so that nobody sends them."""
    order, sourcing = facts.order.as_ordered(), facts.sourcing
    if facts.order.status not in SHIPPABLE or sourcing is None or not is_short(order, sourcing):
        return {}
    return withdraw(order, group(order, committed_lines(sourcing), location), facts.shipments, at)


def _groups(order: Order, facts: Facts, location: str) -> Groups:
    if not facts.has_inventory:
        return group(order, [], location)
    if facts.sourcing is None or not is_sourced(order, facts.sourcing):
        raise NotReady("its stores have not committed its units")
    return group(order, read_lines(facts.sourcing.lines), location)


def _is_planned_by_itself(facts: Facts) -> bool:
    """Not an imported order, nor one that was confirmed before shipping began, or whose sourcing may be on its way,
    unless somebody asked for it.
    """
    order = facts.order
    if order.on_request:
        return True
    if facts.may_be_sourced:
        return False
    is_new = order.confirmed_at is not None and facts.since is not None and order.confirmed_at >= facts.since
    return is_new and not order.is_imported


def _erased(facts: Facts, changes: Mapping[UUID, list[ShipmentEvent]], at: datetime) -> dict[UUID, list[ShipmentEvent]]:
    """The changes, and the erasure of each shipment that is not erased."""
    states = {each.shipment_id: each for each in facts.shipments}
    found = {}
    for shipment_id in {*states, *changes}:
        events = changes.get(shipment_id, [])
        state = _after(shipment_id, states.get(shipment_id), events)
        if all_events := [*events, *erase(state, at)]:
            found[shipment_id] = all_events
    return found


def _after(shipment_id: UUID, state: Shipment | None, events: Sequence[ShipmentEvent]) -> Shipment:
    if state is not None:
        return reduce(apply, events, state)
    first, *others = events
    assert isinstance(first, ShipmentPlanned), "a stream begins with the planning"
    return reduce(apply, others, begin(shipment_id, first))
