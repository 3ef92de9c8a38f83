"""Orders get their units: reserved when they are placed, committed by the store, given back when they are cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import permutations

import pytest

from contracts.inventory.sourcing import read_lines
from contracts.orders import OrderStatus
from inventory import settings
from inventory.orders.scope import Work
from inventory.orders.settling import settle
from inventory.sweeps import expire_holds, source_short, sweep
from tests.support.stock.sourcing import (
    Inventory,
    Shop,
    a_stock,
    an_order,
    changed,
    check_sums,
    empty_inventory,
    lines_of,
)


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, which promises the last unit."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened
        await check_sums(opened)


async def exchange(inventory: Inventory, shop: Shop, *orders) -> None:
    """The store reads the reservations of these orders, as they were written, and its answers come back."""
    for order in orders:
        for row in sorted(await inventory.reservations(order), key=lambda row: row.wanted != "release"):
            shop.hear(row)
    answers, shop.answer_log = shop.answer_log, []
    if answers:
        await inventory.answer(*answers)


async def stocked(inventory: Inventory, **units: int) -> Shop:
    shop = Shop()
    for sku, quantity in units.items():
        shop.put(sku, quantity)
    await inventory.stock(*shop.stock_log)
    return shop


async def test_an_order_is_reserved_then_committed(inventory):
    shop = await stocked(inventory, A=5)
    order, lines = an_order(("A", 2))

    await inventory.order(order, *lines)

    assert await inventory.status(order) == "reserved"
    assert (await inventory.available("A")).reserved == 2
    await exchange(inventory, shop, order)
    sourcing = await inventory.sourcing(order)
    assert sourcing.status == "committed"
    [line] = read_lines(sourcing.lines)
    assert [(part.store_id, part.quantity, part.state) for part in line.parts] == [("seattle", 2, "committed")]
    level = await inventory.available("A")
    assert (level.on_hand, level.committed, level.reserved, level.available) == (5, 2, 0, 3)


async def test_an_order_for_more_than_there_is_is_refused_with_the_reason(inventory):
    await stocked(inventory, A=5, B=1)
    order, lines = an_order(("A", 2), ("B", 1), ("B", 1))

    await inventory.order(order, *lines)

    sourcing = await inventory.sourcing(order)
    assert (sourcing.status, sourcing.reason) == ("refused", "out of stock: B wants 2, has 1")
    assert (await inventory.available("A")).reserved == 0


async def test_a_sku_without_stock_anywhere_is_refused(inventory):
    order, lines = an_order(("NONE", 1))

    await inventory.order(order, *lines)

    assert (await inventory.sourcing(order)).reason == "not in any store: NONE"


async def test_of_a_chunk_the_first_orders_get_the_last_units(inventory):
    await stocked(inventory, A=2)
    orders = [an_order(("A", 1)) for _ in range(4)]

    await inventory.order(*(order for order, _ in orders), *(line for _, lines in orders for line in lines))

    assert [await inventory.status(order) for order, _ in orders] == ["reserved", "reserved", "refused", "refused"]


@pytest.mark.parametrize("arrival", range(24))
async def test_one_decision_in_whatever_order_rows_arrive(inventory, arrival):
    await stocked(inventory, A=9)
    order, lines = an_order(("A", 2), ("A", 3))
    rows = [*permutations([order, *lines, lines[0]])][arrival]

    for row in rows:
        await inventory.order(row)

    assert len(await inventory.reservations(order)) == 2
    assert (await inventory.sourcing(order)).version == 1
    assert (await inventory.available("A")).reserved == 5


async def test_a_cancelled_order_gives_its_units_back_when_the_store_has_answered(inventory):
    shop = await stocked(inventory, A=2)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)

    await inventory.order(changed(order, status=OrderStatus.CANCELLED))

    assert await inventory.status(order) == "released"
    assert (await inventory.available("A")).available == 0
    await exchange(inventory, shop, order)
    assert (await inventory.available("A")).available == 2


async def test_a_release_that_overtakes_the_commit_leaves_nothing(inventory):
    shop = await stocked(inventory, A=2)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    [wish] = await inventory.reservations(order)
    await inventory.order(changed(order, status=OrderStatus.CANCELLED))

    await exchange(inventory, shop, order)
    shop.hear(wish)
    await exchange(inventory, shop, order)

    level = await inventory.available("A")
    assert (level.available, level.committed, level.reserved) == (2, 0, 0)


async def test_a_till_sells_reserved_units_and_the_order_is_refused(inventory):
    shop = await stocked(inventory, A=2)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    assert shop.put("A", -1)

    await exchange(inventory, shop, order)

    sourcing = await inventory.sourcing(order)
    assert (sourcing.status, sourcing.reason) == ("refused", "out of stock: A wants 2, has 0")
    level = await inventory.available("A")
    assert (level.on_hand, level.reserved, level.available) == (1, 0, 1)


async def test_shipped_units_leave_the_store_once(inventory):
    shop = await stocked(inventory, A=3)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    shipped = changed(order, status=OrderStatus.SHIPPED)

    for row in (shipped, shipped, changed(shipped, status=OrderStatus.DELIVERED)):
        await inventory.order(row)
        await exchange(inventory, shop, order)

    assert await inventory.status(order) == "shipped"
    level = await inventory.available("A")
    assert (level.on_hand, level.committed, level.reserved) == (1, 0, 0)


async def test_an_order_shipped_before_its_store_answered_is_shipped_then(inventory):
    shop = await stocked(inventory, A=3)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await inventory.order(changed(order, status=OrderStatus.SHIPPED))

    await exchange(inventory, shop, order)
    await exchange(inventory, shop, order)

    assert await inventory.status(order) == "shipped"
    assert (await inventory.available("A")).on_hand == 1


async def test_changed_lines_keep_their_units_and_give_back_the_rest(inventory):
    shop = await stocked(inventory, A=5, B=1, C=2)
    order, lines = an_order(("A", 5), ("B", 1))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    before = {row.sku: row.reservation_id for row in await inventory.reservations(order)}
    edited = changed(order, lines_version=2, line_count=2)

    await inventory.order(edited, *lines_of(edited, ("A", 5), ("C", 2)))

    assert await inventory.status(order) == "reserved"
    await exchange(inventory, shop, order)
    await exchange(inventory, shop, order)
    sourcing = await inventory.sourcing(order)
    assert (sourcing.status, sourcing.lines_version) == ("committed", 2)
    kept = {line.sku: [part.reservation_id for part in line.parts] for line in read_lines(sourcing.lines)}
    assert kept["A"] == [before["A"]]
    assert [(await inventory.available(sku)).available for sku in "ABC"] == [0, 1, 0]


async def test_fewer_units_of_a_sold_out_sku_are_not_lost(inventory):
    shop = await stocked(inventory, A=5)
    order, lines = an_order(("A", 5))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    edited = changed(order, lines_version=2)
    await inventory.order(edited, *lines_of(edited, ("A", 4)))
    other, its = an_order(("A", 1))
    await inventory.order(other, *its)

    await exchange(inventory, shop, order)

    assert await inventory.status(order) == "committed"
    assert await inventory.status(other) == "refused"
    assert (await inventory.available("A")).available == 1


async def test_an_order_takes_over_its_hold(inventory):
    shop = await stocked(inventory, A=3, B=2)
    hold_id = await inventory.hold(A=3, B=1)
    order, lines = an_order(("A", 2), ("A", 1), reservation_id=hold_id)

    await inventory.order(order, *lines)

    assert await inventory.status(order) == "reserved"
    assert (await inventory.available("A")).reserved == 3
    assert (await inventory.available("B")).reserved == 0
    await exchange(inventory, shop, order)
    assert await inventory.status(order) == "committed"
    inventory.clock.advance(3600)
    assert await expire_holds(inventory.database, inventory.clock) == 0


async def test_two_orders_that_name_one_hold_get_its_units_once(inventory):
    shop = await stocked(inventory, A=2)
    hold_id = await inventory.hold(A=2)
    orders = [an_order(("A", 2), reservation_id=hold_id) for _ in range(2)]

    await inventory.order(*(row for order, lines in orders for row in (order, *lines)))

    assert [await inventory.status(order) for order, _ in orders] == ["reserved", "refused"]
    await exchange(inventory, shop, *(order for order, _ in orders))
    assert [await inventory.status(order) for order, _ in orders] == ["committed", "refused"]


async def test_held_units_are_those_of_the_order_even_if_all_others_are_sold(inventory):
    shop = await stocked(inventory, A=2)
    hold_id = await inventory.hold(A=2)
    order, lines = an_order(("A", 2), reservation_id=hold_id)

    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)

    assert await inventory.status(order) == "committed"
    [row] = await inventory.reservations(order)
    assert row.hold_id == hold_id


async def test_an_expired_hold_is_given_back_and_its_order_gets_what_there_is(inventory):
    await stocked(inventory, A=2)
    hold_id = await inventory.hold(expires_in_s=60, A=2)
    inventory.clock.advance(61)

    await sweep(inventory.database, inventory.clock)

    assert (await inventory.available("A")).available == 2
    order, lines = an_order(("A", 1), reservation_id=hold_id)
    await inventory.order(order, *lines)
    assert await inventory.status(order) == "reserved"


async def test_a_store_that_never_answers_holds_up_an_order_for_a_limited_time(inventory):
    await stocked(inventory, A=2)
    order, lines = an_order(("A", 1))
    await inventory.order(order, *lines)

    for _ in range(30):
        assert await inventory.status(order) == "reserved"
        inventory.clock.advance(30)
        await sweep(inventory.database, inventory.clock)

    sourcing = await inventory.sourcing(order)
    assert (sourcing.status, sourcing.reason) == ("refused", "no store answered: A")


async def test_another_store_is_asked_when_the_first_does_not_answer(inventory):
    seattle, lima = Shop(), Shop("lima")
    for shop in (seattle, lima):
        shop.put("A", 2)
        await inventory.stock(*shop.stock_log)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    [first] = await inventory.reservations(order)

    inventory.clock.advance(31)
    await sweep(inventory.database, inventory.clock)

    second = next(row for row in await inventory.reservations(order) if row.store_id != first.store_id)
    shops = {"seattle": seattle, "lima": lima}
    shops[first.store_id].hear(first)
    shops[second.store_id].hear(second)
    for shop in shops.values():
        await exchange(inventory, shop)
    assert await inventory.status(order) == "committed"
    [released] = [row for row in await inventory.reservations(order) if row.store_id == first.store_id]
    shops[first.store_id].hear(released)
    await exchange(inventory, shops[first.store_id])
    assert [(await inventory.available("A", name)).available for name in (first.store_id, second.store_id)] == [2, 0]


async def test_orders_from_before_are_left_alone(inventory):
    await stocked(inventory, A=2)
    inventory.clock.advance(-7200)
    order, lines = an_order(("A", 1), placed_at=inventory.clock())

    await inventory.order(order, *lines)

    assert await inventory.sourcing(order) is None
    assert await inventory.reservations(order) == []
    await settle(inventory.database, Work([order.order_id], is_retry=True), inventory.clock)
    sourcing = await inventory.sourcing(order)
    assert (sourcing.status, sourcing.on_request) == ("reserved", True)
    inventory.clock.advance(7200)
    later, lines = an_order(("A", 1))
    await inventory.order(later, *lines)
    assert not (await inventory.sourcing(later)).on_request


async def test_an_untracked_sku_needs_no_stock(inventory):
    async with inventory.database.reading() as connection:
        await connection.execute(
            "INSERT INTO stock_policy VALUES ('*/GIFT', FALSE, 0, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1, 'no',"
            " NULL, NULL)"
        )
    order, lines = an_order(("GIFT", 50))

    await inventory.order(order, *lines)

    assert await inventory.status(order) == "committed"


async def test_the_safety_margin_stays_in_the_store(inventory, monkeypatch):
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 3)
    await inventory.stock(a_stock("A", 5))
    orders = [an_order(("A", 2)), an_order(("A", 1))]

    for order, lines in orders:
        await inventory.order(order, *lines)

    assert [await inventory.status(order) for order, _ in orders] == ["reserved", "refused"]


async def test_units_that_are_not_there_are_sourced_again(inventory):
    shop = await stocked(inventory, A=2)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    confirmed = changed(order, status=OrderStatus.CONFIRMED)
    await inventory.order(confirmed)

    shop.fall_short("A")
    await exchange(inventory, shop)

    sourcing = await inventory.sourcing(order)
    assert (sourcing.status, sourcing.reason) == ("short", "short: A wants 2 more")
    lima = Shop("lima")
    lima.put("A", 2)
    await inventory.stock(*lima.stock_log)
    await source_short(inventory.database, inventory.clock)
    await exchange(inventory, lima, order)
    assert await inventory.status(order) == "committed"


async def test_an_answer_before_its_stock_counts_no_unit_twice(inventory):
    shop = await stocked(inventory, A=2)
    order, lines = an_order(("A", 1))
    await inventory.order(order, *lines)
    [wish] = await inventory.reservations(order)
    shop.hear(wish)

    await exchange(inventory, shop)
    before = await inventory.available("A")
    await inventory.stock(*shop.stock_log)

    assert (await inventory.available("A")) == before
    assert before.available == 1


async def test_a_stock_before_its_answer_counts_no_unit_twice(inventory):
    shop = await stocked(inventory, A=2)
    order, lines = an_order(("A", 1))
    await inventory.order(order, *lines)
    [wish] = await inventory.reservations(order)
    shop.hear(wish)

    await inventory.stock(*shop.stock_log)

    level = await inventory.available("A")
    assert (level.reserved, level.committed, level.available) == (0, 1, 1)
    other, its = an_order(("A", 1))
    await inventory.order(other, *its)
    assert await inventory.status(other) == "reserved"
    await exchange(inventory, shop, order, other)
    assert [await inventory.status(each) for each in (order, other)] == ["committed", "committed"]


async def test_an_answer_that_says_nothing_new_ends_the_exchange(inventory):
    shop = await stocked(inventory, A=2)
    order, lines = an_order(("A", 1))
    await inventory.order(order, *lines)

    for _ in range(5):
        await exchange(inventory, shop, order)

    [row] = await inventory.reservations(order)
    assert row.version == 2


async def test_an_order_that_was_deleted_by_hand_and_restored_gets_its_units_again(inventory):
    shop = await stocked(inventory, A=2)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await exchange(inventory, shop, order)
    await inventory.order(changed(order, is_deleted=True))
    assert await inventory.status(order) == "released"
    await exchange(inventory, shop, order)

    await inventory.order(changed(order, version=order.version + 3))

    await exchange(inventory, shop, order)
    assert await inventory.status(order) == "committed"
    level = await inventory.available("A")
    assert (level.committed, level.reserved) == (2, 0)


async def test_an_order_is_decided_again_on_demand(inventory):
    shop = await stocked(inventory, A=1)
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    assert await inventory.status(order) == "refused"
    shop.put("A", 1)
    await inventory.stock(*shop.stock_log)

    await settle(inventory.database, Work([order.order_id], is_retry=True), inventory.clock)

    assert await inventory.status(order) == "reserved"
