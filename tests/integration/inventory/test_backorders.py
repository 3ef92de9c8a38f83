"""Orders that wait for units: the oldest gets them first, from every source of units, and carts get none meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from contracts.inventory.sourcing import read_lines
from contracts.orders import OrderRow, OrderStatus
from inventory import settings
from inventory.orders import backorders
from inventory.sweeps import end_old_backorders, sweep
from reconciliation.stock.checks_of_central import LINES
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import posted
from tests.support.shop.rows import NOON
from tests.support.stock.inventory import put_store, reserve, reserved
from tests.support.stock.sourcing import Inventory, Shop, an_order, changed, check_sums, empty_inventory, lines_of


@pytest.fixture
async def inventory(inventory_api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, beside its API. At the end all units and lines add up."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        await put_store()
        yield opened
        await check_sums(opened)
        assert await rows_by_hand("inventory", LINES.sql) == []


@pytest.fixture
async def sku(inventory_api: httpx.AsyncClient, inventory: Inventory) -> str:
    """A SKU for which orders may wait, with two days of lead time."""
    name = f"W-{uuid4().hex[:12]}"
    await allow(inventory_api, name, backorders="yes", leadTimeDays=2)
    return name


async def allow(http: httpx.AsyncClient, sku: str, **members: object) -> None:
    answer = await http.put(f"/stock-policies/*/{sku}", json={"safetyMargin": 0} | members)
    assert answer.status_code in (200, 201), answer.text


async def place(inventory: Inventory, sku: str, *quantities: int, minutes_ago: int = 0) -> OrderRow:
    """An order whose rows have arrived."""
    order, lines = an_order(*((sku, units) for units in quantities), placed_at=NOON - timedelta(minutes=minutes_ago))
    await inventory.order(order, *lines)
    return order


async def put(inventory: Inventory, shop: Shop, sku: str, units: int) -> None:
    assert shop.put(sku, units)
    await inventory.stock(*shop.stock_log)


async def exchange(inventory: Inventory, shop: Shop, *orders: OrderRow) -> None:
    """The store reads the reservations of these orders, and its answers come back."""
    for order in orders:
        shop.hear(*sorted(await inventory.reservations(order), key=lambda row: row.wanted != "release"))
    answers, shop.answer_log = shop.answer_log, []
    if answers:
        await inventory.answer(*answers)


async def units(inventory: Inventory, order: OrderRow) -> tuple[str, int, int]:
    """The status of an order's sourcing, the units that it has, and those that it waits for."""
    sourcing = await inventory.sourcing(order)
    assert sourcing is not None
    lines = read_lines(sourcing.lines)
    given = sum(part.quantity for line in lines for part in line.parts)
    return sourcing.status, given, sum(line.backordered for line in lines)


async def test_units_are_expected_after_the_newest_open_request(
    inventory: Inventory, inventory_api: httpx.AsyncClient, sku: str
) -> None:
    await put(inventory, Shop(), sku, 1)
    await place(inventory, sku, 3)
    request = await posted(inventory_api, "/restock-requests", {"storeId": "seattle", "sku": sku, "quantity": 2})
    assert request.status_code == 201, request.text

    async def expected_at() -> datetime:
        [shown] = (await inventory_api.get("/backorders", params={"sku": sku})).json()["items"]
        return datetime.fromisoformat(shown["expectedAt"])

    assert await expected_at() - datetime.fromisoformat(request.json()["requestedAt"]) == timedelta(days=2)
    cancelled = await inventory_api.post(f"{request.headers['Location']}/cancel")
    assert cancelled.status_code == 200, cancelled.text
    assert await expected_at() == NOON + timedelta(days=2)


async def test_units_that_arrive_go_to_the_oldest_order_first(
    inventory: Inventory, inventory_api: httpx.AsyncClient, sku: str
) -> None:
    shop = Shop()
    await put(inventory, shop, sku, 1)
    young = await place(inventory, sku, 3, minutes_ago=1)
    old = await place(inventory, sku, 2, 2, minutes_ago=5)
    assert await units(inventory, young) == ("backordered", 1, 2)
    assert await units(inventory, old) == ("backordered", 0, 4)

    shown = (await inventory_api.get("/backorders", params={"sku": sku, "limit": 2})).json()
    rest = (await inventory_api.get("/backorders", params={"sku": sku, "cursor": shown["nextCursor"]})).json()
    await put(inventory, shop, sku, 5)

    queue = [*shown["items"], *rest["items"]]
    assert [(each["orderId"], each["quantity"]) for each in queue] == [
        (str(old.order_id), 2),
        (str(old.order_id), 2),
        (str(young.order_id), 2),
    ]
    assert (shown["items"][0]["since"], shown["items"][0]["expectedAt"]) == (
        "2026-11-23T12:00:00Z",
        "2026-11-25T12:00:00Z",
    )
    assert await units(inventory, old) == ("reserved", 4, 0)
    assert await units(inventory, young) == ("backordered", 2, 1)
    await exchange(inventory, shop, old, young)
    assert [await inventory.status(each) for each in (old, young)] == ["committed", "backordered"]


async def test_no_cart_and_no_new_order_overtakes(
    inventory: Inventory, inventory_api: httpx.AsyncClient, sku: str
) -> None:
    shop = Shop()
    await put(inventory, shop, sku, 4)
    cart = await reserved(inventory_api, (sku, 3))
    waiting = await place(inventory, sku, 3)
    assert await units(inventory, waiting) == ("backordered", 1, 2)

    released = await inventory_api.post(
        f"/reservations/{cart['id']}/release", headers={"Idempotency-Key": str(uuid4())}
    )
    late_cart = await reserve(inventory_api, (sku, 1))
    shown = (await inventory_api.get("/availability", params={"sku": sku, "all": "true"})).json()["items"]
    newcomer = await place(inventory, sku, 1)

    assert (released.status_code, late_cart.status_code) == (200, 409)
    assert [(each["available"], each["availableToPromise"], each["hasBackorders"]) for each in shown] == [(3, 0, True)]
    assert await units(inventory, waiting) == ("reserved", 3, 0)
    assert await units(inventory, newcomer) == ("reserved", 1, 0)
    assert (await reserve(inventory_api, (sku, 1))).status_code == 409
    await put(inventory, shop, sku, 1)

    async def is_reserved() -> None:  # Redis is compared with MySQL once a second
        await reserved(inventory_api, (sku, 1))

    await eventually(is_reserved)


async def test_a_reservation_that_was_decided_before_the_queue_began_is_refused(
    inventory: Inventory, inventory_api: httpx.AsyncClient, sku: str
) -> None:
    await put(inventory, Shop(), sku, 4)
    await reserved(inventory_api, (sku, 1))  # Redis knows of 3 units now
    await by_hand("inventory", "UPDATE availability SET has_backorders = TRUE WHERE sku = %s", [sku])

    answer = await reserve(inventory_api, (sku, 1))

    assert answer.status_code == 409
    await by_hand("inventory", "UPDATE availability SET has_backorders = FALSE WHERE sku = %s", [sku])


async def test_units_of_a_cart_that_expires_go_to_the_queue(
    inventory: Inventory, inventory_api: httpx.AsyncClient, sku: str
) -> None:
    await put(inventory, Shop(), sku, 2)
    await inventory.hold(expires_in_s=60, **{sku: 2})
    waiting = await place(inventory, sku, 2)
    assert await units(inventory, waiting) == ("backordered", 0, 2)

    inventory.clock.advance(61)
    await sweep(inventory.database, inventory.clock)

    assert await units(inventory, waiting) == ("reserved", 2, 0)


async def test_a_cancelled_order_leaves_the_queue_and_its_units_go_to_the_next(inventory: Inventory, sku: str) -> None:
    shop = Shop()
    await put(inventory, shop, sku, 2)
    orders = [await place(inventory, sku, 3, minutes_ago=minutes) for minutes in (3, 2, 1)]
    first, second, third = orders
    await exchange(inventory, shop, *orders)

    for order in (second, first):
        await inventory.order(changed(order, status=OrderStatus.CANCELLED))
    await exchange(inventory, shop, *orders)

    assert [await inventory.status(each) for each in (first, second)] == ["released", "released"]
    assert await units(inventory, third) == ("backordered", 2, 1)
    async with inventory.database.reading() as connection:
        assert await backorders.heads(connection, [sku]) == [third.order_id]


async def test_changed_lines_keep_the_turn(inventory: Inventory, sku: str) -> None:
    shop = Shop()
    await put(inventory, shop, sku, 1)
    old, young = [await place(inventory, sku, 2, minutes_ago=minutes) for minutes in (2, 1)]
    edited = changed(old, lines_version=2)
    await inventory.order(edited, *lines_of(edited, (sku, 3)))

    await put(inventory, shop, sku, 2)

    assert await units(inventory, edited) == ("reserved", 3, 0)
    assert await units(inventory, young) == ("backordered", 0, 2)


async def test_more_than_the_limit_is_refused_with_the_reason(
    inventory: Inventory, inventory_api: httpx.AsyncClient, sku: str
) -> None:
    refused = await inventory_api.put(f"/stock-policies/*/{sku}", json={"safetyMargin": 0, "backorders": "limit"})
    known = (await inventory_api.get(f"/stock-policies/*/{sku}")).headers["ETag"]
    policy = {"safetyMargin": 0, "backorders": "limit", "backorderLimit": 4}
    written = await inventory_api.put(f"/stock-policies/*/{sku}", json=policy, headers={"If-Match": known})
    assert (refused.status_code, written.status_code) == (422, 200)

    waiting, too_many, last = [await place(inventory, sku, quantity) for quantity in (3, 2, 1)]

    assert await units(inventory, waiting) == ("backordered", 0, 3)
    sourcing = await inventory.sourcing(too_many)
    assert sourcing is not None
    assert sourcing.reason == f"back-order limit of {sku} is 4: 3 are back-ordered, 2 more are wanted"
    assert await units(inventory, last) == ("backordered", 0, 1)


async def test_an_order_that_needs_a_sku_without_back_orders_is_refused(inventory: Inventory, sku: str) -> None:
    order, lines = an_order((sku, 1), ("NEVER", 1))

    await inventory.order(order, *lines)

    assert await units(inventory, order) == ("refused", 0, 0)


async def test_an_order_that_has_waited_too_long_is_refused_and_gives_its_units_back(
    inventory: Inventory, sku: str
) -> None:
    shop = Shop()
    await put(inventory, shop, sku, 1)
    order, next_one = [await place(inventory, sku, 2, minutes_ago=minutes) for minutes in (2, 1)]
    await exchange(inventory, shop, order)

    inventory.clock.advance(settings.BACKORDER_DAYS * 86400 - 1)
    await end_old_backorders(inventory.database, inventory.clock)
    assert await units(inventory, order) == ("backordered", 1, 1)
    inventory.clock.advance(1)
    await end_old_backorders(inventory.database, inventory.clock)

    sourcing = await inventory.sourcing(order)
    assert sourcing is not None
    assert (sourcing.status, sourcing.reason) == ("refused", f"back-ordered for 30 days: {sku}")
    assert await inventory.status(next_one) == "refused"
    await exchange(inventory, shop, order)
    assert (await inventory.available(sku)).available == 1


async def test_a_till_that_sells_units_of_an_order_makes_it_wait(inventory: Inventory, sku: str) -> None:
    shop = Shop()
    await put(inventory, shop, sku, 3)
    order = await place(inventory, sku, 3)
    await put(inventory, shop, sku, -1)

    await exchange(inventory, shop, order)
    await exchange(inventory, shop, order)

    assert await units(inventory, order) == ("backordered", 2, 1)
    await put(inventory, shop, sku, 1)
    await exchange(inventory, shop, order)
    assert await units(inventory, order) == ("committed", 3, 0)


async def test_units_that_arrive_go_to_an_order_that_is_short_before_all_others(
    inventory: Inventory, inventory_api: httpx.AsyncClient, sku: str
) -> None:
    """Also before an older one that waits; and no cart gets any meanwhile."""
    shop = Shop()
    await put(inventory, shop, sku, 4)
    short = await place(inventory, sku, 4)
    await exchange(inventory, shop, short)
    shop.fall_short(sku)
    await inventory.stock(*shop.stock_log)
    await exchange(inventory, shop, short)
    old = await place(inventory, sku, 2, minutes_ago=5)
    shown = (await inventory_api.get("/backorders", params={"sku": sku, "limit": 1})).json()
    rest = (await inventory_api.get("/backorders", params={"sku": sku, "cursor": shown["nextCursor"]})).json()

    await put(inventory, shop, sku, 3)
    cart = await reserve(inventory_api, (sku, 1))
    newcomer = await place(inventory, sku, 1)

    queue = [(each["orderId"], each["quantity"]) for each in (*shown["items"], *rest["items"])]
    assert queue == [(str(short.order_id), 4), (str(old.order_id), 2)]
    assert await units(inventory, short) == ("short", 3, 1)
    assert cart.status_code == 409
    assert [await units(inventory, each) for each in (old, newcomer)] == [("backordered", 0, 2), ("backordered", 0, 1)]
    await put(inventory, shop, sku, 4)
    await exchange(inventory, shop, short)
    assert await units(inventory, short) == ("committed", 4, 0)
    assert [await units(inventory, each) for each in (old, newcomer)] == [("reserved", 2, 0), ("reserved", 1, 0)]


async def test_an_order_that_is_short_leaves_the_queue_when_it_is_cancelled(inventory: Inventory, sku: str) -> None:
    shop = Shop()
    await put(inventory, shop, sku, 4)
    short = await place(inventory, sku, 4)
    await exchange(inventory, shop, short)
    shop.fall_short(sku)
    await inventory.stock(*shop.stock_log)
    await exchange(inventory, shop, short)

    await inventory.order(changed(short, status=OrderStatus.CANCELLED))

    assert await rows_by_hand("inventory", "SELECT 1 FROM backorder") == []
    assert not (await inventory.available(sku)).has_backorders
