"""Random histories on the real decisions of inventory and of a store: records are late, doubled and in any order."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.stores import AllocationState
from tests.support.histories_of_stores import HistoryOfStores
from tests.support.stock.histories import History
from tests.support.stock.histories_of_shipments import HistoryOfShipments
from tests.support.stock.sourcing_in_memory import InventoryInMemory

STEPS = 60


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_stores_refuse_nothing_without_tills_and_all_orders_are_decided(seed: int) -> None:
    history = run(seed, sells_at_till=False)

    refused = [row for row in history.shop.allocations.values() if row.state == AllocationState.REFUSED]
    assert refused == []


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_tills_that_sell_what_is_reserved_leave_no_order_undecided(seed: int) -> None:
    run(seed, sells_at_till=True)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_several_stores_and_those_that_do_not_answer(seed: int, sells_at_till: bool, has_silent: bool) -> None:
    history = HistoryOfStores(seed, sells_at_till=sells_at_till, has_silent=has_silent)

    play(history)

    refused = [row for shop in history.shops.values() for row in shop.allocations.values() if row.state == "refused"]
    assert sells_at_till or refused == []


@settings(max_examples=200)
@given(st.integers(0, 2**32), st.booleans())
def test_units_leave_and_come_back_once_with_their_shipments(seed: int, sells_at_till: bool) -> None:
    play(HistoryOfShipments(seed, sells_at_till=sells_at_till), steps=40)


def run(seed: int, *, sells_at_till: bool) -> History:
    """One history of one store, until all records have arrived."""
    inventory = InventoryInMemory()
    history = History(inventory, inventory, seed, sells_at_till=sells_at_till)
    play(history)
    return history


def play(history: History, steps: int = STEPS) -> None:
    async def all_steps() -> None:
        for _ in range(steps):
            await history.step()
            await history.check()
        await history.end()
        await history.check_end()

    asyncio.run(all_steps())
