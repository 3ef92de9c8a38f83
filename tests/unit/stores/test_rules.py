"""What movements and counts do to the units of a stock."""

from __future__ import annotations

from uuid import uuid4

import pytest

from contracts.stores import AllocationState, Reason
from stores.rules import (
    MAX_UNITS,
    Allocation,
    CommittedStock,
    InsufficientStock,
    Refusal,
    Stock,
    TooManyUnits,
    count,
    give_up,
    move,
)


def a_stock(on_hand: int = 10, unsellable: int = 2, committed: int = 5) -> Stock:
    return Stock("seattle", "NW-0001", on_hand, unsellable, committed, movements=7, version=9)


def an_allocation(quantity: int) -> Allocation:
    return Allocation(uuid4(), "NW-0001", uuid4(), quantity, AllocationState.COMMITTED, 1, None, 1)


def test_a_movement_has_the_units_after_it() -> None:
    stock, movement = move(a_stock(), -3, Reason.SOLD, unsellable_delta=-1, reference="4711")

    assert (stock.on_hand, stock.unsellable, stock.committed, stock.movements, stock.version) == (7, 1, 5, 8, 10)
    assert (movement.sequence, movement.delta, movement.on_hand_after) == (8, -3, 7)
    assert (movement.unsellable_delta, movement.unsellable_after, movement.reference) == (-1, 1, "4711")


@pytest.mark.parametrize(
    ("delta", "unsellable_delta", "refusal"),
    [
        (-3, 0, None),
        (-4, 0, CommittedStock),
        (-8, 0, CommittedStock),
        (-9, 0, InsufficientStock),
        (-11, 0, InsufficientStock),
        (0, 3, None),
        (0, 4, CommittedStock),
        (0, 9, InsufficientStock),
        (0, -3, InsufficientStock),
        (MAX_UNITS - 10, 0, None),
        (MAX_UNITS - 9, 0, TooManyUnits),
    ],
)
def test_what_a_movement_may_do(delta: int, unsellable_delta: int, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        assert move(a_stock(), delta, Reason.ADJUSTED, unsellable_delta=unsellable_delta)[0].free >= 0
    else:
        with pytest.raises(refusal) as refused:
            move(a_stock(), delta, Reason.ADJUSTED, unsellable_delta=unsellable_delta)
        assert type(refused.value) is refusal
        assert refused.value.stock == a_stock()


@pytest.mark.parametrize(
    ("counted", "moved_since", "units"),
    [(10, 0, (10, 2)), (12, -3, (9, 2)), (1, 0, (1, 1)), (0, 0, (0, 0)), (0, 4, (4, 2)), (3, -3, (0, 0))],
)
def test_a_count_leaves_what_was_counted_and_has_moved_since(
    counted: int, moved_since: int, units: tuple[int, int]
) -> None:
    stock, movement = count(a_stock(committed=0), counted, moved_since)

    assert (stock.on_hand, stock.unsellable) == units
    assert (movement.on_hand_after, movement.unsellable_after) == units
    assert movement.reason is Reason.COUNTED


def test_a_count_of_fewer_units_than_have_left_is_refused() -> None:
    with pytest.raises(InsufficientStock):
        count(a_stock(), 2, -3)


def test_the_newest_allocations_are_given_up_as_a_whole() -> None:
    newest, middle, oldest = an_allocation(1), an_allocation(3), an_allocation(1)
    fewer, _ = count(a_stock(), 5, 0)

    stock, short = give_up(fewer, [newest, middle, oldest])

    assert [each.allocation_id for each in short] == [newest.allocation_id, middle.allocation_id]
    assert {each.state for each in short} == {AllocationState.SHORT}
    assert {each.version for each in short} == {2}
    assert {each.stock for each in short} == {stock}
    assert (stock.committed, stock.free) == (1, 2)
