"""What a store answers to reservations: pure decisions about values.

The answer depends only on the newest version of a reservation, so duplicates, replays and old records change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import UUID

from contracts.inventory.reservations import ReservationRow, Wanted
from contracts.stores import AllocationState, Reason
from stores.rules import Allocation, Movement, Stock, move

COMMITTED, REFUSED, RELEASED, SHIPPED, SHORT = (
    AllocationState.COMMITTED,
    AllocationState.REFUSED,
    AllocationState.RELEASED,
    AllocationState.SHIPPED,
    AllocationState.SHORT,
)


class Units(NamedTuple):
    """The units of an allocation: `shipped` ones have left before the `quantity` units that have this state."""

    state: AllocationState
    quantity: int
    shipped: int

    @property
    def committed(self) -> int:
        """The units that count as committed."""
        return self.quantity if self.state is COMMITTED else 0

    @property
    def left(self) -> int:
        """The units that have left the store."""
        return self.shipped + (self.quantity if self.state is SHIPPED else 0)

    def after(self, dispatched: int) -> Units:
        """The units once so many have left since the beginning; the same if they have."""
        if dispatched <= self.shipped:
            return self
        if dispatched >= self.shipped + self.quantity:
            return Units(SHIPPED, self.quantity, self.shipped)
        return Units(self.state, self.quantity + self.shipped - dispatched, dispatched)


@dataclass
class Answers:
    """The stocks and allocations that reservations are decided on, and what has changed of them."""

    stocks: dict[str, Stock]
    """By SKU; those that exist."""
    allocations: dict[UUID, Allocation]
    """By id; those that exist."""
    changed_stocks: set[str] = field(default_factory=set)
    changed_allocations: set[UUID] = field(default_factory=set)
    movements: list[Movement] = field(default_factory=list)

    def take(self, reservation: ReservationRow) -> bool:
        """Answer one reservation. False if it needs no answer: a cart's, one that was answered, or an older version.

        A version with which inventory only notes the answer is not answered again; one that asks again is.
        """
        known = self.allocations.get(reservation.reservation_id)
        wanted = _wanted(reservation, known)
        if wanted is None or (known and known.reservation_version >= reservation.newest_version):
            return False
        stock = self.stocks.get(reservation.sku)
        units = _units(reservation, known, wanted, stock)
        is_noted = (units.state, units.shipped) == (reservation.state, reservation.shipped)
        if known and _units_of(known) == units and is_noted:
            return False
        if stock is not None:
            stock = self._changed(stock, known, units, reservation)
        self.allocations[reservation.reservation_id] = Allocation(
            allocation_id=reservation.reservation_id,
            sku=reservation.sku,
            order_id=reservation.order_id,
            quantity=units.quantity,
            shipped=units.shipped,
            state=units.state,
            reservation_version=reservation.newest_version,
            stock=stock,
            version=known.version + 1 if known else 1,
        )
        self.changed_allocations.add(reservation.reservation_id)
        return True

    def _changed(self, stock: Stock, known: Allocation | None, units: Units, reservation: ReservationRow) -> Stock:
        """The stock, with one version more if the answer changes its units."""
        before = _units_of(known) if known else Units(REFUSED, units.quantity, reservation.shipped)
        committed = stock.committed - before.committed + units.committed
        after = replace(stock, committed=committed)
        if left := units.left - before.left:
            own = reference(reservation.reservation_id, before.left)
            after, movement = move(after, -left, Reason.SHIPPED, reference=own)
            self.movements.append(movement)
        elif committed != stock.committed:
            after = replace(after, version=stock.version + 1)
        if after != stock:
            self.stocks[stock.sku] = after
            self.changed_stocks.add(stock.sku)
        return after


def answer(
    stocks: Mapping[str, Stock], allocations: Mapping[UUID, Allocation], reservations: Iterable[ReservationRow]
) -> Answers:
    """Answer reservations of this store one after the other, in the order of the log."""
    answers = Answers(dict(stocks), dict(allocations))
    for reservation in reservations:
        answers.take(reservation)
    return answers


def reference(allocation_id: UUID, already: int = 0) -> str:
    """The reference of the movement with which units of an allocation leave the store, `already` of them before."""
    return f"allocation:{allocation_id}/{already}" if already else f"allocation:{allocation_id}"


def _wanted(reservation: ReservationRow, known: Allocation | None) -> Wanted | None:
    """What is wanted of this store; None if nothing is. A reservation that was deleted wants no units any more."""
    wanted = Wanted(reservation.wanted)
    if wanted is Wanted.HOLD or (reservation.is_deleted and known is None):
        return None
    return Wanted.RELEASE if reservation.is_deleted else wanted


def _units(reservation: ReservationRow, known: Allocation | None, wanted: Wanted, stock: Stock | None) -> Units:
    """What becomes of the units. Those that shipments took leave first, also if the others are released, or were missed
    by a picker before: as many as are free.
    """
    before = _units_of(known) if known else Units(REFUSED, reservation.quantity, reservation.shipped)
    rest = reservation.quantity + reservation.shipped - before.shipped
    state = _state(known, wanted, rest, stock)
    if state is COMMITTED:
        return Units(COMMITTED, rest, before.shipped).after(reservation.dispatched)
    after = Units(state, before.quantity, before.shipped)
    if state in (RELEASED, SHORT) and stock is not None:
        free = stock.free + before.committed
        return after.after(min(reservation.dispatched, before.shipped + max(0, free)))
    return after


def _units_of(allocation: Allocation) -> Units:
    return Units(allocation.state, allocation.quantity, allocation.shipped)


def _state(known: Allocation | None, wanted: Wanted, quantity: int, stock: Stock | None) -> AllocationState:
    """The state of the allocation. It does not depend on the order in which versions arrive:

    a `release` that comes first leaves RELEASED behind, so that a late `commit` does nothing, and a `ship` that comes
    first commits and ships at once.
    """
    if known is not None and known.state is not COMMITTED:
        return RELEASED if wanted is Wanted.RELEASE and known.state is SHORT else known.state
    if wanted is Wanted.RELEASE:
        return RELEASED
    if wanted is Wanted.SHIP and known is not None:
        return SHIPPED
    own = known.quantity if known else 0
    if stock is None or stock.free + own < quantity:
        return REFUSED
    return SHIPPED if wanted is Wanted.SHIP else COMMITTED
