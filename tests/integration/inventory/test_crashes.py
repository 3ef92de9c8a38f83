"""A process that ends between any two statements leaves nothing half done: the same records are processed again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.inventory.reservations import ReservationState
from contracts.orders import OrderStatus
from inventory import settings
from inventory.sweeps import expire_holds
from tests.support.crashes import Crashes
from tests.support.stock.sourcing import Inventory, Shop, an_order, changed, check_sums, empty_inventory


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, which promises the last unit."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened


@pytest.mark.parametrize("when_sent", [False, True])
async def test_the_same_records_are_processed_again(inventory, monkeypatch, when_sent):
    crashes, shop = Crashes(monkeypatch, when_sent=when_sent), Shop()
    shop.put("A", 5)

    async def check() -> None:
        await check_sums(inventory)

    await crashes.each(lambda: inventory.stock(*shop.stock_log), check)
    hold_id = await inventory.hold(A=1)
    await inventory.hold(expires_in_s=60, A=1)
    order, lines = an_order(("A", 1), ("A", 2), reservation_id=hold_id)
    await crashes.each(lambda: inventory.order(order, *lines), check)
    shop.hear(*await inventory.reservations(order))
    await crashes.each(lambda: inventory.answer(*shop.answer_log), check)
    assert await inventory.status(order) == "committed"
    inventory.clock.advance(61)
    await crashes.each(lambda: expire_holds(inventory.database, inventory.clock), check)
    cancelled = changed(order, status=OrderStatus.CANCELLED)
    await crashes.each(lambda: inventory.order(cancelled), check)
    shop.hear(*await inventory.reservations(order))
    await crashes.each(lambda: inventory.answer(*shop.answer_log), check)

    level = await inventory.available("A")
    assert (level.available, level.committed, level.reserved) == (5, 0, 0)
    assert {row.state for row in await inventory.reservations(order)} == {ReservationState.RELEASED}


async def test_two_workers_decide_the_same_chunk_once(inventory):
    shop = Shop()
    shop.put("A", 3)
    await inventory.stock(*shop.stock_log)
    others = [Inventory(settings.database()) for _ in range(2)]
    orders = [an_order(("A", 1)) for _ in range(6)]
    rows = [row for order, lines in orders for row in (order, *lines)]
    try:
        await asyncio.gather(*(each.order(*rows) for each in [inventory, *others]))
    finally:
        for each in others:
            await each.database.close()

    assert [await inventory.status(order) for order, _ in orders] == ["reserved"] * 3 + ["refused"] * 3
    assert [len(await inventory.reservations(order)) for order, _ in orders] == [1] * 3 + [0] * 3
    assert [(await inventory.sourcing(order)).version for order, _ in orders] == [1] * 6
    await check_sums(inventory)
