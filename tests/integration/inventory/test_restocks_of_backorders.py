"""Orders that wait for units lead to a restock request, of one store, which takes all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from contracts.inventory.restocks import InboundRow, RestockRequestRow
from contracts.orders import OrderRow
from inventory import settings
from inventory.restocking.supplier import supply
from tests.support.by_hand import by_hand
from tests.support.stock.inventory import put_store
from tests.support.stock.sourcing import Inventory, Shop, a_stock, an_order, empty_inventory

SKU = "W"
STEP_S = 10.0


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, where orders may wait."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        await put_store("seattle")
        await put_store("lima", priority=5)
        await by_hand(
            "inventory",
            "INSERT INTO stock_policy (policy_id, safety_margin, backorders, created_at, updated_at, version)"
            " VALUES (%s, 0, 'yes', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)",
            [f"*/{SKU}"],
        )
        yield opened


async def place(inventory: Inventory, units: int) -> OrderRow:
    order, lines = an_order((SKU, units))
    await inventory.order(order, *lines)
    return order


async def requests(inventory: Inventory) -> list[tuple[str, int, str]]:
    """The store, units and status of all requests."""
    rows: list[RestockRequestRow] = await inventory.rows(RestockRequestRow, "restock_request")
    ordered = sorted(rows, key=lambda row: row.restock_request_id)
    return [(row.store_id, row.quantity, row.status) for row in ordered]


async def deliver(inventory: Inventory, shop: Shop) -> InboundRow:
    """The supplier sends what was requested last, and the store books it; inventory has not heard of that."""
    for _ in range(2):
        inventory.clock.advance(STEP_S)
        await supply(inventory.database, inventory.clock, STEP_S)
    rows: list[InboundRow] = await inventory.rows(InboundRow, "inbound")
    shop.book(*rows)
    return max(rows, key=lambda row: row.inbound_id)


async def a_shop(inventory: Inventory, units: int) -> Shop:
    shop = Shop()
    shop.put(SKU, units)
    shop.set_levels(SKU, 5, 20)
    await inventory.stock(*shop.stock_log)
    return shop


async def test_what_orders_wait_for_is_requested_and_taken_with_what_the_level_misses(inventory: Inventory) -> None:
    shop = await a_shop(inventory, 8)
    order = await place(inventory, 40)
    assert await requests(inventory) == [("seattle", 32 + 12, "accepted")]

    inbound = await deliver(inventory, shop)
    await inventory.receipt(*shop.receipt_log)
    await inventory.stock(*shop.stock_log)

    assert (inbound.quantity, inbound.backordered) == (44, 32)
    assert [(row.added, row.refused) for row in shop.receipt_log] == [(44, 0)]
    assert await inventory.status(order) == "reserved"
    assert await requests(inventory) == [("seattle", 44, "received")]


async def test_those_who_join_later_are_requested_after_the_receipt(inventory: Inventory) -> None:
    """A stock has one open request. The stock with the delivered units comes before the receipt here."""
    shop = await a_shop(inventory, 8)
    await place(inventory, 10)
    await place(inventory, 30)
    assert await requests(inventory) == [("seattle", 2 + 12, "accepted")]

    await deliver(inventory, shop)
    await inventory.stock(*shop.stock_log)
    assert [status for *_, status in await requests(inventory)] == ["completed"]
    await inventory.receipt(*shop.receipt_log)

    on_hand = shop.stocks[SKU].on_hand
    waiting = 40 - on_hand
    assert on_hand == 22
    assert await requests(inventory) == [("seattle", 14, "received"), ("seattle", waiting, "accepted")]


async def test_one_store_is_restocked_for_those_who_wait(inventory: Inventory) -> None:
    """The one that the sourcing policy prefers, of those that have levels."""
    for store_id in ("berlin", "lima", "seattle"):
        levels = {} if store_id == "berlin" else {"reorder_at": 1, "reorder_to": 9}
        await inventory.stock(a_stock(SKU, 2, store_id=store_id, stock_id=f"{store_id}/{SKU}", **levels))
    assert await requests(inventory) == []

    await place(inventory, 10)
    await place(inventory, 1)

    assert await requests(inventory) == [("lima", 4 + 7, "accepted")]


async def test_levels_that_are_set_while_orders_wait_lead_to_a_request(inventory: Inventory) -> None:
    await place(inventory, 3)
    await inventory.stock(a_stock(SKU, 0))
    assert await requests(inventory) == []

    await inventory.stock(a_stock(SKU, 0, version=2, reorder_at=5, reorder_to=20))

    assert await requests(inventory) == [("seattle", 23, "accepted")]
