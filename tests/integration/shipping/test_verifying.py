"""`oms shipping verify` finds rows that differ from their events, and gaps; `replay` shows a shipment as it was."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from oms.main import app
from shipping.days.verifying import verify_days
from shipping.returns.verifying import verify as verify_returns
from shipping.shipments.verifying import verify
from tests.integration.shipping.test_commands import do, planned, track
from tests.integration.shipping.test_returns import delivered, received, step
from tests.support.by_hand import by_hand
from tests.support.shipping import Shipping, a_graph
from tests.support.shipping_days import DATE, open_depot, plan


async def faults(shipping: Shipping) -> list[str]:
    return [each.what async for each in verify(shipping.database)]


async def faults_of_returns(shipping: Shipping) -> list[str]:
    return [each.what async for each in verify_returns(shipping.database)]


async def oms(*arguments: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, app, ["shipping", *arguments])
    return result.exit_code, result.output


async def test_shipments_are_as_their_events_say(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await shipping.order(*(a_graph(("A", 1)) for _ in range(210)))
    shipment = await planned(shipping, http)
    await do(http, shipment, "pack", {"parcels": [{"weight": "1.250"}]})
    await track(http, shipment, "1", "N1")
    await do(http, shipment, "dispatch")
    await do(http, shipment, "deliver", {"receivedBy": "Maria Anders"})

    assert await faults(shipping) == []
    assert (await oms("verify"))[0] == 0


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE shipment SET status = 'delivered', version = 2", "differs from its events in version, status"),
        ("UPDATE shipment SET `lines` = '[]'", "differs from its events in lines"),
        ("DELETE FROM shipping_event WHERE sequence = 2", "has a gap in its 2 events"),
        ("DELETE FROM shipping_event WHERE sequence = 3", "differs from its events in status, reason"),
        ("DELETE FROM shipping_event", "has no events"),
        ("UPDATE shipping_event SET type = 'Lost'", "unknown event Lost of version 2"),
        ("UPDATE shipping_event SET data = '{}'", "Object missing required field"),
        ("DELETE FROM shipment", "has events and no row"),
        ("UPDATE replica_order SET shipment_ids = '[]'", "its order does not name it"),
        ("UPDATE shipment SET received_by = 'Maria', erased_at = now()", "differs from its events in erased_at"),
    ],
)
async def test_each_fault_is_found(shipping: Shipping, http: httpx.AsyncClient, statement: str, what: str) -> None:
    shipment = await planned(shipping, http)
    await do(http, shipment, "pack", {"parcels": [{}]})
    await do(http, shipment, "cancel", {"reason": "damaged"})
    assert await faults(shipping) == []

    await by_hand("shipping", statement)

    [found] = await faults(shipping)
    assert what in found
    code, said = await oms("verify")
    assert (code, "1 faults" in said) == (1, True)


async def test_a_version_that_a_repair_has_raised_is_kept_by_later_commands(
    shipping: Shipping, http: httpx.AsyncClient
) -> None:
    shipment = await planned(shipping, http)
    await by_hand("shipping", "UPDATE shipment SET version = version + 4")

    packed = await do(http, shipment, "pack", {"parcels": [{}]})

    assert (packed["version"], packed["status"]) == (6, "packed")
    events = (await http.get(f"/shipments/{shipment['id']}/events")).json()["items"]
    assert [each["sequence"] for each in events] == [1, 2]
    assert await faults(shipping) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE order_return SET status = 'refunded', version = 4", "differs from its events in status"),
        ("UPDATE order_return SET refund_amount = 9", "differs from its events in refund_amount"),
        ("UPDATE order_return SET `lines` = '[]'", "differs from its events in lines"),
        ("DELETE FROM shipping_event WHERE stream_id LIKE 'return:%%' AND sequence = 2", "has a gap in its 3 events"),
        ("DELETE FROM shipping_event WHERE stream_id LIKE 'return:%%'", "has no events"),
        ("DELETE FROM order_return", "has events and no row"),
        ("UPDATE shipping_event SET type = 'Lost' WHERE type = 'RefundApproved'", "unknown event Lost of version 1"),
        ("UPDATE replica_order SET freight = 1", "refunds more than was paid"),
        ("UPDATE replica_order SET `lines` = REPLACE(`lines`, '\"10\"', '\"9\"')", "refunds more than was paid"),
    ],
)
async def test_each_fault_of_a_return_is_found(
    shipping: Shipping, http: httpx.AsyncClient, statement: str, what: str
) -> None:
    it = await received(http, await delivered(shipping, http, ("A", 3)), 3)
    await step(http, it["id"], "approve-refund", {"freight": "2"})
    assert await faults_of_returns(shipping) == await faults(shipping) == []

    await by_hand("shipping", statement)

    [found] = await faults_of_returns(shipping)
    assert what in found
    assert await faults(shipping) == []
    code, said = await oms("verify")
    assert (code, "1 faults" in said, f"return:{it['id']}" in said) == (1, True, True)


async def test_a_return_is_replayed(shipping: Shipping, http: httpx.AsyncClient) -> None:
    it = await received(http, await delivered(shipping, http, ("A", 3)), 1)

    whole, first = await oms("replay", it["id"]), await oms("replay", it["id"], "--until", "1")
    unknown = await oms("replay", str(uuid4()))

    assert '"status": "received"' in whole[1]
    assert '"status": "requested"' in first[1]
    assert [each[0] for each in (whole, first, unknown)] == [0, 0, 1]


async def test_a_return_whose_version_was_raised_keeps_it(shipping: Shipping, http: httpx.AsyncClient) -> None:
    it = await received(http, await delivered(shipping, http, ("A", 3)), 1)
    await by_hand("shipping", "UPDATE order_return SET version = version + 4")

    approved = await step(http, it["id"], "approve-refund")

    assert (approved["version"], approved["status"]) == (8, "refund_approved")
    assert await faults_of_returns(shipping) == []


async def test_a_shipment_is_replayed(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http)
    await do(http, shipment, "pack", {"parcels": [{}]})

    whole, first = await oms("replay", shipment["id"]), await oms("replay", shipment["id"], "--until", "1")
    early = await oms("replay", shipment["id"], "--until", "2020-01-01T00:00:00Z")
    wrong = await oms("replay", shipment["id"], "--until", "yesterday")

    assert '"status": "packed"' in whole[1]
    assert '"status": "planned"' in first[1]
    assert [each[0] for each in (whole, first, early, wrong)] == [0, 0, 1, 1]
    assert "neither a version nor a time" in wrong[1]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE delivery_day SET version = 1", "differs from its events"),
        ("""UPDATE delivery_day SET state = REPLACE(state, '"van":"a"', '"van":"b"')""", "differs from its events"),
        ("DELETE FROM shipping_event WHERE stream_id LIKE 'day:%%' AND sequence = 1", "has a gap in its 1 events"),
        ("UPDATE shipping_event SET type = 'Lost' WHERE stream_id LIKE 'day:%%'", "unknown event Lost of version 1"),
        ("DELETE FROM delivery_day", "has events and no row"),
    ],
)
async def test_each_fault_of_a_day_is_found(
    shipping: Shipping, http: httpx.AsyncClient, statement: str, what: str
) -> None:
    await open_depot(http)
    await plan(http, await planned(shipping, http), "a", 9, 11)
    assert (await oms("verify"))[0] == 0

    await by_hand("shipping", statement)

    [found] = [each async for each in verify_days(shipping.database)]
    assert (found.identity, what in found.what) == (f"day:main:{DATE}", True)
    assert (await oms("verify"))[0] == 1


async def test_a_day_and_its_shipments_agree(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http)
    shipment = await planned(shipping, http)
    await plan(http, shipment, "a", 9, 11)

    await by_hand("shipping", "UPDATE shipment SET van = 'b'")

    found = [each.what async for each in verify_days(shipping.database)]
    identity = shipment["id"]
    assert found == [
        f"has a delivery of shipment {identity}, which does not",
        f"lacks the delivery of shipment {identity}",
    ]


async def test_a_day_is_replayed(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http)
    await plan(http, await planned(shipping, http), "a", 9, 11)
    of_day = ("replay-day", "main", str(DATE))

    whole, first = await oms(*of_day), await oms(*of_day, "--until", "1")
    early = await oms(*of_day, "--until", "2020-01-01T00:00:00Z")
    wrong = [await oms(*of_day, "--until", "yesterday"), await oms("replay-day", "main", "tomorrow")]

    assert '"van": "a"' in whole[1]
    assert '"deliveries": []' in first[1]
    assert [each[0] for each in (whole, first, early, *wrong)] == [0, 0, 1, 1, 1]
