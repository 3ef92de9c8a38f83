"""Decisions about one order, on rows in memory."""

from __future__ import annotations

from itertools import permutations
from operator import itemgetter

import pytest
from msgspec.structs import replace

from contracts.inventory.sourcing import read_lines
from contracts.orders import OrderRow, OrderStatus
from tests.support.stock.sourcing import Shop, an_order, changed
from tests.support.stock.sourcing_in_memory import InventoryInMemory


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
        await exchange(inventory, shop, order)

    assert versions == [0, 1, 1, 2]
    sourcing = await inventory.sourcing(order)
    assert sourcing is not None
    assert (sourcing.status, shop.stocks["A"].on_hand) == ("shipped", 0)


@pytest.mark.parametrize("is_known_first", [False, True])
@pytest.mark.parametrize(("units", "left"), [(0, 0), (3, 3)])
async def test_an_order_that_was_shipped_without_some_units_stays_short(
    units: int, left: int, *, is_known_first: bool
) -> None:
    """It was shipped before the store found that they are not there, whichever of the two is known first."""
    inventory, shop, lima = InventoryInMemory(), Shop(), Shop("lima")
    for each, number in ((shop, 5), (lima, units)):
        each.put("A", number)
        await inventory.stock(*each.stock_log)
    order, lines = an_order(("A", 5 + units))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    await exchange(inventory, lima, order)
    shop.fall_short("A")
    if is_known_first:
        await inventory.answer(*shop.answer_log)
    await inventory.order(changed(order, status=OrderStatus.SHIPPED))
    for _ in range(3):
        await exchange(inventory, lima, order)
        await exchange(inventory, shop, order)

    sourcing = await inventory.sourcing(order)
    assert sourcing is not None
    assert (sourcing.status, sourcing.reason) == ("short", "short: A wants 5 more")
    assert sum(part.quantity for line in read_lines(sourcing.lines) for part in line.parts) == left


async def test_a_confirmed_order_that_fell_short_gets_what_its_store_receives_later() -> None:
    inventory, shop = InventoryInMemory(), Shop()
    shop.put("A", 2)
    await inventory.stock(*shop.stock_log)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    shop.fall_short("A")
    await exchange(inventory, shop, order)
    short = await inventory.sourcing(order)

    shop.put("A", 5)
    await inventory.stock(*shop.stock_log)
    await inventory.sweep()
    await exchange(inventory, shop, order)

    committed = await inventory.sourcing(order)
    assert short
    assert committed
    assert (short.status, committed.status) == ("short", "committed")
    assert (shop.stocks["A"].on_hand, shop.stocks["A"].committed) == (5, 2)


async def test_no_newer_order_takes_what_an_order_that_is_short_needs() -> None:
    inventory, shop, lima = InventoryInMemory(), Shop(), Shop("lima")
    shop.put("A", 5)
    await inventory.stock(*shop.stock_log)
    order, lines = an_order(("A", 5))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    shop.fall_short("A")
    await exchange(inventory, shop, order)

    for store, units in ((shop, 2), (lima, 4)):
        store.put("A", units)
        await inventory.stock(*store.stock_log)
    newer, its = an_order(("A", 2))
    await inventory.order(newer, *its)

    given = {row.store_id: row.quantity for row in await inventory.reservations(order) if row.state == "asked"}
    refused = await inventory.sourcing(newer)
    assert given == {"seattle": 2, "lima": 3}
    assert refused is not None
    assert (refused.status, refused.reason) == ("refused", "out of stock: A wants 2, has 1")


async def test_a_store_that_refuses_what_it_should_have_is_not_asked_at_once_again() -> None:
    """Such as one whose database was lost. Its answers would be followed by requests for ever."""
    inventory, shop, lost = InventoryInMemory(), Shop(), Shop()
    shop.put("A", 2)
    await inventory.stock(*shop.stock_log)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    shop.fall_short("A")
    await exchange(inventory, shop, order)
    shop.put("A", 5)
    await inventory.stock(*shop.stock_log)
    await inventory.sweep()

    for _ in range(5):
        await exchange(inventory, lost, order)

    assert len(await inventory.reservations(order)) == 2


async def test_stores_that_do_not_answer_are_asked_once_each() -> None:
    """Two of them would take turns for ever, and each request would reserve units."""
    inventory, shop, silent = InventoryInMemory(), Shop(), [Shop("lima"), Shop("berlin")]
    shop.put("A", 2)
    await inventory.stock(*shop.stock_log)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    shop.fall_short("A")
    for each in silent:
        each.put("A", 5)
        await inventory.stock(*each.stock_log)
    await exchange(inventory, shop, order)

    for _ in range(10):
        inventory.clock.advance(31)
        inventory.source_short()
        await inventory.sweep()

    stores = [row.store_id for row in await inventory.reservations(order)]
    assert sorted(stores) == ["berlin", "lima", "seattle"]


ANSWERS = [("committed", 1), ("short", 2), ("released", 3)]


@pytest.mark.parametrize("arrival", list(permutations([*ANSWERS, ANSWERS[0]])))
async def test_an_older_answer_than_a_known_one_changes_nothing(arrival: list[tuple[str, int]]) -> None:
    inventory, shop = InventoryInMemory(), Shop()
    shop.put("A", 2)
    await inventory.stock(*shop.stock_log)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    shop.hear(*await inventory.reservations(order))
    [answer] = shop.answer_log

    for number, (state, version) in enumerate(arrival, start=1):
        await inventory.answer(replace(answer, state=state, version=version))

        [row] = await inventory.reservations(order)
        assert row.state == max(arrival[:number], key=itemgetter(1))[0]


async def exchange(inventory: InventoryInMemory, shop: Shop, order: OrderRow) -> None:
    """The store reads the order's reservations, and its answers come back."""
    shop.hear(*await inventory.reservations(order))
    await inventory.answer(*shop.answer_log)


@pytest.mark.parametrize(("status", "reserved"), [("confirmed", 3), ("partially_shipped", 0)])
async def test_units_that_left_before_inventory_knew_their_order_are_not_reserved(status: str, reserved: int) -> None:
    inventory, shop = InventoryInMemory(), Shop()
    shop.put("A", 5)
    await inventory.stock(*shop.stock_log)
    order, lines = an_order(("A", 3), status=status)
    await inventory.order(order, *lines)

    await inventory.retry(order)

    assert sum(row.quantity for row in await inventory.reservations(order)) == reserved
