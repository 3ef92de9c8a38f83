"""Units leave the ledgers of stores with their shipments: in parts, of several stores, once, and come back once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.inventory.reservations import ReservationRow
from contracts.inventory.restocks import InboundRow
from contracts.inventory.sourcing import read_lines
from contracts.orders import OrderDetailRow, OrderRow, OrderStatus
from contracts.shipping import ShipmentRow, ShippedLine, read_shipped_lines, write_parts
from inventory import settings
from tests.support.crashes import Crashes
from tests.support.shop.shipment_rows import (
    CANCELLED,
    DELIVERED,
    DISPATCHED,
    FAILED,
    PLANNED,
    RETURNED,
    a_shipment,
    on_its_way,
)
from tests.support.stock.sourcing import STORE, Inventory, Shop, an_order, changed, check_sums, empty_inventory


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, which promises the last unit."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened
        await check_sums(opened)


class Stores:
    """Two stores that answer what inventory wants, and book what comes back."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.shops = {store_id: Shop(store_id) for store_id in (STORE, "lima")}

    async def put(self, **units: int) -> None:
        for store_id, number in units.items():
            self.shops[store_id].put("A", number)
        await self._inventory.stock(*(row for shop in self.shops.values() for row in shop.stock_log))

    async def exchange(self) -> None:
        """What is wanted, what came back, and what stores say of it."""
        rows: list[ReservationRow] = await self._inventory.rows(ReservationRow, "reservation")
        inbounds: list[InboundRow] = await self._inventory.rows(InboundRow, "inbound")
        for shop in self.shops.values():
            shop.hear(*rows)
            shop.book(*(row for row in inbounds if row.store_id == shop.store_id))
            if shop.answer_log:
                await self._inventory.answer(*shop.answer_log)
            if shop.receipt_log:
                await self._inventory.receipt(*shop.receipt_log)

    def on_hand(self) -> dict[str, int]:
        return {store_id: shop.stocks["A"].on_hand for store_id, shop in self.shops.items() if "A" in shop.stocks}

    def committed(self) -> int:
        return sum(shop.stocks["A"].committed for shop in self.shops.values() if "A" in shop.stocks)


async def sourced(inventory: Inventory, stores: Stores, units: int) -> tuple[OrderRow, OrderDetailRow]:
    order, lines = an_order(("A", units))
    await inventory.order(order, *lines)
    await stores.exchange()
    assert await inventory.status(order) == "committed"
    confirmed = changed(order, status=OrderStatus.CONFIRMED)
    await inventory.order(confirmed)
    return confirmed, lines[0]


def shipment_of(line: OrderDetailRow, units: int, store_id: str = STORE, **changes: Any) -> ShipmentRow:
    shipped = ShippedLine(sku=line.sku, quantity=units, line_number=1, order_line_id=line.order_detail_id)
    return a_shipment(line.order_id, {}, lines=write_parts([shipped]), location=store_id, **changes)


async def test_a_part_of_a_line_leaves_and_the_rest_stays_committed(inventory: Inventory) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=6)
    order, line = await sourced(inventory, stores, 5)

    await inventory.shipment(shipment_of(line, 2, status=DISPATCHED))
    await stores.exchange()
    level = await inventory.available("A")
    sourcing = await inventory.sourcing(order)
    await inventory.shipment(shipment_of(line, 3, status=DISPATCHED))
    await stores.exchange()
    await inventory.order(changed(order, status=OrderStatus.SHIPPED))
    await stores.exchange()

    assert (level.on_hand, level.committed, level.available) == (4, 3, 1)
    assert sourcing is not None
    assert [(part.state, part.quantity) for part in read_lines(sourcing.lines)[0].parts] == [("committed", 5)]
    assert stores.on_hand() == {STORE: 1}
    assert await inventory.status(order) == "shipped"
    movements = [row.on_hand for row in stores.shops[STORE].answer_log]
    assert movements == [6, 4, 1]


@pytest.mark.parametrize("arrival", list(permutations(range(4))))
async def test_units_of_several_stores_leave_however_records_arrive(
    inventory: Inventory, arrival: tuple[int, ...]
) -> None:
    """The order itself may be known as shipped before its shipments are."""
    stores = Stores(inventory)
    await stores.put(seattle=4, lima=3)
    order, line = await sourced(inventory, stores, 6)
    given = {row.store_id: row.quantity for row in await inventory.reservations(order)}
    rows: list[ShipmentRow | OrderRow] = [
        shipment_of(line, given[STORE] - 1, STORE, status=DISPATCHED, version=3),
        shipment_of(line, 1, STORE, status=DELIVERED, version=4),
        shipment_of(line, given["lima"], "lima", status=DISPATCHED, version=3),
        changed(order, status=OrderStatus.SHIPPED),
    ]

    for place in (*arrival, *arrival):
        row = rows[place]
        await (inventory.order(row) if isinstance(row, OrderRow) else inventory.shipment(row))
        await stores.exchange()

    assert sum(stores.on_hand().values()) == 1
    assert stores.on_hand() == {STORE: 4 - given[STORE], "lima": 3 - given["lima"]}
    assert stores.committed() == 0


async def test_shuffled_and_repeated_records_of_many_orders_move_each_unit_once(inventory: Inventory) -> None:
    chance, stores = random.Random(7), Stores(inventory)
    await stores.put(seattle=60)
    made = [await sourced(inventory, stores, 3) for _ in range(12)]
    ways = [(PLANNED, DISPATCHED, DELIVERED), (PLANNED, CANCELLED), (PLANNED, DISPATCHED, FAILED, RETURNED)]
    rows = [
        row
        for number, (_, line) in enumerate(made)
        for units in (1, 2)
        for row in on_its_way(shipment_of(line, units), *ways[(number + units) % 3])
    ]

    arrival = chance.sample([*rows, *rows], 2 * len(rows))
    while arrival:
        some, arrival = arrival[:5], arrival[5:]
        newest = {row.shipment_id: row for row in sorted(some, key=lambda row: row.version)}
        await asyncio.gather(*(inventory.shipment(*newest.values()) for _ in range(2)))
        await stores.exchange()

    ended = {row.shipment_id: row for row in sorted(rows, key=lambda row: row.version)}
    delivered = sum(_units(row) for row in ended.values() if row.status == DELIVERED)
    assert stores.on_hand() == {STORE: 60 - delivered}
    assert (await inventory.available("A")).incoming == 0


async def test_units_of_a_cancelled_order_leave_and_come_back(inventory: Inventory) -> None:
    """The shipment was dispatched in the second in which the order was cancelled."""
    stores = Stores(inventory)
    await stores.put(seattle=5)
    order, line = await sourced(inventory, stores, 3)
    await inventory.order(changed(order, status=OrderStatus.CANCELLED))
    await stores.exchange()
    shipment = shipment_of(line, 2)

    on_hand = []
    for row in on_its_way(shipment, PLANNED, DISPATCHED, FAILED, RETURNED):
        await inventory.shipment(row)
        await stores.exchange()
        on_hand.append(stores.on_hand()[STORE])

    assert on_hand == [5, 3, 3, 5]
    assert await inventory.status(order) == "released"
    assert (await inventory.available("A")).available == 5


async def test_a_line_that_is_short_after_a_part_has_left_is_given_by_another_store(inventory: Inventory) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=5)
    order, line = await sourced(inventory, stores, 5)
    await inventory.shipment(shipment_of(line, 2, status=DISPATCHED))
    await stores.exchange()
    await stores.put(lima=3)

    stores.shops[STORE].fall_short("A")
    await stores.exchange()
    await inventory.sweep()
    await stores.exchange()

    sourcing = await inventory.sourcing(order)
    assert sourcing is not None
    parts = {part.store_id: (part.state, part.quantity) for part in read_lines(sourcing.lines)[0].parts}
    assert (sourcing.status, parts) == ("committed", {STORE: ("shipped", 2), "lima": ("committed", 3)})


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
async def test_units_that_a_picker_missed_leave_the_store_that_sent_them(
    inventory: Inventory, arrival: tuple[int, ...]
) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=10)
    order, line = await sourced(inventory, stores, 3)
    await stores.put(lima=5)
    stores.shops[STORE].miss("A", 1)
    await stores.exchange()
    await stores.exchange()
    wanted = stores.shops["lima"].stocks["A"].committed
    dispatched = shipment_of(line, 3, status=DISPATCHED, version=3)
    rows: list[ShipmentRow | OrderRow] = [
        dispatched,
        changed(order, status=OrderStatus.SHIPPED),
        replace(dispatched, status=RETURNED, version=5),
    ]

    for place in (*arrival, *arrival):
        row = rows[place]
        await (inventory.order(row) if isinstance(row, OrderRow) else inventory.shipment(row))
        await stores.exchange()
    await stores.exchange()

    assert wanted == 3
    assert stores.on_hand() == {STORE: 9, "lima": 5}
    assert stores.committed() == 0


async def test_shipments_from_elsewhere_move_no_store(inventory: Inventory) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=5)
    _, line = await sourced(inventory, stores, 2)

    await inventory.shipment(shipment_of(line, 2, "main", status=DISPATCHED))
    await inventory.shipment(shipment_of(line, 2, "main", status=RETURNED))
    await stores.exchange()

    assert stores.on_hand() == {STORE: 5}
    assert await inventory.rows(InboundRow, "inbound") == []


@pytest.mark.parametrize("when_sent", [False, True])
async def test_a_worker_that_ends_between_two_steps_moves_no_unit_twice(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch, when_sent: bool
) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=5)
    _, line = await sourced(inventory, stores, 4)
    crashes = Crashes(monkeypatch, when_sent=when_sent)

    async def check() -> None:
        await check_sums(inventory)

    for row in on_its_way(shipment_of(line, 3), PLANNED, DISPATCHED, FAILED, RETURNED):
        await crashes.each(partial(inventory.shipment, row), check)
        await crashes.each(stores.exchange, check)

    assert stores.on_hand() == {STORE: 5}
    assert len(await inventory.rows(InboundRow, "inbound")) == 1
    assert stores.committed() == 1


def _units(row: ShipmentRow) -> int:
    return sum(line.quantity for line in read_shipped_lines(row.lines))
