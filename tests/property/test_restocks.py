"""Restocks: one open request, no unit twice, and none above the level, however records come."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.inventory.restocks import RestockStatus
from inventory.restocking.rules import inbound_of, missing_units, requested
from stores.inbound.rules import added_units
from stores.rules import Stock
from tests.support.shop.rows import NOON, an_availability
from tests.support.stock.restocks import SKU, History
from tests.support.stock.sourcing import STORE

STEPS = 80


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_each_unit_that_is_sent_is_booked_once(seed: int) -> None:
    history = History(seed)
    for _ in range(STEPS):
        history.step()
        history.check()
    history.end()
    history.check()

    inventory, shop = history.inventory, history.shop
    booked = {row.inbound_id: row for row in shop.receipt_log}
    assert len(booked) == len(shop.receipt_log), "once"
    assert booked.keys() == {row.inbound_id for row in inventory.sent}
    assert inventory.level.incoming == 0
    assert shop.stocks[SKU].delivered == sum(row.quantity for row in booked.values())
    for row in inventory.requests.values():
        receipt = booked.get(row.restock_request_id)
        if row.status == RestockStatus.CANCELLED:
            assert receipt is None
        else:
            assert receipt is not None
            assert (row.status, row.added, row.refused) == (RestockStatus.RECEIVED, receipt.added, receipt.refused)


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_a_stock_does_not_stay_below_its_level(seed: int) -> None:
    history = History(seed)
    for _ in range(STEPS):
        history.step()
    history.end()

    assert history.shop.stocks[SKU].free > 5 or history.has_cancelled


UNITS = st.integers(0, 40)


@given(UNITS, UNITS, UNITS, st.integers(0, 10), st.integers(1, 30), UNITS, st.lists(st.integers(1, 6), max_size=3))
def test_a_request_that_is_delivered_alone_is_never_refused(
    free: int, unsellable: int, committed: int, reorder_at: int, more: int, backordered: int, wanted: list[int]
) -> None:
    """Orders may take units of the store meanwhile: that makes room."""
    units = {"on_hand": free + unsellable + committed, "unsellable": unsellable, "committed": committed}
    levels = {"reorder_at": reorder_at, "reorder_to": reorder_at + more}
    stock = Stock(STORE, SKU, **units, **levels)

    quantity = missing_units(an_availability(STORE, SKU, **units, **levels), backordered)
    request = requested(UUID(int=1), stock.stock_id, STORE, SKU, quantity, NOON)
    for each in wanted:
        stock = replace(stock, committed=stock.committed + min(each, stock.free))

    assert added_units(stock, inbound_of(request, NOON, backordered)) == quantity
    if quantity:
        assert free + quantity - backordered >= reorder_at + more, "the queue is served, and the level reached"
    else:
        assert free > reorder_at
        assert not backordered
