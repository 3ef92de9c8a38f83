"""Units that customers send back are on their way into the store that has them: once, and only sellable ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.inventory.restocks import InboundRow
from contracts.order_returns import OrderReturnRow, ReturnLine, read_return_lines, write_return_lines
from contracts.orders import OrderStatus
from inventory import settings
from tests.integration.inventory.test_shipments import Stores, shipment_of, sourced
from tests.support.shop.rows import a_line, a_return_row, an_order
from tests.support.shop.shipment_rows import DELIVERED, RETURNED
from tests.support.stock.sourcing import STORE, Inventory, changed, check_sums, empty_inventory


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, which promises the last unit."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened
        await check_sums(opened)


def a_return(*lines: tuple[str, int, int], **changes: Any) -> OrderReturnRow:
    """A return of lines: SKU, sellable and damaged units."""
    returned = [
        ReturnLine(
            sku=sku,
            reason="x",
            quantity=9,
            sellable=sellable,
            damaged=damaged,
            line_number=number,
            order_line_id=uuid4(),
        )
        for number, (sku, sellable, damaged) in enumerate(lines, 1)
    ]
    values = {"return_id": uuid4(), "status": "received", "location": STORE, "lines": write_return_lines(returned)}
    return a_return_row(a_line(an_order()), **values | changes)


async def inbounds(inventory: Inventory) -> dict[str, int]:
    rows: list[InboundRow] = await inventory.rows(InboundRow, "inbound")
    assert {row.reason for row in rows} <= {"return"}
    return {row.stock_id: row.quantity for row in rows}


async def test_sellable_units_come_back_to_the_store_that_has_them(inventory: Inventory) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=6, lima=1)
    order, line = await sourced(inventory, stores, 5)
    await inventory.shipment(shipment_of(line, 5, status=DELIVERED))
    await inventory.order(changed(order, status=OrderStatus.SHIPPED))
    await stores.exchange()
    assert stores.on_hand() == {STORE: 1, "lima": 1}

    await inventory.order_return(a_return(("A", 3, 2), location="lima"))
    incoming = await inventory.available("A", "lima")
    await stores.exchange()
    level = await inventory.available("A", "lima")

    assert (incoming.incoming, incoming.on_hand) == (3, 1)
    assert (level.incoming, level.on_hand, level.available) == (0, 4, 4)
    assert stores.on_hand() == {STORE: 1, "lima": 4}


@pytest.mark.parametrize("arrival", list(permutations(["received", "refund_approved", "refunded"])))
async def test_units_of_a_return_are_sent_once_however_its_records_arrive(
    inventory: Inventory, arrival: tuple[str, ...]
) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=6)
    row = a_return(("A", 2, 0), ("A", 1, 1))

    for version, status in enumerate((*arrival, *arrival), 3):
        await inventory.order_return(replace(row, status=status, version=version))
        await stores.exchange()

    assert await inbounds(inventory) == {f"{STORE}/A": 3}
    assert stores.on_hand() == {STORE: 9}


@pytest.mark.parametrize(
    "row",
    [
        a_return(("A", 3, 0), status="requested", location=None),
        a_return(("A", 3, 0), status="authorised"),
        a_return(("A", 3, 0), status="cancelled"),
        a_return(("A", 0, 3)),
        a_return(("A", 3, 0), origin="returned_to_sender"),
        a_return(("A", 3, 0), location="main"),
        replace(a_return(("A", 3, 0)), is_deleted=True),
    ],
    ids=lambda row: f"{row.status} {row.origin} {row.location}",
)
async def test_what_is_not_sellable_or_not_in_a_store_is_not_booked_in(
    inventory: Inventory, row: OrderReturnRow
) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=6)

    await inventory.order_return(row)

    assert await inbounds(inventory) == {}


async def test_units_that_never_arrived_come_back_with_their_shipment_alone(inventory: Inventory) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=6)
    _, line = await sourced(inventory, stores, 5)
    shipment = shipment_of(line, 5, status=RETURNED)
    to_sender = a_return(("A", 5, 0), origin="returned_to_sender", shipment_id=shipment.shipment_id)

    for _ in range(2):
        await inventory.order_return(to_sender)
        await inventory.shipment(shipment)
        await stores.exchange()

    assert await inbounds(inventory) == {f"{STORE}/A": 5}
    assert stores.on_hand() == {STORE: 6}


async def test_a_store_that_never_had_a_sku_gets_it_back(inventory: Inventory) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=6)
    row = a_return(("B", 2, 0), return_id=UUID(int=3))

    await inventory.order_return(row)

    assert await inbounds(inventory) == {f"{STORE}/B": 2}
    assert (await inventory.available("B")).incoming == 2
    assert [line.received for line in read_return_lines(row.lines)] == [2]


async def test_a_sku_that_is_not_tracked_is_not_booked_in(inventory: Inventory) -> None:
    stores = Stores(inventory)
    await stores.put(seattle=6)
    async with inventory.database.reading() as connection:
        await connection.execute(
            "INSERT INTO stock_policy (policy_id, tracked, safety_margin, created_at, updated_at, version) "
            "VALUES ('*/A', FALSE, 0, now(), now(), 1)"
        )

    await inventory.order_return(a_return(("A", 2, 0)))

    assert await inbounds(inventory) == {}
