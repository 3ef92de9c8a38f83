"""A store's answers to reservations: every order of messages, doubled and late, leads to what was wanted last."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement, permutations, repeat
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.inventory.reservations import ReservationRow, Wanted
from contracts.stores import AllocationState, Reason
from stores import rules
from stores.reservations.rules import Answers, answer
from stores.rules import Allocation, Stock
from tests.support.stock.store import STORE, reservation

SKU, PLENTY = "NW-0001", 100

STORIES = {
    "committed": [Wanted.COMMIT],
    "taken over from a cart, then committed": [Wanted.HOLD, Wanted.COMMIT],
    "released": [Wanted.COMMIT, Wanted.RELEASE],
    "kept with other lines": [Wanted.COMMIT, Wanted.COMMIT],
    "shipped": [Wanted.COMMIT, Wanted.COMMIT, Wanted.SHIP],
    "shipped, and published again": [Wanted.COMMIT, Wanted.SHIP, Wanted.SHIP],
    "a cart's": [Wanted.HOLD, Wanted.HOLD],
    "shipped in parts": [Wanted.COMMIT, Wanted.COMMIT, Wanted.COMMIT],
    "shipped in part, then the rest": [Wanted.COMMIT, Wanted.COMMIT, Wanted.SHIP],
    "shipped in part, then cancelled": [Wanted.COMMIT, Wanted.COMMIT, Wanted.RELEASE],
    "cancelled, then shipped in part": [Wanted.COMMIT, Wanted.RELEASE, Wanted.RELEASE],
}
DISPATCHED = {
    "shipped in parts": [0, 1, 3],
    "shipped in part, then the rest": [0, 1, 1],
    "shipped in part, then cancelled": [0, 1, 1],
    "cancelled, then shipped in part": [0, 0, 1],
}
COMMITTED = {"committed", "taken over from a cart, then committed", "kept with other lines"}
SHIPPED = {"shipped", "shipped, and published again", "shipped in parts", "shipped in part, then the rest"}
IN_PART = {"shipped in part, then cancelled", "cancelled, then shipped in part"}


def story(name: str, quantity: int) -> list[ReservationRow]:
    """The versions of one reservation."""
    own = uuid4()
    return [
        reservation(SKU, quantity, wanted, version, reservation_id=own, dispatched=dispatched)
        for version, (wanted, dispatched) in enumerate(
            zip(STORIES[name], DISPATCHED.get(name, repeat(0)), strict=False), start=1
        )
    ]


def check(answers: Answers) -> None:
    """What holds after each message."""
    stock = answers.stocks[SKU]
    of_orders = [each for each in answers.allocations.values() if each.state is AllocationState.COMMITTED]
    assert stock.committed == sum(each.quantity for each in of_orders)
    assert 0 <= stock.committed + stock.unsellable <= stock.on_hand
    left = [-each.delta for each in answers.movements if each.reason is Reason.SHIPPED]
    assert sum(left) == sum(units_left(each) for each in answers.allocations.values())
    assert len({each.reference for each in answers.movements}) == len(answers.movements)
    assert all(each.stock and each.stock.version <= stock.version for each in answers.allocations.values())


def units_left(allocation: Allocation) -> int:
    """The units of an allocation that left the store."""
    return allocation.shipped + (allocation.quantity if allocation.state is AllocationState.SHIPPED else 0)


def gone(name: str, quantity: int) -> int:
    """The units that leave in a story."""
    return quantity if name in SHIPPED else int(name in IN_PART)


@pytest.mark.parametrize(("first", "second"), list(combinations_with_replacement(STORIES, 2)))
def test_the_order_of_messages_does_not_matter(first: str, second: str) -> None:
    messages = [*story(first, 2), *story(second, 3)]
    results = set()
    for order in permutations(messages):
        answers = answer({SKU: Stock(STORE, SKU, on_hand=PLENTY, version=1)}, {}, [])
        for each in order:
            answers.take(each)
            check(answers)
        stock = answers.stocks[SKU]
        results.add(
            (stock.on_hand, stock.committed, tuple(sorted(each.state for each in answers.allocations.values())))
        )

    [(on_hand, committed, _)] = results
    assert on_hand == PLENTY - gone(first, 2) - gone(second, 3)
    assert committed == 2 * (first in COMMITTED) + 3 * (second in COMMITTED)


@st.composite
def messages(draw: st.DrawFn) -> list[ReservationRow]:
    """Some reservations, shuffled and doubled."""
    stories = draw(st.lists(st.tuples(st.sampled_from(list(STORIES)), st.integers(1, 3)), min_size=1, max_size=8))
    rows = [row for name, quantity in stories for row in story(name, quantity)]
    return draw(st.permutations(rows + draw(st.lists(st.sampled_from(rows), max_size=10))))


@settings(max_examples=60)
@given(told=messages(), on_hand=st.integers(0, 12), unsellable=st.integers(0, 3), sales=st.sets(st.integers(0, 30)))
def test_scarce_units_are_never_promised_twice(told, on_hand: int, unsellable: int, sales: set[int]) -> None:
    answers = answer({SKU: Stock(STORE, SKU, on_hand + unsellable, unsellable, version=1)}, {}, [])

    for number, each in enumerate(told):
        if number in sales:
            try:
                answers.stocks[SKU], _ = rules.move(answers.stocks[SKU], -1, Reason.SOLD)
            except rules.Refusal:
                pass
        answers.take(each)
        check(answers)
    before = answers.stocks[SKU], dict(answers.allocations), len(answers.movements)
    again = [answers.take(each) for each in told]

    assert not any(again)
    assert (answers.stocks[SKU], answers.allocations, len(answers.movements)) == before
    sequences = [movement.sequence for movement in answers.movements]
    assert sequences == sorted(set(sequences))


@settings(max_examples=30)
@given(told=messages(), cut=st.integers(0, 40))
def test_batches_are_answered_like_single_messages(told, cut: int) -> None:
    stock = {SKU: Stock(STORE, SKU, on_hand=6, version=1)}
    whole = answer(stock, {}, told)
    first = answer(stock, {}, told[:cut])
    both = answer(first.stocks, first.allocations, told[cut:])

    assert both.stocks == whole.stocks
    assert both.allocations == whole.allocations


def test_an_answer_carries_the_stock_that_it_led_to() -> None:
    told = [reservation(SKU, 2) for _ in range(3)]

    answers = answer({SKU: Stock(STORE, SKU, on_hand=5, version=7)}, {}, told)

    stocks = [answers.allocations[each.reservation_id].stock for each in told]
    assert [(each.committed, each.version) for each in stocks if each] == [(2, 8), (4, 9), (4, 9)]
    assert answers.allocations[told[2].reservation_id].state is AllocationState.REFUSED
    assert answers.stocks[SKU] == stocks[-1]


def test_a_sku_that_the_store_never_had_is_refused() -> None:
    told = reservation("unknown")

    answers = answer({}, {}, [told])

    allocation = answers.allocations[told.reservation_id]
    assert (allocation.state, allocation.stock) == (AllocationState.REFUSED, None)
    assert not answers.changed_stocks


def test_a_deleted_reservation_releases_its_units() -> None:
    told = reservation(SKU, 2)
    answers = answer({SKU: Stock(STORE, SKU, on_hand=5, version=1)}, {}, [told])

    unknown = reservation(SKU, is_deleted=True)
    assert not answers.take(unknown)
    assert answers.take(reservation(SKU, 2, reservation_id=told.reservation_id, is_deleted=True))

    assert answers.allocations[told.reservation_id].state is AllocationState.RELEASED
    assert answers.stocks[SKU].free == 5


@pytest.mark.parametrize(
    ("wanted", "state"),
    [
        (Wanted.COMMIT, AllocationState.SHORT),
        (Wanted.SHIP, AllocationState.SHORT),
        (Wanted.RELEASE, AllocationState.RELEASED),
    ],
)
def test_a_short_allocation_has_no_units_any_more(wanted: Wanted, state: AllocationState) -> None:
    told = reservation(SKU, 2)
    answers = answer({SKU: Stock(STORE, SKU, on_hand=2, version=1)}, {}, [told])
    sold, _ = rules.move(answers.stocks[SKU], -1, Reason.SOLD, may_be_short=True)
    own: UUID = told.reservation_id
    answers.stocks[SKU], [answers.allocations[own]] = rules.give_up(sold, [answers.allocations[own]])

    answers.take(reservation(SKU, 2, wanted, 2, reservation_id=own))

    assert answers.allocations[own].state is state
    assert replace(answers.stocks[SKU], version=0) == replace(sold, committed=0, version=0)
