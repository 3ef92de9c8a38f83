"""What stores say: the newest stock counts, unknown stores are made, and freshness follows what was processed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiokafka import TopicPartition

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.stores import StoreRow
from contracts.stores import STOCK, STORE_HEARTBEAT, StoreHeartbeatRow
from inventory import settings
from inventory.answers.heartbeats import Heartbeats, note
from inventory.availability_rows import apply_margins
from tests.support.shop.rows import NOON, a_batch
from tests.support.stock.sourcing import Inventory, Shop, a_stock, an_order, empty_inventory

SKU = "ä/b*'\\"


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database and a safety margin of 3."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 3)
    async with empty_inventory() as opened:
        yield opened


async def stores(inventory: Inventory) -> dict[str, StoreRow]:
    return {row.store_id: row for row in await inventory.rows(StoreRow, "store")}


async def test_a_stock_of_an_unknown_store_makes_the_store(inventory):
    await inventory.stock(a_stock(SKU, 5), a_stock("B", 1))

    assert (await stores(inventory))["seattle"].sells_online
    level = await inventory.available(SKU)
    assert (level.on_hand, level.safety_margin, level.available_to_promise) == (5, 3, 2)


async def test_the_newest_stock_counts_in_whatever_order_it_arrives(inventory):
    for version in (2, 1, 3, 3, 2):
        await inventory.stock(a_stock(SKU, 10 * version, version=version))

    level = await inventory.available(SKU)
    assert (level.on_hand, level.stock_version) == (30, 3)
    assert level.version == 3, "a row without news has no new version"


async def test_levels_of_a_stock_arrive_after_the_answer_with_its_units(inventory):
    shop = Shop()
    shop.put("A", 9)
    await inventory.stock(*shop.stock_log)
    order, lines = an_order(("A", 1))
    await inventory.order(order, *lines)
    shop.hear(*await inventory.reservations(order))
    await inventory.answer(*shop.answer_log)

    await inventory.stock(a_stock("A", 9, committed=1, version=2, reorder_at=4, reorder_to=20))

    level = await inventory.available("A")
    assert (level.stock_version, level.reorder_at, level.reorder_to) == (2, 4, 20)


async def test_a_deleted_stock_has_no_units(inventory):
    await inventory.stock(a_stock(SKU, 5))

    await inventory.stock(a_stock(SKU, 5, is_deleted=True))

    assert (await inventory.available(SKU)).on_hand == 0


async def test_the_margin_of_a_policy_wins_over_the_default(inventory):
    async with inventory.database.reading() as connection:
        for policy_id, margin in (("seattle/*", 7), ("*/B", 1)):
            await connection.execute(
                "INSERT INTO stock_policy VALUES (%s, TRUE, %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1, 'no',"
                " NULL, NULL)",
                (policy_id, margin),
            )
    await inventory.stock(a_stock("A", 9), a_stock("B", 9), a_stock("C", 9, store_id="lima", stock_id="lima/C"))

    async def margins() -> dict[str, int]:
        return {row.sku: row.safety_margin for row in await inventory.rows(AvailabilityRow, "availability")}

    assert await margins() == {"A": 7, "B": 1, "C": 3}
    assert await apply_margins(inventory.database, 0, NOON) == 1
    assert await margins() == {"A": 7, "B": 1, "C": 0}


async def test_a_store_is_as_fresh_as_what_was_processed(inventory):
    partition = TopicPartition(STOCK.name, 0)
    ends, processed = {partition: 5}, {partition: 4}

    async def read_ends() -> dict[TopicPartition, int]:
        return {**ends}

    async def read_processed() -> dict[TopicPartition, int]:
        return {**processed}

    inventory.clock.advance(60)
    heartbeats = Heartbeats(inventory.database, inventory.clock, read_ends, read_processed)

    async def beat(seconds: int) -> None:
        beaten_at = NOON + timedelta(seconds=seconds)
        row = StoreHeartbeatRow(store_id="seattle", beaten_at=beaten_at, version=1)
        await heartbeats.handle(a_batch(STORE_HEARTBEAT, [row]))

    await beat(0)
    ends[partition] = 7
    await beat(10)
    assert await stores(inventory) == {}

    processed[partition] = 6
    await heartbeats.advance()
    assert (await stores(inventory))["seattle"].fresh_until == NOON
    processed[partition] = 7
    await heartbeats.advance()
    assert (await stores(inventory))["seattle"].fresh_until == NOON + timedelta(seconds=10)
    await beat(5)
    assert (await stores(inventory))["seattle"].fresh_until == NOON + timedelta(seconds=10), "never goes back"


async def test_a_store_whose_clock_is_ahead_is_no_fresher_than_now(inventory):
    async with inventory.database.transaction() as tx:
        await note(tx, {"seattle": NOON + timedelta(hours=1), "lima": NOON - timedelta(seconds=1)}, NOON)

    fresh = {store_id: row.fresh_until for store_id, row in (await stores(inventory)).items()}
    assert fresh == {"seattle": NOON, "lima": NOON - timedelta(seconds=1)}


async def test_heartbeats_that_come_meanwhile_are_noted_together(inventory):
    asking, answered = asyncio.Event(), asyncio.Event()
    asked: list[None] = []

    async def ends() -> dict[TopicPartition, int]:
        asked.append(None)
        asking.set()
        await answered.wait()
        return {}

    async def nothing() -> dict[TopicPartition, int]:
        return {}

    heartbeats = Heartbeats(inventory.database, inventory.clock, ends, nothing)
    rows = [StoreHeartbeatRow(store_id=f"store-{number}", beaten_at=NOON, version=1) for number in range(20)]
    first = asyncio.create_task(heartbeats.handle(a_batch(STORE_HEARTBEAT, rows[:1])))
    await asking.wait()
    for row in rows[1:]:
        await heartbeats.handle(a_batch(STORE_HEARTBEAT, [row]))
    answered.set()
    await first

    assert len(asked) == 2
    assert {store_id: row.fresh_until for store_id, row in (await stores(inventory)).items()} == {
        row.store_id: NOON for row in rows
    }


@pytest.mark.parametrize(("days", "version"), [(4.9, 1), (5.1, 2)])
async def test_a_store_that_comes_back_after_days_is_asked_again(inventory, days, version):
    """What the topic has no more is sent again, before the store counts as fresh."""
    await inventory.stock(a_stock("A", 9), a_stock("A", 9, store_id="lima", stock_id="lima/A"))
    order, lines = an_order(("A", 1))
    await inventory.order(order, *lines)
    [asked] = await inventory.reservations(order)
    await heard_of(inventory, asked.store_id)
    inventory.clock.advance(days * 24 * 3600)

    await heard_of(inventory, "unknown")
    assert await inventory.reservations(order) == [asked]
    await heard_of(inventory, asked.store_id)
    await heard_of(inventory, asked.store_id)

    [row] = await inventory.reservations(order)
    assert (row.version, row.state) == (version, asked.state)


async def heard_of(inventory: Inventory, store_id: str) -> None:
    """A sign of life of now, with all before it processed."""

    async def nothing() -> dict[TopicPartition, int]:
        return {}

    row = StoreHeartbeatRow(store_id=store_id, beaten_at=inventory.clock(), version=1)
    await Heartbeats(inventory.database, inventory.clock, nothing, nothing).handle(a_batch(STORE_HEARTBEAT, [row]))
