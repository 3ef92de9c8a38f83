"""The sourcing policy at both doors, carts and orders; and what becomes of units that a store refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from contracts.orders import OrderDetailRow, OrderRow, OrderStatus
from inventory import settings
from inventory.api import app
from inventory.decisions.sourcing_policy import SourcingPolicy, Split, StaleStores
from inventory.sweeps import source_short
from inventory.times import now
from tests.support.apps import running
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.shop.rows import HOME, NOON, written
from tests.support.stock.inventory import put_store, reserve
from tests.support.stock.sourcing import Inventory, Shop, an_order, changed, check_sums, empty_inventory

TO_BERLIN = {"country": "DE", "region": "BE", "city": "Berlin", "latitude": 52.520008, "longitude": 13.404954}
BERLIN = {"country": "DE", "region": "BE", "city": "Berlin", "latitude": 52.52, "longitude": 13.4}
MUNICH = {"country": "DE", "region": "BY", "city": "München", "latitude": 48.14, "longitude": 11.58}


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, which promises the last unit."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened
        await check_sums(opened)


async def open_shop(inventory: Inventory, store_id: str, place: dict[str, Any], **units: int) -> Shop:
    """A store with units, heard of just now."""
    shop = Shop(store_id)
    for sku, quantity in units.items():
        shop.put(sku, quantity)
    await inventory.stock(*shop.stock_log)
    await put_store(store_id, **place)
    return shop


def to_berlin(*lines: tuple[str, int]) -> tuple[OrderRow, list[OrderDetailRow]]:
    """An order that goes to Berlin."""
    berlin = {"region": "BE", "latitude": Decimal("52.520008"), "longitude": Decimal("13.404954")}
    return an_order(*lines, delivery_addresses=written([msgspec.structs.replace(HOME, **berlin)]))


async def exchange(inventory: Inventory, order: OrderRow, *shops: Shop) -> None:
    """The stores read the reservations of the order as they are, and their answers come back."""
    rows = sorted(await inventory.reservations(order), key=lambda row: row.wanted != "release")
    for shop in shops:
        shop.hear(*rows)
        answers, shop.answer_log = shop.answer_log, []
        if answers:
            await inventory.answer(*answers)


async def stores_of_an_order(inventory: Inventory, *lines: tuple[str, int]) -> list[str]:
    order, its = to_berlin(*lines)
    await inventory.order(order, *its)
    return sorted({row.store_id for row in await inventory.reservations(order)})


async def stores_of_a_cart(_: Inventory, *lines: tuple[str, int]) -> list[str]:
    """By an API of its own: each remembers for a second what it knows of stores."""
    async with running(app()) as http:
        answer = await reserve(http, *lines, destination=TO_BERLIN)
    if answer.status_code != 201:
        assert answer.json()["type"].endswith("insufficient-stock")
        return []
    return sorted({part["storeId"] for line in answer.json()["lines"] for part in line["parts"]})


@pytest.fixture
def skus() -> tuple[str, str]:
    """Two SKUs that Redis does not remember from another test."""
    return f"A-{uuid4()}", f"B-{uuid4()}"


DOORS = pytest.mark.parametrize("door", [stores_of_a_cart, stores_of_an_order])


async def silent(door: Any, store_id: str, seconds: float) -> None:
    """The store was last heard of so long ago, by the clock of that door."""
    moment = now() if door is stores_of_a_cart else NOON.replace(tzinfo=None)
    sql = "UPDATE store SET fresh_until = %s WHERE store_id = %s"
    await by_hand("inventory", sql, [moment - timedelta(seconds=seconds), store_id])


@DOORS
async def test_a_stale_nearer_store_loses_to_a_fresh_farther_one(
    inventory: Inventory, door: Any, skus: tuple[str, str]
) -> None:
    sku, _ = skus
    for name, place in (("berlin", BERLIN), ("munich", MUNICH)):
        await open_shop(inventory, name, place, **{sku: 9})
        await silent(door, name, -60)

    nearest = await door(inventory, (sku, 1))
    await silent(door, "berlin", settings.STORE_STALE_S + 5)
    fresh = await door(inventory, (sku, 1))

    assert (nearest, fresh) == (["berlin"], ["munich"])


@DOORS
async def test_a_stale_store_is_not_asked_if_the_setting_says_never(
    inventory: Inventory, door: Any, skus: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sku, _ = skus
    await open_shop(inventory, "berlin", BERLIN, **{sku: 9})
    await silent(door, "berlin", settings.STORE_STALE_S + 5)

    last = await door(inventory, (sku, 1))
    monkeypatch.setattr(settings, "SOURCING_POLICY", SourcingPolicy(stale_stores=StaleStores.NEVER))
    never = await door(inventory, (sku, 1))

    assert (last, never) == (["berlin"], [])


@DOORS
@pytest.mark.parametrize(
    ("split", "stores"), [(Split.UNITS, ["berlin", "munich"]), (Split.LINES, ["berlin", "munich"]), (Split.NEVER, [])]
)
async def test_lines_are_split_as_far_as_the_setting_allows(
    inventory: Inventory,
    door: Any,
    skus: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    split: Split,
    stores: list[str],
) -> None:
    sku, other = skus
    monkeypatch.setattr(settings, "SOURCING_POLICY", SourcingPolicy(split=split))
    await open_shop(inventory, "berlin", BERLIN, **{sku: 2})
    await open_shop(inventory, "munich", MUNICH, **{sku: 1, other: 2})

    assert await door(inventory, (sku, 2), (other, 2)) == stores
    assert await door(inventory, (sku, 3)) == []


async def test_a_destination_is_stored_to_the_first_decimal_and_forgotten_with_the_person(inventory: Inventory) -> None:
    order, lines = to_berlin(("A", 1))
    [address] = order.addresses()

    await inventory.order(order, *lines)
    [before] = await rows_by_hand("inventory", "SELECT destinations FROM replica_order")
    erased = written([msgspec.structs.replace(address, street=None, number=None, latitude=None, longitude=None)])
    await inventory.order(changed(order, delivery_addresses=erased))
    [after] = await rows_by_hand("inventory", "SELECT destinations FROM replica_order")

    place = {"address_id": str(address.address_id), "country": "DE", "region": "BE", "city": "Berlin"}
    assert msgspec.json.decode(before["destinations"]) == [place | {"latitude": 52.5, "longitude": 13.4}]
    assert msgspec.json.decode(after["destinations"]) == [place]


async def test_a_refusal_leads_to_the_next_store(inventory: Inventory) -> None:
    berlin = await open_shop(inventory, "berlin", BERLIN, A=2)
    munich = await open_shop(inventory, "munich", MUNICH, A=2)
    order, lines = to_berlin(("A", 2))
    await inventory.order(order, *lines)
    assert berlin.put("A", -1)

    await exchange(inventory, order, berlin, munich)
    await exchange(inventory, order, berlin, munich)

    assert {row.store_id: row.state for row in await inventory.reservations(order)} == {
        "berlin": "refused",
        "munich": "committed",
    }
    assert await inventory.status(order) == "committed"


@pytest.mark.parametrize("split", [Split.LINES, Split.NEVER])
async def test_units_of_an_unsplit_line_come_from_another_store_as_a_whole(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch, split: Split
) -> None:
    monkeypatch.setattr(settings, "SOURCING_POLICY", SourcingPolicy(split=split))
    berlin = await open_shop(inventory, "berlin", BERLIN, A=3, B=1)
    munich = await open_shop(inventory, "munich", MUNICH, A=3, B=1)
    order, lines = to_berlin(("A", 3), ("B", 1))
    await inventory.order(order, *lines)
    assert berlin.put("A", -1)

    for _ in range(3):
        await exchange(inventory, order, berlin, munich)

    given = {row.sku: row.store_id for row in await inventory.reservations(order) if row.state == "committed"}
    assert given == {"A": "munich", "B": "munich" if split is Split.NEVER else "berlin"}
    assert await inventory.status(order) == "committed"
    assert (await inventory.available("B", "berlin")).available == (split is Split.NEVER)


async def test_a_short_line_that_is_not_split_waits_for_a_store_that_has_all(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SOURCING_POLICY", SourcingPolicy(split=Split.LINES))
    berlin = await open_shop(inventory, "berlin", BERLIN, A=2)
    munich = await open_shop(inventory, "munich", MUNICH, A=1)
    order, lines = to_berlin(("A", 2))
    await inventory.order(order, *lines)
    await exchange(inventory, order, berlin, munich)
    await inventory.order(changed(order, status=OrderStatus.CONFIRMED))
    berlin.fall_short("A")
    await exchange(inventory, order, berlin, munich)
    assert await inventory.status(order) == "short"

    munich.put("A", 1)
    await inventory.stock(*munich.stock_log)
    await source_short(inventory.database, inventory.clock)
    await exchange(inventory, order, berlin, munich)

    assert await inventory.status(order) == "committed"
