"""The decision about an order whose units have left: which stores book out the rest, and which did by mistake. Pure.

Shipments say which store their units left. What they did not take leaves with the order as a whole, as if there were
no shipments. The records of both arrive in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast
from uuid import UUID, uuid5

import msgspec

from contracts.inventory.reservations import ReservationRow, ReservationState, Wanted
from contracts.inventory.restocks import InboundReason, InboundRow
from contracts.inventory.sourcing import SourcingStatus
from inventory.decisions.rules import Line
from inventory.orders import reasons
from inventory.orders.dispatching import Source, taken
from inventory.orders.facts import Decision, Order, Terms
from inventory.orders.sourcings import lines_json, next_sourcing
from inventory.reservations import (
    asked_again,
    given_back,
    is_late,
    is_open,
    left_units,
    own_units,
    taken_units,
    to_ship,
)


def close(order: Order, terms: Terms) -> Decision:
    """Units that the store has not committed yet are shipped once it has. Until then it is asked again and again.

    It ends as shipped, or as short if stores said that they did not have some of the units.
    """
    decision, moment = Decision(), terms.moment
    decision.write(*_put_back(order, decision, terms))
    if not any(each.is_to_leave for each in order.shipments):  # each of them leaves, or is cancelled since it did not
        decision.write(*_rest(order))
    rows = [decision.reservations.get(row.reservation_id, row) for row in order.reservations]
    late = [row for row in rows if is_late(row, moment)]
    decision.write(*(asked_again(row, moment + terms.answer) for row in late))
    if order.sourcing and order.sourcing.status != SourcingStatus.REFUSED:
        status, reason, given = _result(order, rows)
        lines = lines_json(order.lines, given) if order.is_whole else order.sourcing.lines
        decision.sourcing = next_sourcing(order.sourcing, moment, status=status, reason=reason, lines=lines)
    return decision


def _result(
    order: Order, rows: Sequence[ReservationRow]
) -> tuple[str, str | None, Mapping[UUID, Sequence[ReservationRow]]]:
    assert order.sourcing is not None
    given: dict[UUID, list[ReservationRow]] = {}
    for row in rows:
        if row.order_detail_id and own_units(row):
            given.setdefault(row.order_detail_id, []).append(row)
    gives = [row for some in given.values() for row in some]
    is_waiting = any(_is_waited_for(row) for row in gives)
    if not is_waiting and (missing := _missing(order, given)):
        return SourcingStatus.SHORT.value, reasons.short(missing), given
    if not is_waiting and any(taken_units(row) for row in gives):
        return SourcingStatus.SHIPPED.value, None, given
    return order.sourcing.status, order.sourcing.reason, given


def _is_waited_for(row: ReservationRow) -> bool:
    is_wanted = row.wanted in (Wanted.COMMIT, Wanted.SHIP)
    return is_wanted and row.state in (ReservationState.ASKED, ReservationState.COMMITTED)


def _missing(order: Order, given: Mapping[UUID, Sequence[ReservationRow]]) -> list[Line]:
    """The lines with the units that no store gave. A line without any reservation is of an untracked SKU."""
    tracked = {row.order_detail_id for row in order.reservations}
    elsewhere = _from_elsewhere(order)
    return [
        replace(line, quantity=units)
        for line in order.lines
        if line.line_id in tracked
        and (line_id := cast(UUID, line.line_id))
        and (units := line.quantity - elsewhere[line_id] - sum(own_units(row) for row in given.get(line_id, ()))) > 0
    ]


def _from_elsewhere(order: Order) -> Counter[UUID]:
    """The units of each line that shipments took of locations beyond what the order's reservations there say."""
    units: Counter[UUID] = Counter()
    known: Counter[Source] = Counter()
    for row in order.reservations:
        if row.order_detail_id:
            known[Source(row.order_detail_id, row.store_id)] += taken_units(row)
    for source, number in taken(order.shipments).items():
        units[source.line_id] += max(0, number - known[source])
    return units


def _rest(order: Order) -> list[ReservationRow]:
    """The open reservations as they become: those whose units shipments took of other stores are given back."""
    left = {cast(UUID, line.line_id): line.quantity for line in order.lines} if order.is_whole else {}
    elsewhere = _from_elsewhere(order)
    left = {line_id: units - elsewhere[line_id] for line_id, units in left.items()}
    for row in order.reservations:
        if row.order_detail_id in left:
            left[row.order_detail_id] -= own_units(row) if not is_open(row) else taken_units(row)
    changed = []
    for row in sorted(filter(is_open, order.reservations), key=_turn):
        more = own_units(row) - taken_units(row)
        line_id = row.order_detail_id
        units = max(0, min(more, left[line_id])) if line_id in left else more
        if line_id in left:
            left[line_id] -= units
        if units < more:
            changed.append(given_back(msgspec.structs.replace(row, dispatched=taken_units(row) + units)))
        elif row.state == ReservationState.COMMITTED:
            changed.append(to_ship(row))
    return changed


def _put_back(order: Order, decision: Decision, terms: Terms) -> list[ReservationRow]:
    """The reservations, as they become, of which units were booked out with the order as a whole although shipments
    took all units of the line, some elsewhere. The units are sent back to their ledgers.
    """
    takes = taken(order.shipments)
    of_line: Counter[UUID] = Counter()
    for source, units in takes.items():
        of_line[source.line_id] += units
    covered = {line.line_id for line in order.lines if of_line[cast(UUID, line.line_id)] >= line.quantity}
    changed = []
    for row in sorted(order.reservations, key=lambda row: row.wanted == Wanted.SHIP):
        if row.order_detail_id not in covered or not order.is_whole:
            continue
        source = Source(cast(UUID, row.order_detail_id), row.store_id)
        left = min(takes[source], taken_units(row))
        takes[source] -= left
        if row.wanted == Wanted.SHIP and row.state == ReservationState.SHIPPED and left < left_units(row):
            changed.append(msgspec.structs.replace(row, wanted=Wanted.RELEASE, dispatched=left))
            decision.inbounds.append(_inbound(row, left_units(row) - left, terms))
    return changed


def _inbound(row: ReservationRow, units: int, terms: Terms) -> InboundRow:
    return InboundRow(
        inbound_id=uuid5(row.reservation_id, "not-sent"),
        stock_id=row.stock_id,
        store_id=row.store_id,
        sku=row.sku,
        quantity=units,
        reason=InboundReason.RETURN,
        sent_at=terms.moment,
        version=1,
    )


def _turn(row: ReservationRow) -> tuple[bool, int]:
    return row.state != ReservationState.COMMITTED, row.attempt
