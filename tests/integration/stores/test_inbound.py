"""A store books what suppliers and customers send to it: once, and of a supplier's units no more than it wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.inventory.restocks import InboundReason
from stores.reading.reader import record_key
from tests.support.by_hand import rows_by_hand
from tests.support.shop.builders import client
from tests.support.shop.on_topics import put
from tests.support.stock.store import (
    DATABASE,
    PATH,
    STORE,
    Till,
    answered,
    booked,
    check_books,
    inbound,
    new_sku,
    open_store,
    receipts,
    reservation,
)
from tests.support.system.processes import process


@pytest.fixture
async def till(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Till]:
    async with open_store(monkeypatch) as opened:
        yield opened


async def a_stock(till: Till, units: int, reorder_at: int, reorder_to: int) -> str:
    """A new SKU with so many units, and the levels at which more is ordered."""
    sku = new_sku()
    await till.move(sku, units)
    path = f"{PATH}/stock/{sku.replace('/', '%2F')}"
    read = await till.http.get(path)
    headers = {"If-Match": read.headers["ETag"], "Content-Type": "application/merge-patch+json"}
    answer = await till.http.patch(path, json={"reorderAt": reorder_at, "reorderTo": reorder_to}, headers=headers)
    assert answer.status_code == 200, answer.text
    return sku


async def test_units_of_a_supplier_are_added_up_to_the_level(till: Till) -> None:
    sku = await a_stock(till, 4, 5, 20)
    first, second = inbound(sku, 16), inbound(sku, 3)

    await put(first)
    await booked(first.inbound_id)
    await till.move(sku, -1)
    await put(second)
    await booked(second.inbound_id)

    assert [(row["added"], row["refused"]) for row in await receipts(sku)] == [(16, 0), (1, 2)]
    assert await till.units(sku) == (20, 0, 0)
    [_, moved, _, last] = await rows_by_hand(
        DATABASE, "SELECT * FROM stock_movement WHERE sku = %s ORDER BY sequence", [sku]
    )
    assert (moved["delta"], moved["reason"], moved["reference"]) == (16, "received", f"inbound:{first.inbound_id}")
    assert (last["delta"], last["on_hand_after"]) == (1, 20)
    await check_books(sku)


async def test_committed_units_make_room_for_others(till: Till) -> None:
    sku = await a_stock(till, 18, 5, 20)
    wanted, sent = reservation(sku, 15), inbound(sku, 18)
    await put(wanted)
    await answered(wanted.reservation_id)

    await put(sent)
    receipt = await booked(sent.inbound_id)

    assert (receipt["added"], receipt["refused"]) == (17, 1)
    assert await till.units(sku) == (35, 0, 15)
    await check_books(sku)


async def test_units_that_orders_wait_for_are_taken_beyond_the_level(till: Till) -> None:
    sku = await a_stock(till, 18, 5, 20)
    sent = inbound(sku, 9, backordered=6)

    await put(sent)
    receipt = await booked(sent.inbound_id)

    assert (receipt["added"], receipt["refused"], receipt["on_hand"]) == (8, 1, 26)
    await check_books(sku)


async def test_an_inbound_that_comes_again_adds_nothing(till: Till) -> None:
    sku = await a_stock(till, 1, 5, 20)
    sent, last = inbound(sku, 10), inbound(sku, 1)

    await put(sent, sent)
    await booked(sent.inbound_id)
    await put(sent, last, sent)
    receipt = await booked(last.inbound_id)

    assert await till.units(sku) == (12, 0, 0)
    assert (receipt["on_hand"], receipt["delivered"]) == (12, 11)
    assert len(await receipts(sku)) == 2
    await check_books(sku)


async def test_a_delivery_by_hand_while_units_are_on_their_way(till: Till) -> None:
    """It is never limited: the units are there. What was on its way is refused."""
    sku = await a_stock(till, 4, 5, 20)
    sent = inbound(sku, 16)

    by_hand = await till.move(sku, 18)
    await put(sent)
    receipt = await booked(sent.inbound_id)

    assert by_hand.status_code == 201
    assert (receipt["added"], receipt["refused"], receipt["on_hand"]) == (0, 16, 22)
    assert receipt["stock_version"] == 4, "the units that were delivered are in the row"
    assert await till.units(sku) == (22, 0, 0)
    await check_books(sku)


async def test_returned_units_are_never_refused_and_damaged_ones_cannot_be_sold(till: Till) -> None:
    sku = await a_stock(till, 20, 5, 20)
    returned = inbound(sku, 3, InboundReason.RETURN, unsellable=2)

    await put(returned)
    receipt = await booked(returned.inbound_id)

    assert (receipt["added"], receipt["refused"], receipt["reason"]) == (3, 0, "return")
    assert await till.units(sku) == (23, 2, 0)
    [moved] = await rows_by_hand(DATABASE, "SELECT * FROM stock_movement WHERE sku = %s AND sequence = 2", [sku])
    assert (moved["reason"], moved["delta"], moved["unsellable_delta"]) == ("returned", 3, 2)
    await check_books(sku)


async def test_the_first_units_of_a_sku_may_be_inbound(till: Till) -> None:
    sku, others = new_sku(), inbound(new_sku(), 5, store_id="lima")
    sent, deleted = inbound(sku, 5), inbound(sku, 7, is_deleted=True)

    await put(others, deleted, sent)
    receipt = await booked(sent.inbound_id)

    assert (receipt["added"], receipt["refused"], receipt["stock_version"]) == (5, 0, 1)
    assert await till.units(sku) == (5, 0, 0)
    assert await receipts(others.sku) == []


async def test_units_can_be_committed_once_they_have_arrived(till: Till) -> None:
    sku = new_sku()
    sent, wanted = inbound(sku, 5), reservation(sku, 4)

    await put(sent)
    await booked(sent.inbound_id)
    await put(wanted)
    answer = await answered(wanted.reservation_id)

    assert (answer["state"], answer["on_hand"], answer["committed"], answer["delivered"]) == ("committed", 5, 4, 5)
    assert await till.units(sku) == (5, 0, 4)
    await check_books(sku)


def test_both_topics_of_a_store_have_the_same_key() -> None:
    assert record_key(STORE) == b'{"store_id":"seattle"}'


async def test_a_store_is_killed_while_it_books() -> None:
    sku = new_sku()
    sent = [inbound(sku, 1) for _ in range(200)]
    async with process("store_seattle") as store:
        await put(*sent[:100])
        await booked(sent[0].inbound_id)
        await asyncio.gather(put(*sent[100:]), _kill(store))

    async with process("store_seattle"), client("store_seattle") as http:
        await booked(sent[-1].inbound_id)

        assert await Till(http).units(sku) == (200, 0, 0)
        assert len(await receipts(sku)) == 200
        await check_books(sku)


async def _kill(store: asyncio.subprocess.Process) -> None:
    store.kill()
