"""The rows of a lost store, rebuilt from whatever of them reached the topics: they always agree with each other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import combinations
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.inventory.availability import AvailabilityRow
from contracts.stores import AllocationRow, ReceiptRow, StockMovementRow, StockRow
from oms.stock.restored import Records, Restored, restored
from tests.support.shop.rows import NOON, an_availability

DELTAS = (12, -2, -3, 5)
ID = "lima/A"


def a_movement(sequence: int) -> StockMovementRow:
    return StockMovementRow(
        movement_id=UUID(int=sequence),
        stock_id=ID,
        store_id="lima",
        sku="A",
        sequence=sequence,
        delta=DELTAS[sequence - 1],
        on_hand_after=sum(DELTAS[:sequence]),
        unsellable_delta=0,
        unsellable_after=0,
        reason="received",
        happened_at=NOON + timedelta(hours=sequence),
        recorded_at=NOON + timedelta(hours=sequence),
        version=1,
    )


def a_stock(movements: int = len(DELTAS), committed: int = 4, version: int = 6) -> StockRow:
    return StockRow(
        stock_id=ID,
        store_id="lima",
        sku="A",
        on_hand=sum(DELTAS[:movements]),
        unsellable=0,
        committed=committed,
        movements=movements,
        reorder_at=5,
        updated_at=NOON,
        version=version,
    )


def an_answer(number: int, quantity: int, state: str = "committed") -> AllocationRow:
    return AllocationRow(
        allocation_id=UUID(int=number),
        stock_id=ID,
        store_id="lima",
        sku="A",
        order_id=UUID(int=number),
        quantity=quantity,
        state=state,
        reservation_version=1,
        on_hand=12,
        unsellable=0,
        committed=quantity,
        stock_version=5,
        answered_at=NOON + timedelta(minutes=number),
        version=1,
    )


ANSWERS = (an_answer(1, 4), an_answer(2, 3, "refused"))


def of(
    stock: StockRow | None,
    sequences: Iterable[int] = (1, 2, 3, 4),
    answers: Iterable[AllocationRow] = ANSWERS,
    level: AvailabilityRow | None = None,
    receipts: Iterable[ReceiptRow] = (),
) -> Restored:
    movements = {UUID(int=number): a_movement(number) for number in sequences}
    return restored(
        Records(
            {ID: stock} if stock else {},
            movements,
            {each.allocation_id: each for each in answers},
            {each.inbound_id: each for each in receipts},
            {level.stock_id: level} if level else {},
        )
    )


def check(made: Restored) -> StockRow:
    """The equation, and a ledger without gaps."""
    [stock] = made.stocks
    on_hand = 0
    for number, movement in enumerate(made.movements, 1):
        on_hand += movement.delta
        assert (movement.sequence, movement.on_hand_after) == (number, on_hand)
    assert (stock.on_hand, stock.movements) == (on_hand, len(made.movements))
    assert stock.committed == sum(each.quantity for each in made.allocations if each.state == "committed")
    assert stock.committed + stock.unsellable <= stock.on_hand
    return stock


def test_rows_that_all_reached_the_topics_are_as_they_were() -> None:
    made = of(a_stock())

    check(made)
    assert made == Restored([a_stock()], [a_movement(number) for number in (1, 2, 3, 4)], [*ANSWERS], [], [])


@pytest.mark.parametrize("kept", [some for size in range(5) for some in combinations((1, 2, 3, 4), size)])
def test_any_movements_may_be_missing(kept: tuple[int, ...]) -> None:
    made = of(a_stock(), kept)

    assert check(made) == a_stock()
    assert {each.sequence for each in made.movements if each.reason == "adjusted"} == {1, 2, 3, 4} - {*kept}
    assert bool(made.losses) == (len(kept) < 4)
    assert of(a_stock(), kept) == made, "the same again"


@pytest.mark.parametrize("behind", [None, a_stock(movements=2, version=3)])
def test_the_ledger_is_ahead_of_its_stock(behind: StockRow | None) -> None:
    level = an_availability("lima", "A", stock_version=9, reorder_at=5)

    stock = check(of(behind, level=level))

    assert (stock.on_hand, stock.committed, stock.reorder_at) == (12, 4, 5)
    assert stock.version > 9, "central takes over what is newer than it knows"


def test_an_answer_that_nobody_got_is_given_again_later() -> None:
    stock = check(of(a_stock(committed=4), answers=ANSWERS[1:]))

    assert (stock.committed, stock.version) == (0, 7)


def test_of_more_than_there_is_the_newest_are_short() -> None:
    made = of(a_stock(committed=9), answers=[an_answer(number, 5) for number in (3, 1, 2)])

    assert check(made).committed == 10
    states = {each.allocation_id.int: (each.state, each.version) for each in made.allocations}
    assert states == {1: ("committed", 1), 2: ("committed", 1), 3: ("short", 2)}
    assert len(made.losses) == 1


@pytest.mark.parametrize("stock", [None, a_stock()])
def test_what_was_delivered_is_not_booked_again(stock: StockRow | None) -> None:
    receipt = ReceiptRow(
        inbound_id=UUID(int=7),
        stock_id=ID,
        store_id="lima",
        sku="A",
        reason="restock",
        quantity=6,
        added=5,
        refused=1,
        on_hand=12,
        unsellable=0,
        committed=4,
        delivered=6,
        stock_version=6,
        received_at=NOON,
        version=1,
    )

    made = of(stock, receipts=[receipt])

    assert check(made).delivered == 6
    assert made.receipts == [receipt]


def test_what_central_knows_and_no_topic_has_is_named() -> None:
    newer = of(a_stock(), level=an_availability("lima", "A", stock_version=8))
    elsewhere = replace(an_availability("lima", "B", on_hand=7), stock_id="lima/B")
    unknown = of(a_stock(), level=elsewhere)

    assert check(newer).version > 8
    assert [loss.partition(":")[0] for loss in (*newer.losses, *unknown.losses)] == ["A", "B"]
