"""What a movement does to the units of a stock: pure decisions, which raise named refusals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from contracts.stores import AllocationState, Reason, stock_id

MAX_UNITS = 2**31 - 1
"""The largest value of the columns."""


@dataclass(frozen=True)
class Stock:
    """The units of one SKU in this store. One that has no row yet has version 0."""

    store_id: str
    sku: str
    on_hand: int = 0
    unsellable: int = 0
    committed: int = 0
    movements: int = 0
    reorder_at: int | None = None
    reorder_to: int | None = None
    delivered: int = 0
    version: int = 0

    @property
    def stock_id(self) -> str:
        """The key of the row."""
        return stock_id(self.store_id, self.sku)

    @property
    def free(self) -> int:
        """The units that can be sold and are committed to no order. Negative only between two steps of a decision."""
        return self.on_hand - self.unsellable - self.committed


@dataclass(frozen=True)
class Movement:
    """A change of the units on hand. `caller` sent it; without `happened_at` it happened when it is recorded."""

    stock_id: str
    store_id: str
    sku: str
    sequence: int
    delta: int
    unsellable_delta: int
    on_hand_after: int
    unsellable_after: int
    reason: Reason
    reference: str | None = None
    caller: str | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True)
class Allocation:
    """The answer to a reservation. `stock` is the stock after this answer; None if there is no such stock.

    `shipped` units of the reservation left before the `quantity` units that have this state.
    """

    allocation_id: UUID
    sku: str
    order_id: UUID | None
    quantity: int
    state: AllocationState
    reservation_version: int
    stock: Stock | None
    version: int
    shipped: int = 0


class Refusal(Exception):
    """A movement that cannot happen. `stock` is as it was."""

    def __init__(self, stock: Stock) -> None:
        super().__init__(stock.stock_id)
        self.stock = stock


class InsufficientStock(Refusal):
    """There are not so many units on hand, or not so many sellable or unsellable ones."""


class CommittedStock(Refusal):
    """The units are on hand, but committed to orders."""


class TooManyUnits(Refusal):
    """The units would exceed `MAX_UNITS`."""


def move(
    stock: Stock,
    delta: int,
    reason: Reason,
    *,
    unsellable_delta: int = 0,
    reference: str | None = None,
    may_be_short: bool = False,
) -> tuple[Stock, Movement]:
    """The stock after a movement, and the entry of the ledger.

    With `may_be_short`, committed units may be moved: `free` is then negative until allocations are given up. Raises
    InsufficientStock, CommittedStock, TooManyUnits.
    """
    on_hand, unsellable = stock.on_hand + delta, stock.unsellable + unsellable_delta
    if on_hand > MAX_UNITS:
        raise TooManyUnits(stock)
    if not 0 <= unsellable <= on_hand:
        raise InsufficientStock(stock)
    after = replace(
        stock, on_hand=on_hand, unsellable=unsellable, movements=stock.movements + 1, version=stock.version + 1
    )
    if after.free < 0 and not may_be_short:
        raise CommittedStock(stock)
    return after, _entry(stock, after, reason, reference)


def count(stock: Stock, counted: int, moved_since: int) -> tuple[Stock, Movement]:
    """The stock after a count: the counted units, and what has moved since. `free` may be negative, as in `move`.

    A unit that was counted and has left since is subtracted, so a count during sales is exact. If fewer units are on
    hand than unsellable ones, all are unsellable. Raises InsufficientStock, if more units have left than were counted,
    and TooManyUnits.
    """
    on_hand = counted + moved_since
    if on_hand < 0:
        raise InsufficientStock(stock)
    gone = min(0, on_hand - stock.unsellable)
    return move(stock, on_hand - stock.on_hand, Reason.COUNTED, unsellable_delta=gone, may_be_short=True)


def give_up(stock: Stock, newest_first: Iterable[Allocation]) -> tuple[Stock, Sequence[Allocation]]:
    """The stock and the allocations that are short, so that the committed units are on hand again.

    An allocation is given up as a whole, as it was committed: its order needs another source for all of it.
    """
    given_up = []
    for allocation in newest_first:
        if stock.free >= 0:
            break
        stock = replace(stock, committed=stock.committed - allocation.quantity)
        given_up.append(allocation)
    assert stock.free >= 0, "the committed units are those of the allocations"
    return stock, [short(each, stock) for each in given_up]


def short(allocation: Allocation, stock: Stock) -> Allocation:
    """The allocation without units; `stock` is the stock after that."""
    return replace(allocation, state=AllocationState.SHORT, stock=stock, version=allocation.version + 1)


def _entry(before: Stock, after: Stock, reason: Reason, reference: str | None) -> Movement:
    return Movement(
        stock_id=after.stock_id,
        store_id=after.store_id,
        sku=after.sku,
        sequence=after.movements,
        delta=after.on_hand - before.on_hand,
        unsellable_delta=after.unsellable - before.unsellable,
        on_hand_after=after.on_hand,
        unsellable_after=after.unsellable,
        reason=reason,
        reference=reference,
    )
