"""Orders that follow their shipments: records that are repeated or shuffled, commands by hand, a race with cancel."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from msgspec.structs import replace

from chassis.databases.mysql import Database
from contracts.shipping import ShipmentRow
from orders.fulfilment import applying
from orders.placement.rows import LINE_COLUMNS, ORDER_COLUMNS
from tests.support.at_once import at_once
from tests.support.shop.shipment_rows import (
    CANCELLED,
    DELIVERED,
    DISPATCHED,
    PACKED,
    PLANNED,
    RETURNED,
    a_shipment,
    on_its_way,
)
from tests.support.shop.small_shop import placed

Order = dict[str, Any]

ALL_AT_ONCE = 1_000


async def command(orders: httpx.AsyncClient, order: Order, name: str) -> httpx.Response:
    return await orders.post(f"/orders/{order['id']}/{name}")


async def confirmed(orders: httpx.AsyncClient, *quantities: int) -> Order:
    order = await placed(orders, *({"quantity": quantity} for quantity in quantities))
    answer = await command(orders, order, "confirm")
    assert answer.status_code == 200, answer.text
    found: Order = answer.json()
    return found


def shipment_of(order: Order, *units: int, **changes: Any) -> ShipmentRow:
    lines = {line["id"]: quantity for line, quantity in zip(order["lines"], units, strict=False) if quantity}
    return a_shipment(order["id"], lines, **changes)


async def read(orders: httpx.AsyncClient, order: Order) -> Order:
    found: Order = (await orders.get(f"/orders/{order['id']}")).json()
    return found


async def history(orders: httpx.AsyncClient, order: Order) -> list[tuple[str, str | None]]:
    entries = (await orders.get(f"/orders/{order['id']}/history")).json()["items"]
    assert [each["toVersion"] for each in entries] == [*range(1, len(entries) + 1)]
    return [(each["command"], each["caller"]) for each in entries][2:]


async def test_an_order_follows_its_shipments_step_by_step(orders: httpx.AsyncClient, own_database: Database) -> None:
    order = await confirmed(orders, 3, 1)
    first = on_its_way(shipment_of(order, 2), PLANNED, DISPATCHED, DELIVERED)
    second = on_its_way(shipment_of(order, 1, 1), PLANNED, DISPATCHED, DELIVERED)
    statuses = []

    for row in (first[0], second[0], first[1], first[2], second[1], second[2]):
        await applying.apply(own_database, [row])
        statuses.append((await read(orders, order))["status"])

    assert statuses == ["confirmed", "confirmed", "partially_shipped", "partially_shipped", "shipped", "delivered"]
    done = await read(orders, order)
    assert None not in (done["shippedAt"], done["deliveredAt"])
    assert done["version"] == 5
    assert await history(orders, order) == [("ship-part", "shipping"), ("ship", "shipping"), ("deliver", "shipping")]


@pytest.mark.parametrize("arrival", list(permutations(range(4))))
async def test_it_ends_in_the_same_status_however_records_arrive(
    orders: httpx.AsyncClient, own_database: Database, arrival: tuple[int, ...]
) -> None:
    order = await confirmed(orders, 3)
    rows = [
        *on_its_way(shipment_of(order, 2), DISPATCHED, DELIVERED),
        *on_its_way(shipment_of(order, 1), PLANNED, DELIVERED),
    ]

    for place in (*arrival, *arrival):
        await applying.apply(own_database, [rows[place]])

    assert (await read(orders, order))["status"] == "delivered"
    callers = {caller for _, caller in await history(orders, order)}
    assert callers == {"shipping"}


async def test_all_at_once_is_the_shortest_way(orders: httpx.AsyncClient, own_database: Database) -> None:
    order = await confirmed(orders, 3)
    parts = [on_its_way(shipment_of(order, units), PLANNED, DISPATCHED, DELIVERED)[-1] for units in (1, 2)]

    await applying.apply(own_database, parts)

    assert await history(orders, order) == [("ship", "shipping"), ("deliver", "shipping")]


async def test_two_workers_that_both_have_an_order_move_it_once(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    made = [await confirmed(orders, 2) for _ in range(6)]
    rows = [on_its_way(shipment_of(order, 1), DISPATCHED)[0] for order in made for _ in range(2)]

    await asyncio.gather(*(applying.apply(own_database, some) for some in (rows, rows[::2], rows[1::2], rows)))

    assert {(await read(orders, order))["status"] for order in made} == {"shipped"}
    assert {(await history(orders, order))[-1] for order in made} == {("ship", "shipping")}


async def test_a_record_of_an_order_that_is_gone_harms_no_other(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    order = await confirmed(orders, 1)
    gone = a_shipment(uuid4(), {uuid4(): 1}, DISPATCHED)

    await applying.apply(own_database, [gone, shipment_of(order, 1, status=DISPATCHED)])

    assert (await read(orders, order))["status"] == "shipped"


@pytest.mark.parametrize("name", ["ship", "deliver"])
async def test_an_order_with_shipments_is_not_moved_by_hand(
    orders: httpx.AsyncClient, own_database: Database, name: str
) -> None:
    order = await confirmed(orders, 2)
    status = PLANNED if name == "ship" else DISPATCHED
    await applying.apply(own_database, [shipment_of(order, 2, status=status)])

    answer = await command(orders, order, name)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:oms:problem:follows-shipments")


async def test_it_is_not_cancelled_once_units_have_left(orders: httpx.AsyncClient, own_database: Database) -> None:
    order = await confirmed(orders, 2)
    await applying.apply(own_database, [shipment_of(order, 1, status=DISPATCHED)])

    answer = await command(orders, order, "cancel")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:oms:problem:not-allowed")
    assert (await read(orders, order))["status"] == "partially_shipped"


async def test_what_shipments_leave_undone_is_done_by_hand(orders: httpx.AsyncClient, own_database: Database) -> None:
    """One unit was never sent, another came back: no shipment will say so."""
    order = await confirmed(orders, 3)
    rows = [shipment_of(order, 1, status=status) for status in (DELIVERED, RETURNED, CANCELLED)]
    await applying.apply(own_database, rows)
    before = await read(orders, order)

    answers = [await command(orders, order, name) for name in ("ship", "deliver")]

    assert before["status"] == "partially_shipped"
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_a_shipment_that_was_deleted_by_hand_counts_no_more(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    order = await confirmed(orders, 1)
    row = shipment_of(order, 1)
    await applying.apply(own_database, [row])
    await applying.apply(own_database, [shipment_of(order, 1, shipment_id=row.shipment_id, is_deleted=True)])

    assert (await command(orders, order, "ship")).status_code == 200


async def test_nobody_misses_a_shipment_that_left_a_cancelled_order(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    """Of a thousand races each has one end: the order was faster, and the shipment is counted; or it is refused."""
    made = await copied(own_database, await confirmed(orders, 1), ALL_AT_ONCE)
    rows = [on_its_way(a_shipment(order_id, {line_id: 1}), PLANNED, DISPATCHED)[1] for order_id, line_id in made]
    counted = applying.SHIPPED_AFTER_CANCEL._value.get()
    turns = [turn for place in range(ALL_AT_ONCE) for turn in ((place, True), (place, False))[:: 1 - 2 * (place % 2)]]

    async def race(turn: tuple[int, bool]) -> int:
        place, is_cancel = turn
        if is_cancel:
            return (await orders.post(f"/orders/{made[place][0]}/cancel")).status_code
        await applying.apply(own_database, [rows[place]])
        await applying.apply(own_database, [rows[place]])
        return 0

    answers = await at_once(race, turns)

    statuses = await statuses_of(own_database, [order_id for order_id, _ in made])
    cancelled = [order_id for order_id, status in statuses.items() if status == "cancelled"]
    assert {*statuses.values()} == {"cancelled", "shipped"}
    assert {*answers} == {0, 200, 409}
    assert answers.count(200) == len(cancelled)
    assert applying.SHIPPED_AFTER_CANCEL._value.get() - counted == len(cancelled)


async def copied(database: Database, order: Order, number: int) -> list[tuple[str, str]]:
    """Copies of an order with one line, in the same status: their ids and those of their lines."""
    ids = [(str(uuid4()), str(uuid4())) for _ in range(number)]
    columns = [name for name in ORDER_COLUMNS if name not in ("order_id", "number", "external_id")]
    of_line = [name for name in LINE_COLUMNS if name not in ("order_id", "order_detail_id")]
    async with database.transaction() as tx:
        for order_id, line_id in ids:
            tx.later(
                f"INSERT INTO `order` (order_id, {', '.join(columns)})"
                f" SELECT %s, {', '.join(columns)} FROM `order` WHERE order_id = %s",
                [order_id, order["id"]],
            )
            tx.later(
                f"INSERT INTO order_detail (order_id, order_detail_id, {', '.join(of_line)})"
                f" SELECT %s, %s, {', '.join(of_line)} FROM order_detail WHERE order_detail_id = %s",
                [order_id, line_id, order["lines"][0]["id"]],
            )
    return ids


async def statuses_of(database: Database, ids: list[str]) -> dict[str, str]:
    async with database.reading() as connection:
        marks = ", ".join(["%s"] * len(ids))
        rows = await connection.fetch_all(f"SELECT order_id, status FROM `order` WHERE order_id IN ({marks})", ids)
    return {row["order_id"]: row["status"] for row in rows}


async def following(orders: httpx.AsyncClient, order: Order) -> list[str]:
    """What is offered, in whatever answer: the same."""
    listed = (await orders.get("/orders", params={"customerId": order["customerId"], "limit": 100})).json()["items"]
    lists = [each["allowedTransitions"] for each in listed if each["id"] == order["id"]]
    shown: list[str] = (await read(orders, order))["allowedTransitions"]
    assert lists == [shown]
    return shown


async def test_only_commands_that_work_are_offered(orders: httpx.AsyncClient, own_database: Database) -> None:
    order = await confirmed(orders, 3)
    offered = [await following(orders, order)]
    first = on_its_way(shipment_of(order, 2), PLANNED, DISPATCHED, DELIVERED)
    second = on_its_way(shipment_of(order, 1), PLANNED, DISPATCHED, RETURNED)

    for row in (first[0], first[1], second[0], second[1], first[2], second[2]):
        await applying.apply(own_database, [row])
        offered.append(await following(orders, order))

    statuses = (await command(orders, order, "ship")).json()["errors"][0]["detail"]
    assert offered == [["shipped", "cancelled"], ["cancelled"], ["shipped"], [], [], [], ["delivered"]]
    assert statuses.endswith("possible: deliver")
    assert (await command(orders, order, "deliver")).status_code == 200


CORRECTED = {"street": "Untere Str.", "number": "7", "city": "Berlin", "country": "DE"}


async def correct(orders: httpx.AsyncClient, order: Order) -> httpx.Response:
    body = {"deliveryAddressId": order["lines"][0]["deliveryAddressId"], **CORRECTED}
    version = (await read(orders, order))["version"]
    headers = {"If-Match": f'"{version}"'}
    return await orders.post(f"/orders/{order['id']}/correct-address", json=body, headers=headers)


def packed_of(order: Order, packed_at: datetime, **changes: Any) -> ShipmentRow:
    address = UUID(order["lines"][0]["deliveryAddressId"])
    return shipment_of(order, 3, status=PACKED, packed_at=packed_at, **{"delivery_address_id": address, **changes})


async def test_an_address_is_not_corrected_once_a_parcel_has_it(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    order, at = await confirmed(orders, 3), datetime.now(UTC) - timedelta(minutes=1)
    packed = packed_of(order, at)

    await applying.apply(own_database, [packed])
    refused = await correct(orders, order)
    await applying.apply(own_database, [replace(packed, status=CANCELLED, version=2)])
    accepted = await correct(orders, order)

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:oms:problem:address-packed")
    assert str(packed.shipment_id) in refused.json()["errors"][0]["detail"]
    assert accepted.status_code == 200, accepted.text
    assert await history(orders, order) == [("correct-address", None)]


@pytest.mark.parametrize("status", [PACKED, DISPATCHED, DELIVERED])
async def test_a_label_from_before_a_correction_is_in_the_history(
    orders: httpx.AsyncClient, own_database: Database, status: str
) -> None:
    """The shipment was packed, or has left, before the correction was accepted; its record comes later."""
    order, at = await confirmed(orders, 3), datetime.now(UTC) - timedelta(minutes=1)
    row = packed_of(order, at)

    accepted = await correct(orders, order)
    for _ in range(2):
        await applying.apply(own_database, [replace(row, status=status)])
    await applying.apply(own_database, [replace(row, status=DELIVERED, version=5)])

    assert accepted.status_code == 200, accepted.text
    commands = [command for command, _ in await history(orders, order)]
    assert commands.count("outdated-label") == 1
    assert commands[:2] == ["correct-address", "outdated-label"]
    assert (await read(orders, order))["status"] == "delivered"


@pytest.mark.parametrize("changes", [{"delivery_address_id": UUID(int=7)}, {"packed_at": None}, {"is_late": True}])
async def test_other_labels_are_right(
    orders: httpx.AsyncClient, own_database: Database, changes: dict[str, Any]
) -> None:
    """To another address, not packed yet, or packed after the correction."""
    order, at = await confirmed(orders, 3), datetime.now(UTC) - timedelta(minutes=1)

    assert (await correct(orders, order)).status_code == 200
    later = {"packed_at": at + timedelta(minutes=2)} if changes.pop("is_late", False) else changes
    await applying.apply(own_database, [replace(packed_of(order, at), **later)])

    assert await history(orders, order) == [("correct-address", None)]
