"""Shipments follow their orders, however and how often messages arrive, and wherever a process ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from contracts.inventory.sourcing import SourcingRow
from contracts.orders import OrderGraph
from contracts.shipping import ShipmentRow
from shipping import settings
from shipping.events.streams import Cause
from shipping.shipments.decisions.delivering import deliver, dispatch
from shipping.shipments.decisions.packing import pack
from shipping.shipments.repository import append_later, lock
from tests.support.crashes import Crashes
from tests.support.shipping import HOME, OFFICE, Shipping, a_graph, changed, lines_of, sourced


def shown(rows: list[ShipmentRow]) -> list[tuple[str, str, dict[str, int]]]:
    return [(row.status, row.location, lines_of(row)) for row in rows]


async def send(shipping: Shipping, row: ShipmentRow, *, is_delivered: bool = False) -> None:
    """Pack and dispatch a shipment."""
    moment = shipping.clock()
    async with shipping.database.transaction() as tx:
        found = (await lock(tx, [row.shipment_id]))[row.shipment_id]
        found = append_later(tx, found, pack(found.state, [None], moment), Cause(None), moment)
        found = append_later(tx, found, dispatch(found.state, "dhl", moment), Cause(None), moment)
        if is_delivered:
            append_later(tx, found, deliver(found.state, moment), Cause(None), moment)


async def test_units_are_grouped_by_address_and_store(shipping: Shipping) -> None:
    await shipping.has_inventory()
    order = a_graph(("A", 3, HOME), ("B", 2, HOME), ("C", 1, OFFICE))

    await shipping.take(order, sourced(order, {"seattle": 2, "lima": 1}, "seattle", "seattle"))

    rows = await shipping.shipments(order)
    assert sorted((row.location, row.delivery_address_id, str(lines_of(row))) for row in rows) == [
        ("lima", HOME, "{'A': 1}"),
        ("seattle", HOME, "{'A': 2, 'B': 2}"),
        ("seattle", OFFICE, "{'C': 1}"),
    ]
    assert {(row.city, row.country, row.status, row.version) for row in rows} == {("Berlin", "DE", "planned", 1)}


async def test_shipments_are_the_same_however_messages_arrive(shipping: Shipping) -> None:
    order = a_graph(("A", 3), ("B", 1))
    ids = set()
    messages: list[OrderGraph | SourcingRow] = [
        changed(order, version=1, status="placed", confirmed_at=None),
        order,
        sourced(order, "lima", "seattle", status="reserved"),
        sourced(order, "seattle", "lima", version=2),
        sourced(order, "seattle", "lima", version=2),
    ]
    for arrival in sorted(set(permutations(range(5)))):
        each = msgspec.structs.replace(order, id=order.id)
        await shipping.take(*(messages[number] for number in arrival))
        rows = await shipping.shipments(each)
        assert shown(rows)[:2] == [("planned", "lima", {"B": 1}), ("planned", "seattle", {"A": 3})]
        ids.add(tuple(sorted(str(row.shipment_id) for row in rows if row.status == "planned")))
        await forget(shipping)

    assert len(ids) == 1


async def forget(shipping: Shipping) -> None:
    async with shipping.database.reading() as connection:
        for table in ("shipping_event", "shipment", "replica_order", "replica_sourcing"):
            await connection.execute(f"DELETE FROM {table}")


async def test_a_repeated_chunk_changes_nothing(shipping: Shipping) -> None:
    orders = [a_graph(("A", 1)) for _ in range(60)]
    rows = [sourced(each, "lima") for each in orders]
    await shipping.sourcing(*rows)
    await shipping.order(*orders, *orders[:3])
    before = [await shipping.shipments(each) for each in orders]

    await shipping.order(*reversed(orders))
    await shipping.sourcing(*rows)

    assert [len(each) for each in before] == [1] * 60
    assert [await shipping.shipments(each) for each in orders] == before


async def test_an_order_waits_until_its_stores_commit_these_lines(shipping: Shipping) -> None:
    await shipping.has_inventory()
    order, other = a_graph(("A", 3)), a_graph(("A", 2))

    await shipping.take(order, sourced(order, "lima", status="reserved"))
    assert await shipping.shipments(order) == []

    of_former_lines = sourced(other, "lima", order_id=order.id, version=2)
    await shipping.sourcing(of_former_lines)
    assert await shipping.shipments(order) == []


async def test_an_order_without_inventory_ships_from_the_default_location(shipping: Shipping) -> None:
    before, after = a_graph(("A", 3)), a_graph(("A", 3))
    on_request = sourced(a_graph(("B", 1)), "lima", on_request=True)

    await shipping.take(on_request, before)

    assert [row.location for row in await shipping.shipments(before)] == ["main"]
    first = a_graph(("B", 1), placed_at=after.placed_at)
    await shipping.take(sourced(first, "lima"), after)
    assert await shipping.shipments(after) == []


@pytest.mark.parametrize("changes", [{"external_id": "7", "source": "erp"}, {"confirmed_at": None}, {"is_old": True}])
async def test_orders_of_before_and_imported_ones_are_left_alone(shipping: Shipping, changes: dict[str, Any]) -> None:
    order = a_graph(("A", 3))
    if changes.pop("is_old", False):
        changes["confirmed_at"] = order.placed_at.replace(hour=11)
    order = msgspec.structs.replace(order, **changes)

    await shipping.order(order)

    assert await shipping.shipments(order) == []


async def test_shipments_of_a_cancelled_order_are_cancelled_or_recalled(shipping: Shipping) -> None:
    await shipping.has_inventory()
    order = a_graph(("A", 3), ("B", 1), ("C", 1))
    await shipping.take(order, sourced(order, "berlin", "lima", "seattle"))
    _, sent, delivered = await shipping.shipments(order)
    await send(shipping, sent)
    await send(shipping, delivered, is_delivered=True)
    cancelled = changed(order, status="cancelled")

    await shipping.order(cancelled)
    await shipping.order(cancelled, order)

    rows = await shipping.shipments(order)
    assert {row.location: (row.status, row.version) for row in rows} == {
        "berlin": ("cancelled", 2),
        "lima": ("recalled", 4),
        "seattle": ("delivered", 4),
    }
    assert {row.reason for row in rows} == {"order-cancelled", None}


@pytest.mark.parametrize("status", ["shipped", "delivered"])
async def test_what_has_not_left_with_an_order_that_was_shipped_by_hand_is_cancelled(
    shipping: Shipping, status: str
) -> None:
    await shipping.has_inventory()
    order = a_graph(("A", 3), ("B", 1))
    await shipping.take(order, sourced(order, "berlin", "lima"))
    await send(shipping, next(row for row in await shipping.shipments(order) if row.location == "lima"))

    await shipping.order(msgspec.structs.replace(order, status=status, version=order.version + 1))

    statuses = {row.location: row.status for row in await shipping.shipments(order)}
    assert statuses == {"berlin": "cancelled", "lima": "dispatched"}


async def test_a_cancelled_order_is_not_planned_when_its_sourcing_comes_late(shipping: Shipping) -> None:
    await shipping.has_inventory()
    order = a_graph(("A", 3))

    await shipping.take(order, changed(order, status="cancelled"), sourced(order, "lima"))

    assert await shipping.shipments(order) == []


async def test_units_move_to_the_store_that_has_them(shipping: Shipping) -> None:
    await shipping.has_inventory()
    order = a_graph(("A", 3), ("B", 1))
    await shipping.take(order, sourced(order, "lima", "seattle"))
    _, sent = await shipping.shipments(order)
    await send(shipping, sent)
    moved = sourced(order, {"lima": 1, "berlin": 2}, "berlin", version=3)

    await shipping.sourcing(moved)
    await shipping.sourcing(moved, sourced(order, "lima", "seattle"))

    assert shown(await shipping.shipments(order)) == [
        ("planned", "berlin", {"A": 2}),
        ("planned", "lima", {"A": 1}),
        ("dispatched", "seattle", {"B": 1}),
        ("cancelled", "lima", {"A": 3}),
    ]


async def test_a_corrected_address_is_followed_until_dispatch(shipping: Shipping) -> None:
    await shipping.has_inventory()
    order = a_graph(("A", 3), ("B", 1))
    await shipping.take(order, sourced(order, "lima", "seattle"))
    _, sent = await shipping.shipments(order)
    await send(shipping, sent)
    lines = [
        msgspec.structs.replace(line, delivery_address=msgspec.structs.replace(line.delivery_address, city="Bonn"))
        for line in order.lines
        if line.delivery_address
    ]

    await shipping.order(changed(order, lines=lines))

    rows = await shipping.shipments(order)
    assert {row.location: row.city for row in rows} == {"lima": "Bonn", "seattle": "Berlin"}


async def test_what_is_known_of_a_deleted_customer_is_the_city(shipping: Shipping) -> None:
    order = a_graph(("A", 3))
    late = a_graph(("A", 1), customer_id=order.customer_id)
    await shipping.take(order)

    await shipping.delete_customer(order.customer_id)
    await shipping.delete_customer(order.customer_id)
    await shipping.order(late)

    rows = [*await shipping.shipments(order), *await shipping.shipments(late)]
    assert [(row.city, row.erased_at is not None, row.version) for row in rows] == [("Berlin", True, 2)] * 2
    assert [await shipping.events(row) for row in rows] == [["ShipmentPlanned", "RecipientErased"]] * 2


@pytest.mark.parametrize("when_sent", [False, True])
async def test_a_process_may_end_between_any_two_steps(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch, when_sent: bool
) -> None:
    await shipping.has_inventory()
    crashes = Crashes(monkeypatch, when_sent=when_sent)
    order, other = a_graph(("A", 3), ("B", 1)), a_graph(("C", 1))
    committed = [sourced(order, "lima", "seattle"), sourced(other, "lima")]

    async def check() -> None:
        for each in (order, other):
            await shipping.shipments(each)

    async def arrive() -> None:
        await shipping.order(order, other)
        await shipping.sourcing(*committed)

    times = await crashes.each(arrive, check)
    planned = [await shipping.shipments(each) for each in (order, other)]
    moved = sourced(order, "berlin", "seattle", version=3)
    times += await crashes.each(lambda: shipping.sourcing(moved), check)
    times += await crashes.each(lambda: shipping.order(changed(other, status="cancelled")), check)
    times += await crashes.each(lambda: shipping.delete_customer(order.customer_id), check)

    assert times > 12
    assert [[row.version for row in rows] for rows in planned] == [[1, 1], [1]]
    assert shown(await shipping.shipments(order)) == [
        ("planned", "berlin", {"A": 3}),
        ("planned", "seattle", {"B": 1}),
        ("cancelled", "lima", {"A": 3}),
    ]
    assert [(row.status, row.version) for row in await shipping.shipments(other)] == [("cancelled", 2)]
    assert {row.erased_at is not None for row in await shipping.shipments(order)} == {True}


async def test_workers_that_get_the_same_chunk_plan_once(shipping: Shipping) -> None:
    await shipping.has_inventory()
    orders = [a_graph(("A", 3), ("B", 1)) for _ in range(30)]
    others = [Shipping(settings.database()) for _ in range(3)]

    async def arrive(one: Shipping, number: int) -> None:
        some = orders[number:] + orders[:number]
        work = [one.order(*some), one.sourcing(*(sourced(each, "lima", "seattle") for each in some))]
        await asyncio.gather(*work)

    try:
        await asyncio.gather(*(arrive(each, number) for number, each in enumerate([shipping, *others])))
    finally:
        for each in others:
            await each.database.close()

    expected = [("planned", "lima", {"A": 3}), ("planned", "seattle", {"B": 1})]
    rows = [await shipping.shipments(each) for each in orders]
    assert [shown(each) for each in rows] == [expected] * 30
    assert {row.version for each in rows for row in each} == {1}


async def test_units_that_were_planned_before_their_sourcing_came_move_to_their_store(shipping: Shipping) -> None:
    order = a_graph(("A", 3))

    await shipping.take(order, sourced(order, "lima"))

    assert shown(await shipping.shipments(order)) == [("planned", "lima", {"A": 3}), ("cancelled", "main", {"A": 3})]


@pytest.mark.parametrize("is_first", [False, True])
async def test_an_order_is_never_planned_before_its_sourcing_has_come(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch, is_first: bool
) -> None:
    """Neither the first one that inventory sources, nor one that was placed before those that are known."""
    monkeypatch.setattr(settings, "INVENTORY", True)
    order = a_graph(("A", 3))
    if not is_first:
        later = a_graph(("B", 1), placed_at=order.placed_at + timedelta(seconds=1))
        await shipping.sourcing(sourced(later, "lima"))

    await shipping.order(order)
    before = await shipping.shipments(order)
    await shipping.sourcing(sourced(order, "lima"))

    assert before == []
    assert shown(await shipping.shipments(order)) == [("planned", "lima", {"A": 3})]


async def test_a_message_names_what_caused_an_event(shipping: Shipping) -> None:
    order: OrderGraph = a_graph(("A", 3))
    await shipping.take(order, sourced(order, "lima"))

    [row] = [each for each in await shipping.shipments(order) if each.location == "lima"]

    [event] = await shipping.event_rows(row)
    assert (event["caller"], event["caused_by"]) == ("shipping", f"sourcing:{order.id}:1")
