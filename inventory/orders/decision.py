"""The decision about one order: which units are reserved, given back or shipped, and how its stock stands. Pure.

It depends only on the facts, not on what happened last. So it is taken again after anything that concerns the order,
and changes nothing if nothing is to be done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast
from uuid import UUID

from contracts.inventory.reservations import ReservationRow, ReservationState, Wanted
from contracts.inventory.sourcing import SourcingStatus
from contracts.orders import OrderStatus
from inventory.decisions.rules import Line
from inventory.levels import Levels
from inventory.orders import reasons
from inventory.orders.dispatching import dispatched, returned
from inventory.orders.facts import Decision, Order, Terms
from inventory.orders.queue import Queue
from inventory.orders.sourcings import lines_json, next_sourcing
from inventory.orders.units import Units
from inventory.reservations import (
    HoldStatus,
    asked_again,
    given_back,
    is_late,
    is_open,
    key_of,
    left_units,
    own_units,
    promised_units,
    to_ship,
)


def decide(order: Order, levels: Levels, terms: Terms, queue: Queue | None = None) -> Decision:
    """Decide, and count what is promised by it in `levels`, and what is back-ordered in `queue`."""
    queue = queue or Queue()
    taken = dispatched(order.reservations, order.shipments)
    rows = [taken.get(row.reservation_id, row) for row in order.reservations]
    decision = _decision(replace(order, reservations=rows) if taken else order, levels, terms, queue)
    decision.reservations = taken | decision.reservations
    if order.shipments:
        decision.inbounds = returned(rows, order.shipments, order.returned, terms.moment)
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
        return _ship(order, terms)
    if order.is_open and order.is_whole and _is_concerned(order, terms):
        return Units(order, levels, terms, queue).decide()
    return Decision()


def _is_concerned(order: Order, terms: Terms) -> bool:
    """Whether inventory decides about this order, and has not refused its lines already."""
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


def _ship(order: Order, terms: Terms) -> Decision:
    """Units that the store has not committed yet are shipped once it has. Until then it is asked again and again.

    It ends as shipped, or as short if stores said that they did not have some of the units.
    """
    decision, moment = Decision(), terms.moment
    parts: dict[UUID, list[ReservationRow]] = {}
    for row in order.reservations:
        if is_open(row) and row.state == ReservationState.COMMITTED:
            decision.write(to_ship(row))
        if is_late(row, moment):
            decision.write(asked_again(row, moment + terms.answer))
        if (row.wanted in (Wanted.COMMIT, Wanted.SHIP) or left_units(row)) and row.order_detail_id:
            parts.setdefault(row.order_detail_id, []).append(row)
    if order.sourcing and order.sourcing.status != SourcingStatus.REFUSED:
        rows = [row for some in parts.values() for row in some]
        is_waiting = any(row.state in (ReservationState.ASKED, ReservationState.COMMITTED) for row in rows)
        given = {line_id: [row for row in some if _gives(row)] for line_id, some in parts.items()}
        status, reason = order.sourcing.status, order.sourcing.reason
        if not is_waiting and (missing := _missing(order, given)):
            status, reason = SourcingStatus.SHORT.value, reasons.short(missing)
        elif not is_waiting and any(left_units(row) for row in rows):
            status, reason = SourcingStatus.SHIPPED.value, None
        lines = lines_json(order.lines, given) if order.is_whole else order.sourcing.lines
        decision.sourcing = next_sourcing(order.sourcing, moment, status=status, reason=reason, lines=lines)
    return decision


def _missing(order: Order, given: Mapping[UUID, Sequence[ReservationRow]]) -> list[Line]:
    """The lines with the units that no store gave. A line without any reservation is of an untracked SKU."""
    tracked = {row.order_detail_id for row in order.reservations}
    return [
        replace(line, quantity=units)
        for line in order.lines
        if line.line_id in tracked
        and (units := line.quantity - sum(own_units(row) for row in given.get(cast(UUID, line.line_id), ()))) > 0
    ]


def _gives(row: ReservationRow) -> bool:
    return row.state in (ReservationState.ASKED, ReservationState.COMMITTED) or left_units(row) > 0


def _no_parts(order: Order) -> str:
    assert order.sourcing is not None
    no_rows: Mapping[UUID, Sequence[ReservationRow]] = {}
    is_current = order.is_whole and order.current_sourcing is not None
    return lines_json(order.lines, no_rows) if is_current else order.sourcing.lines
