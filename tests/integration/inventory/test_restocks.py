"""Restock requests on the real server: one open one, through all its states, and no unit is counted twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pymysql
import pytest

from contracts.inventory.restocks import InboundRow, RestockRequestRow
from inventory import settings
from inventory.restocking import repository
from inventory.restocking.rules import requested
from inventory.restocking.supplier import supply
from tests.support.shop.rows import NOON
from tests.support.stock.sourcing import STORE, Inventory, Shop, a_stock, an_order, empty_inventory

SKU = "ä/b*'\\"
LEVELS = {"reorder_at": 5, "reorder_to": 20}
STEP_S = 10.0


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, and no safety margin."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened


async def requests(inventory: Inventory) -> list[RestockRequestRow]:
    """All requests, in the sequence in which they were made."""
    rows: list[RestockRequestRow] = await inventory.rows(RestockRequestRow, "restock_request")
    return sorted(rows, key=lambda row: row.restock_request_id)


async def sent(inventory: Inventory) -> list[InboundRow]:
    rows: list[InboundRow] = await inventory.rows(InboundRow, "inbound")
    return rows


async def step(inventory: Inventory) -> int:
    """The supplier does its next step, as it is due."""
    inventory.clock.advance(STEP_S)
    return await supply(inventory.database, inventory.clock, STEP_S)


async def a_shop(inventory: Inventory, units: int) -> Shop:
    """A store with so many units, and levels; inventory knows them."""
    shop = Shop()
    shop.put(SKU, units)
    shop.set_levels(SKU, 5, 20)
    await inventory.stock(*shop.stock_log)
    return shop


async def test_a_stock_at_its_level_is_requested_once(inventory: Inventory) -> None:
    await inventory.stock(a_stock(SKU, 6, **LEVELS))
    assert await requests(inventory) == []

    for version in (2, 2, 3):
        await inventory.stock(a_stock(SKU, 7 - version, version=version, **LEVELS))

    [request] = await requests(inventory)
    assert (request.stock_id, request.quantity, request.status) == (f"{STORE}/{SKU}", 15, "accepted")
    assert (request.version, request.requested_at) == (1, NOON)
    assert (await inventory.available(SKU)).incoming == 0


async def test_an_order_takes_a_stock_to_its_level(inventory: Inventory) -> None:
    shop = await a_shop(inventory, 8)
    order, lines = an_order((SKU, 3))
    await inventory.order(order, *lines)
    assert await requests(inventory) == []

    shop.hear(*await inventory.reservations(order))
    await inventory.answer(*shop.answer_log)

    assert [row.quantity for row in await requests(inventory)] == [15]


async def test_two_workers_make_one_request(inventory: Inventory) -> None:
    rows = [a_stock(SKU, 5 - version % 2, version=version, **LEVELS) for version in range(1, 9)]

    await asyncio.gather(*(Inventory(inventory.database).stock(row) for row in rows))

    assert len(await requests(inventory)) == 1


async def test_the_table_refuses_a_second_open_request(inventory: Inventory) -> None:
    async def insert(status: str) -> None:
        row = requested(uuid4(), f"{STORE}/{SKU}", STORE, SKU, 1, NOON)
        values: dict[str, Any] = {name: getattr(row, name) for name in row.__struct_fields__} | {"status": status}
        async with inventory.database.transaction() as tx:
            repository.insert_later(tx, [RestockRequestRow(**values)])

    for status in ("received", "cancelled", "received", "completed"):
        await insert(status)
    for status in ("accepted", "manufacturing", "completed"):
        with pytest.raises(pymysql.err.IntegrityError):
            await insert(status)

    assert len(await requests(inventory)) == 4


async def test_a_supplier_takes_its_time_for_each_step(inventory: Inventory) -> None:
    await a_shop(inventory, 4)

    inventory.clock.advance(STEP_S / 2)
    early = await supply(inventory.database, inventory.clock, STEP_S)
    statuses = []
    for _ in range(3):
        moved = await step(inventory)
        [request] = await requests(inventory)
        statuses.append((request.status, request.version, moved))

    assert early == 0
    assert statuses == [("manufacturing", 2, 1), ("completed", 3, 1), ("completed", 3, 0)]
    [inbound] = await sent(inventory)
    assert (inbound.inbound_id, inbound.quantity) == (request.restock_request_id, 16)
    assert (inbound.reason, inbound.store_id, inbound.sent_at) == ("restock", STORE, request.updated_at)
    assert (await inventory.available(SKU)).incoming == 16


async def test_two_suppliers_send_the_units_once(inventory: Inventory) -> None:
    await a_shop(inventory, 4)
    await step(inventory)
    inventory.clock.advance(STEP_S)

    moved = await asyncio.gather(*(supply(inventory.database, inventory.clock, STEP_S) for _ in range(4)))

    assert sum(moved) == 1
    assert len(await sent(inventory)) == 1
    assert (await inventory.available(SKU)).incoming == 16


@pytest.mark.parametrize("arrival", ["stock receipt", "receipt stock", "receipt stock receipt stock", "receipt"])
async def test_units_are_incoming_or_on_hand_in_whatever_order_records_come(inventory: Inventory, arrival: str) -> None:
    shop = await a_shop(inventory, 4)
    await step(inventory)
    await step(inventory)
    shop.book(*await sent(inventory))

    seen = []
    for topic in arrival.split():
        await (inventory.stock(*shop.stock_log) if topic == "stock" else inventory.receipt(*shop.receipt_log))
        level = await inventory.available(SKU)
        seen.append((level.on_hand, level.incoming))

    assert set(seen) == {(20, 0)}
    [request] = await requests(inventory)
    assert (request.status, request.added, request.refused, request.version) == ("received", 16, 0, 4)


async def test_an_answer_brings_delivered_units_before_their_stock_and_receipt(inventory: Inventory) -> None:
    shop = await a_shop(inventory, 4)
    await step(inventory)
    await step(inventory)
    order, lines = an_order((SKU, 1))
    await inventory.order(order, *lines)
    shop.book(*await sent(inventory))
    shop.hear(*await inventory.reservations(order))

    await inventory.answer(*shop.answer_log)

    level = await inventory.available(SKU)
    assert (level.on_hand, level.committed, level.incoming, level.delivered) == (20, 1, 0, 16)
    assert [row.status for row in await requests(inventory)] == ["completed"]


async def test_a_delivery_by_hand_comes_first_and_the_receipt_says_what_was_refused(inventory: Inventory) -> None:
    shop = await a_shop(inventory, 4)
    await step(inventory)
    await step(inventory)
    shop.put(SKU, 10)
    shop.book(*await sent(inventory))

    await inventory.receipt(*shop.receipt_log)

    [request] = await requests(inventory)
    assert (request.status, request.added, request.refused) == ("received", 6, 10)
    level = await inventory.available(SKU)
    assert (level.on_hand, level.incoming, level.delivered) == (20, 0, 16)


async def test_a_store_whose_units_are_committed_is_restocked(inventory: Inventory) -> None:
    """Its level is about the units that can be sold, when it requests and when it takes them."""
    shop = await a_shop(inventory, 20)
    order, lines = an_order((SKU, 18))
    await inventory.order(order, *lines)
    shop.hear(*await inventory.reservations(order))
    await inventory.answer(*shop.answer_log)
    await step(inventory)
    await step(inventory)
    shop.book(*await sent(inventory))

    await inventory.receipt(*shop.receipt_log)
    await inventory.stock(*shop.stock_log)

    assert [(row.status, row.added, row.refused) for row in await requests(inventory)] == [("received", 18, 0)]
    level = await inventory.available(SKU)
    assert (level.on_hand, level.committed, level.available) == (38, 18, 20)


async def test_more_is_requested_at_once_if_units_were_sold_meanwhile(inventory: Inventory) -> None:
    shop = await a_shop(inventory, 5)
    await step(inventory)
    await step(inventory)
    shop.put(SKU, -5)
    shop.set_levels(SKU, 15, 40)
    shop.book(*await sent(inventory))

    await inventory.receipt(*shop.receipt_log)
    assert [row.status for row in await requests(inventory)] == ["received"]
    await inventory.stock(*shop.stock_log)

    assert [(row.status, row.quantity) for row in await requests(inventory)] == [("received", 15), ("accepted", 25)]


async def test_a_stock_that_was_deleted_is_not_restocked(inventory: Inventory) -> None:
    await inventory.stock(a_stock(SKU, 8, **LEVELS))

    await inventory.stock(a_stock(SKU, 8, is_deleted=True, **LEVELS))

    assert (await inventory.available(SKU)).on_hand == 0
    assert await requests(inventory) == []


async def test_a_receipt_of_nothing_that_is_known_changes_only_the_units(inventory: Inventory) -> None:
    shop = await a_shop(inventory, 8)
    unknown = InboundRow(
        inbound_id=UUID(int=1), stock_id=f"{STORE}/{SKU}", store_id=STORE, sku=SKU, quantity=2, reason="return",
        sent_at=NOON, version=1,
    )  # fmt: skip
    shop.book(unknown)

    await inventory.receipt(*shop.receipt_log)

    level = await inventory.available(SKU)
    assert (level.on_hand, level.incoming, level.delivered) == (10, 0, 2)
    assert await requests(inventory) == []
