"""Two transactions that change the queue of a SKU at once take turns, also if no store has ever had it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from uuid import UUID

import pytest

from chassis.databases.mysql import Connection
from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.sourcing import read_lines
from contracts.orders import OrderDetailRow, OrderRow, OrderStatus
from inventory import availability_rows, settings
from inventory.decisions.rules import StockKey
from inventory.orders import repository
from inventory.orders.facts import Order
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.rows import NOON
from tests.support.stock.inventory import put_store
from tests.support.stock.sourcing import Inventory, Shop, a_stock, an_order, changed, empty_inventory
from tests.support.system.binlogs import administrator

WAITING = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        await put_store()
        yield opened


async def allow(sku: str, limit: int) -> None:
    """Let orders wait for so many units."""
    await by_hand(
        "inventory",
        "REPLACE INTO stock_policy (policy_id, safety_margin, backorders, backorder_limit, created_at, updated_at,"
        " version) VALUES (%s, 0, 'limit', %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)",
        [f"*/{sku}", limit],
    )


def order_of(number: int, sku: str, units: int) -> tuple[OrderRow, list[OrderDetailRow]]:
    """An order whose id has this number: rows of other orders may be between two of them."""
    return an_order((sku, units), order_id=UUID(int=number))


async def backordered(inventory: Inventory, order: OrderRow) -> tuple[str, int]:
    sourcing = await inventory.sourcing(order)
    assert sourcing is not None
    return sourcing.status, sum(line.backordered for line in read_lines(sourcing.lines))


async def is_waiting() -> None:
    """Some transaction waits for a lock."""
    async with administrator() as connection:
        assert await connection.fetch_one(WAITING)


def after_the_first_look(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[None]]) -> None:
    """Do something else once the first transaction has begun to read, and before it writes."""
    read_orders, calls = repository.orders, list[None]()

    async def read_and_act(tx: Connection, order_ids: Sequence[str]) -> list[Order]:
        orders = await read_orders(tx, order_ids)
        calls.append(None)
        if len(calls) == 1:
            await act()
        return orders

    monkeypatch.setattr(repository, "orders", read_and_act)


async def test_two_orders_at_once_keep_the_limit_of_a_sku_that_no_store_has(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allow("A", 4)
    await allow("B", 9)
    between, its = order_of(5, "B", 1)
    await inventory.order(between, *its)  # else InnoDB would see a deadlock between the two
    first, first_line = order_of(1, "A", 3)
    second, second_line = order_of(9, "A", 3)
    tasks = list[asyncio.Task[None]]()

    async def begin_the_second() -> None:
        tasks.append(asyncio.create_task(inventory.order(second, *second_line)))

        async def is_done_or_waits() -> None:
            if not tasks[0].done():
                await is_waiting()

        await eventually(is_done_or_waits)

    after_the_first_look(monkeypatch, begin_the_second)
    await inventory.order(first, *first_line)
    await tasks[0]

    assert await backordered(inventory, first) == ("backordered", 3)
    assert await backordered(inventory, second) == ("refused", 0)


async def test_a_store_that_gets_its_first_units_while_a_queue_begins_knows_of_it(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allow("A", 4)
    await inventory.stock(a_stock("A", 0))
    order, lines = order_of(1, "A", 3)

    async def make_another() -> None:
        await availability_rows.make_missing(inventory.database, [StockKey("lima", "A")], 0, NOON)

    after_the_first_look(monkeypatch, make_another)
    await inventory.order(order, *lines)

    rows = await inventory.rows(AvailabilityRow, "availability")
    assert {row.store_id: row.has_backorders for row in rows} == {"lima": True, "seattle": True}


async def test_a_store_that_gets_its_first_units_while_a_queue_ends_knows_of_it(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allow("A", 4)
    await inventory.stock(a_stock("A", 0))
    order, lines = order_of(1, "A", 3)
    await inventory.order(order, *lines)

    async def make_another() -> None:
        await availability_rows.make_missing(inventory.database, [StockKey("lima", "A")], 0, NOON)

    after_the_first_look(monkeypatch, make_another)
    await inventory.order(changed(order, status=OrderStatus.CANCELLED))

    rows = await inventory.rows(AvailabilityRow, "availability")
    assert {row.store_id: row.has_backorders for row in rows} == {"lima": False, "seattle": False}


async def test_an_order_leaves_the_queue_of_a_sku_that_no_store_has_and_none_may_wait_for(
    inventory: Inventory,
) -> None:
    await allow("A", 4)
    order, lines = order_of(1, "A", 3)
    await inventory.order(order, *lines)
    await by_hand("inventory", "UPDATE stock_policy SET backorders = 'no'")

    await inventory.order(changed(order, status=OrderStatus.CANCELLED))

    assert await rows_by_hand("inventory", "SELECT * FROM backorder") == []


async def test_units_of_a_sku_that_no_store_had_go_to_the_order_that_waits(inventory: Inventory) -> None:
    await allow("A", 4)
    order, lines = order_of(1, "A", 3)
    await inventory.order(order, *lines)
    shop = Shop()
    shop.put("A", 3)

    await inventory.stock(*shop.stock_log)

    assert await inventory.status(order) == "reserved"
    assert not (await inventory.available("A")).has_backorders
