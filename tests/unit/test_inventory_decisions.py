"""Decisions about one order, on rows in memory."""

from __future__ import annotations

from contracts.orders import OrderStatus
from tests.support.sourcing import Shop, an_order, changed
from tests.support.sourcing_in_memory import InventoryInMemory


async def test_a_shipped_order_asks_its_store_again_until_it_answers() -> None:
    """Units that fell short were asked of another store when the order was shipped."""
    inventory, shop = InventoryInMemory(), Shop()
    shop.put("A", 2)
    await inventory.stock(*shop.stock_log)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await inventory.order(changed(order, status=OrderStatus.SHIPPED))
    [asked] = await inventory.reservations(order)

    versions = []
    for seconds in (29, 2, 1, 30):
        inventory.clock.advance(seconds)
        await inventory.sweep()
        versions.append((await inventory.reservations(order))[0].version - asked.version)
    for _ in range(2):
        shop.hear(*await inventory.reservations(order))
        await inventory.answer(*shop.answer_log)

    assert versions == [0, 1, 1, 2]
    sourcing = await inventory.sourcing(order)
    assert sourcing is not None
    assert (sourcing.status, shop.stocks["A"].on_hand) == ("shipped", 0)
