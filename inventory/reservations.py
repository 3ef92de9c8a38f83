"""What may happen to a reservation, and which of them count. Pure: a version is counted when the row is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from msgspec.structs import replace

from contracts.inventory.reservations import ReservationRow, ReservationState, Wanted
from contracts.stores import AllocationRow, AllocationState, stock_id
from inventory.decisions.rules import Part, StockKey


class HoldStatus(StrEnum):
    """The state of a reservation as a whole; `ordered`: an order has taken it over."""

    HELD = "held"
    RELEASED = "released"
    EXPIRED = "expired"
    ORDERED = "ordered"


_NAMESPACE = UUID("8f1c2f0e-6d2b-5b0a-9a37-3c1f4f6f7d10")

OPEN = (ReservationState.HELD, ReservationState.ASKED, ReservationState.COMMITTED)
"""The states in which the units are promised: a store gives them, or may do so."""


def reservation_id(line: object, store_id: str, attempt: int) -> UUID:
    """The same for the same line, store and attempt, so that a decision that is repeated writes the same rows."""
    return uuid5(_NAMESPACE, f"{line}/{store_id}/{attempt}")


def key_of(row: ReservationRow) -> StockKey:
    """Where its units are."""
    return StockKey(row.store_id, row.sku)


def promised_units(row: ReservationRow | None) -> int:
    """The units that are promised by it, until its store says that they are not given or have left."""
    return row.quantity if row and row.state in OPEN else 0


def left_units(row: ReservationRow) -> int:
    """The units that have left the store, as it says."""
    return row.shipped + (row.quantity if row.state == ReservationState.SHIPPED else 0)


def taken_units(row: ReservationRow) -> int:
    """The units that left: that shipments took of it, whether its store has booked them or not, or all with the order.

    Of one that is given back these are only those that shipments took.
    """
    return row.dispatched if row.wanted == Wanted.RELEASE else max(row.dispatched, left_units(row))


def own_units(row: ReservationRow) -> int:
    """The units that its order has of it: those that have left, and those that it may still get."""
    is_shipping = row.state == ReservationState.COMMITTED and row.wanted == Wanted.SHIP
    return left_units(row) + row.quantity if is_shipping or is_open(row) else taken_units(row)


def is_open(row: ReservationRow) -> bool:
    """Whether its units are, or may become, those of its order or cart."""
    return row.state in OPEN and row.wanted in (Wanted.HOLD, Wanted.COMMIT)


def is_late(row: ReservationRow, moment: datetime) -> bool:
    """Whether its store should have answered by now."""
    is_asked = is_open(row) and row.state == ReservationState.ASKED
    return is_asked and row.ask_until is not None and row.ask_until <= moment


def asked(part: Part, order_id: UUID, lines_version: int, attempt: int, until: datetime) -> ReservationRow:
    """A new reservation: the store shall commit these units for a line of an order."""
    assert isinstance(part.line_id, UUID)
    return ReservationRow(
        reservation_id=reservation_id(part.line_id, part.store_id, attempt),
        order_id=order_id,
        order_detail_id=part.line_id,
        lines_version=lines_version,
        stock_id=stock_id(part.store_id, part.sku),
        store_id=part.store_id,
        sku=part.sku,
        quantity=part.quantity,
        attempt=attempt,
        wanted=Wanted.COMMIT,
        state=ReservationState.ASKED,
        ask_until=until,
        version=1,
    )


def taken_over(
    row: ReservationRow, order_id: UUID, line_id: UUID, lines_version: int, until: datetime
) -> ReservationRow:
    """The reservation as one for a line of the order's current lines. The store is asked for a cart's units now."""
    if (row.order_detail_id, row.lines_version) == (line_id, lines_version):
        return row
    labelled = replace(row, order_id=order_id, order_detail_id=line_id, lines_version=lines_version)
    if row.state == ReservationState.HELD:
        return replace(labelled, wanted=Wanted.COMMIT, state=ReservationState.ASKED, expires_at=None, ask_until=until)
    return labelled


def given_back(row: ReservationRow, ended: ReservationState = ReservationState.RELEASED) -> ReservationRow:
    """The reservation when its units are no longer wanted. Units that no store was asked for are free at once."""
    if row.state == ReservationState.HELD:
        return replace(row, state=ended)
    return replace(row, wanted=Wanted.RELEASE, ask_until=None)


def to_ship(row: ReservationRow) -> ReservationRow:
    """The reservation when its committed units leave the store."""
    return replace(row, wanted=Wanted.SHIP)


def asked_again(row: ReservationRow, until: datetime) -> ReservationRow:
    """The reservation when the store is given more time. It is published once more."""
    return replace(row, ask_until=until)


def answered(row: ReservationRow, answer: AllocationRow) -> ReservationRow:
    """The reservation after its store's answer; the same if that is known, or a newer one is.

    A store answers each version of a reservation. An answer that says nothing new leads to no new version, so that the
    two do not go on for ever.
    """
    units = answer.quantity if answer.state == AllocationState.COMMITTED or answer.shipped else row.quantity
    is_known = (answer.state, units, answer.shipped) == (row.state, row.quantity, row.shipped)
    if answer.newest_version <= row.answer_version or is_known:
        return row
    return replace(
        row,
        state=ReservationState(answer.state).value,
        quantity=units,
        shipped=answer.shipped,
        ask_until=None,
        answer_version=answer.newest_version,
    )


def in_order(rows: Iterable[ReservationRow]) -> list[ReservationRow]:
    """The reservations as they are written and as stores read them: what is given back comes first, since a store may
    need its units for what is asked for.
    """
    return sorted(rows, key=lambda row: row.wanted != Wanted.RELEASE)
