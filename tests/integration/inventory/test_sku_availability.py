"""The row of a SKU names the stores that have units to sell online, whatever changes these."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from contracts.inventory.availability import stores_in
from contracts.orders import OrderDetailRow, OrderRow
from inventory import availability_rows, settings
from inventory.decisions.rules import StockKey
from inventory.levels import Levels, Shelf
from inventory.sku_availability.refreshing import refresh
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.eventually import eventually
from tests.support.stock.inventory import SEATTLE, availability, put_stock, put_store, reserve, reserved
from tests.support.stock.sourcing import Inventory, a_stock, an_order, empty_inventory
from tests.support.system.binlogs import administrator

LIMA, QUITO = "lima", "quito"
WAITING = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened


@pytest.fixture
async def database(inventory_api: httpx.AsyncClient) -> AsyncIterator[Database]:
    own = settings.database()
    yield own
    await own.close()


@pytest.fixture
def sku() -> str:
    return f"SKU {uuid4()}"


async def stores_of(sku: str) -> tuple[list[str], int]:
    """The stores that have units of the SKU, and the version of its row."""
    [row] = await rows_by_hand("inventory", "SELECT * FROM sku_availability WHERE sku = %s", [sku])
    return stores_in(row["available_at"]), row["version"]


async def put_units(database: Database, sku: str, **units: int) -> None:
    for store_id, quantity in units.items():
        await put_stock(sku, quantity, store_id)
    await refresh(database, sku=sku)


async def sell(database: Database, sku: str, store_id: str, left: int) -> None:
    """What a store says after a sale, or a delivery."""
    async with database.transaction() as tx:
        levels = Levels(await availability_rows.lock(tx, [f"{store_id}/{sku}"]))
        key = StockKey(store_id, sku)
        levels.restock(key, Shelf(left, 0, 0, levels[key].stock_version + 1))
        await availability_rows.write(tx, levels, levels.changed(NOON))


async def test_a_cart_takes_the_last_units_and_gives_them_back(
    inventory_api: httpx.AsyncClient, database: Database, sku: str
) -> None:
    await put_units(database, sku, seattle=3)
    first = await reserved(inventory_api, (sku, 2))
    assert await stores_of(sku) == ([SEATTLE], 1)

    last = await reserved(inventory_api, (sku, 1))
    assert await stores_of(sku) == ([], 2)

    await inventory_api.post(f"/reservations/{last['id']}/release")
    assert await stores_of(sku) == ([SEATTLE], 3)
    await inventory_api.post(f"/reservations/{first['id']}/release")
    assert await stores_of(sku) == ([SEATTLE], 3)
    assert (await availability(sku))["reserved"] == 0


async def test_a_cart_of_two_stores_takes_the_last_units_of_both(
    inventory_api: httpx.AsyncClient, database: Database, sku: str
) -> None:
    await put_units(database, sku, seattle=2, lima=1)

    made = await reserved(inventory_api, (sku, 3))

    assert await stores_of(sku) == ([], 2)
    await inventory_api.post(f"/reservations/{made['id']}/release")
    assert await stores_of(sku) == ([LIMA, SEATTLE], 3)


async def test_a_cart_that_takes_no_last_unit_needs_no_lock_of_the_sku(
    inventory_api: httpx.AsyncClient, database: Database, sku: str
) -> None:
    await put_units(database, sku, seattle=3)

    async with database.transaction() as tx:
        await tx.fetch_one("SELECT 1 FROM sku_availability WHERE sku = %s FOR UPDATE", [sku])
        made = await reserved(inventory_api, (sku, 2))
        released = await inventory_api.post(f"/reservations/{made['id']}/release")

    assert released.status_code == 200


async def test_two_stores_that_sell_their_last_unit_at_once_both_leave(
    inventory_api: httpx.AsyncClient, database: Database, sku: str
) -> None:
    """The second waits for the first, and removes its store from what the first has left."""
    await put_units(database, sku, lima=1, quito=1, seattle=1)

    async with database.transaction() as tx:
        levels = Levels(await availability_rows.lock(tx, [f"{LIMA}/{sku}"]))
        levels.restock(StockKey(LIMA, sku), Shelf(0, 0, 0, 2))
        await availability_rows.write(tx, levels, levels.changed(NOON))
        await tx.fetch_one("SELECT 1")
        other = asyncio.create_task(sell(database, sku, QUITO, left=0))

        async def is_waiting() -> None:
            async with administrator() as connection:
                assert await connection.fetch_one(WAITING)

        await eventually(is_waiting)
    await other

    assert await stores_of(sku) == ([SEATTLE], 3)


async def test_an_order_takes_the_last_units_and_a_delivery_brings_more(inventory: Inventory) -> None:
    await inventory.stock(a_stock("A", 2))
    assert await stores_of("A") == ([SEATTLE], 2)

    await inventory.order(*an_order_of(2))
    assert await stores_of("A") == ([], 3)

    await inventory.stock(a_stock("A", 5, version=2))
    assert await stores_of("A") == ([SEATTLE], 4)
    await inventory.stock(a_stock("A", 6, version=3))
    assert await stores_of("A") == ([SEATTLE], 4)


async def test_units_of_a_cart_that_expired_are_for_sale_again(inventory: Inventory) -> None:
    await inventory.stock(a_stock("A", 2))
    await inventory.hold(expires_in_s=10, A=2)
    await refresh(inventory.database, sku="A")
    assert (await stores_of("A"))[0] == []

    inventory.clock.advance(11)
    await inventory.sweep()

    assert (await stores_of("A"))[0] == [SEATTLE]


async def test_a_store_that_stops_to_sell_online_leaves_and_comes_back(
    inventory_api: httpx.AsyncClient, database: Database, sku: str
) -> None:
    await put_store(QUITO)
    await put_units(database, sku, quito=4, seattle=4)

    async def turn(*, on: bool) -> None:
        read = await inventory_api.get("/stores/quito")
        headers = {"If-Match": read.headers["ETag"], "Content-Type": "application/merge-patch+json"}
        answer = await inventory_api.patch("/stores/quito", json={"sellsOnline": on}, headers=headers)
        assert answer.status_code == 200

    await turn(on=False)
    assert (await stores_of(sku))[0] == [SEATTLE]
    await sell(database, sku, QUITO, left=0)
    await sell(database, sku, QUITO, left=3)
    assert (await stores_of(sku))[0] == [SEATTLE]
    await turn(on=True)
    assert (await stores_of(sku))[0] == [QUITO, SEATTLE]


async def test_a_policy_changes_which_stores_have_units(
    inventory_api: httpx.AsyncClient, database: Database, sku: str
) -> None:
    await put_units(database, sku, seattle=4)
    await put_store()

    await inventory_api.put(f"/stock-policies/*/{sku}", json={"safetyMargin": 4})
    assert (await stores_of(sku))[0] == []

    await inventory_api.put(f"/stock-policies/seattle/{sku}", json={"safetyMargin": 3})
    assert (await stores_of(sku))[0] == [SEATTLE]


async def test_rows_that_were_changed_by_hand_are_corrected(
    inventory_api: httpx.AsyncClient, database: Database, sku: str
) -> None:
    await put_units(database, sku, lima=1, quito=1, seattle=1)
    await by_hand("inventory", "DELETE FROM availability WHERE stock_id = %s", [f"{LIMA}/{sku}"])
    await by_hand("inventory", "UPDATE availability SET on_hand = 0 WHERE stock_id = %s", [f"{QUITO}/{sku}"])

    assert await refresh(database, sku=sku) == 1
    assert await refresh(database, sku=sku) == 0

    assert (await stores_of(sku))[0] == [SEATTLE]


async def test_after_many_sales_at_once_each_row_names_the_stores_that_have_units(
    inventory_api: httpx.AsyncClient, database: Database, sku: str
) -> None:
    stores, chance = (LIMA, QUITO, SEATTLE), random.Random(13)
    await put_units(database, sku, lima=2, quito=2, seattle=2)

    async def trade() -> None:
        for _ in range(8):
            if chance.random() < 0.5:
                await sell(database, sku, chance.choice(stores), left=chance.randrange(3))
                continue
            answer = await reserve(inventory_api, (sku, chance.randrange(1, 4)))
            if answer.status_code == 201 and chance.random() < 0.8:
                await inventory_api.post(f"/reservations/{answer.json()['id']}/release")

    await asyncio.gather(*(trade() for _ in range(6)))

    rows = [await availability(sku, store_id) for store_id in stores]
    expected = [each["store_id"] for each in rows if each["on_hand"] - each["reserved"] - each["safety_margin"] > 0]
    assert (await stores_of(sku))[0] == expected
    assert (await stores_of(sku))[1] > 4


def an_order_of(units: int) -> list[OrderRow | OrderDetailRow]:
    order, lines = an_order(("A", units))
    return [order, *lines]
