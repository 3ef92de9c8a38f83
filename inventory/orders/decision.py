"""The decision about one order: which units are reserved, given back or shipped, and how its stock stands. Pure.

It depends only on the facts, not on what happened last. So it is taken again after anything that concerns the order,
and changes nothing if nothing is to be done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.inventory.reservations import ReservationRow
from contracts.inventory.sourcing import SourcingStatus
from contracts.orders import OrderStatus
from inventory.levels import Levels
from inventory.orders.closing import close
from inventory.orders.dispatching import dispatched, returned
from inventory.orders.facts import Decision, Order, Terms
from inventory.orders.queue import Queue
from inventory.orders.sourcings import lines_json, next_sourcing
from inventory.orders.units import Units
from inventory.reservations import HoldStatus, given_back, is_open, key_of, promised_units


def decide(order: Order, levels: Levels, terms: Terms, queue: Queue | None = None) -> Decision:
    """Decide, and count what is promised by it in `levels`, and what is back-ordered in `queue`."""
    queue = queue or Queue()
    taken = dispatched(order.reservations, order.shipments)
    rows = [taken.get(row.reservation_id, row) for row in order.reservations]
    decision = _decision(replace(order, reservations=rows) if taken else order, levels, terms, queue)
    decision.reservations = taken | decision.reservations
    if order.shipments:
        decision.inbounds += returned(rows, order.shipments, order.returned, terms.moment)
    if decision.sourcing:
        queue.put(order, decision.sourcing)
    before = {row.reservation_id: row for row in (*order.reservations, *order.held)}
    for row in decision.reservations.values():
        if units := promised_units(row) - promised_units(before.get(row.reservation_id)):
            levels.promise(key_of(row), units)
    return decision


def _decision(order: Order, levels: Levels, terms: Terms, queue: Queue) -> Decision:
    if order.is_gone:
        return _give_back(order, terms.moment)
    if order.is_shipped:
        return close(order, terms)
    if order.is_open and order.is_whole and _is_concerned(order, terms):
        return Units(order, levels, terms, queue).decide()
    return Decision()


def _is_concerned(order: Order, terms: Terms) -> bool:
    """Whether inventory decides about this order, and has not refused its lines already. If units of it left before
    inventory knew it, which ones is not known.
    """
    if order.sourcing is None and order.status == OrderStatus.PARTIALLY_SHIPPED:
        return False
    if order.sourcing is None:
        return terms.is_retry or (order.status == OrderStatus.PLACED and order.placed_at >= terms.since)
    current = order.current_sourcing
    return terms.is_retry or current is None or current.status != SourcingStatus.REFUSED


def _give_back(order: Order, moment: datetime) -> Decision:
    decision = Decision()
    decision.write(*(given_back(row) for row in (*order.reservations, *order.held) if is_open(row)))
    if order.held:
        decision.hold_status = HoldStatus.RELEASED
    if order.sourcing and order.sourcing.status not in (SourcingStatus.REFUSED, SourcingStatus.SHIPPED):
        decision.sourcing = next_sourcing(
            order.sourcing, moment, status=SourcingStatus.RELEASED, reason=None, lines=_no_parts(order)
        )
    return decision


def _no_parts(order: Order) -> str:
    assert order.sourcing is not None
    no_rows: Mapping[UUID, Sequence[ReservationRow]] = {}
    is_current = order.is_whole and order.current_sourcing is not None
    return lines_json(order.lines, no_rows) if is_current else order.sourcing.lines
