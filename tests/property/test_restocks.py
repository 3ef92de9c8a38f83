"""Restocks: one open request, no unit twice, and none above the level, however records come."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.inventory.restocks import RestockStatus
from tests.support.stock.restocks import SKU, History

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

    stock = history.shop.stocks[SKU]
    is_full = stock.on_hand >= 20
    assert stock.on_hand - stock.unsellable > 5 or is_full or history.has_cancelled
