"""The API of delivery days: a delivery from its planning to its end, what is refused, and days as they were."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from shipping.days.verifying import verify_days
from shipping.shipments.verifying import verify
from tests.integration.shipping.test_commands import do, planned, read
from tests.support.by_hand import by_hand
from tests.support.shipping import Shipping, a_graph, changed, sourced
from tests.support.shipping_days import DATE, DAY, at, day, open_depot, plan, rules, run

Json = dict[str, Any]


async def packed(shipping: Shipping, http: httpx.AsyncClient) -> Json:
    return await do(http, await planned(shipping, http), "pack", {"parcels": [{}]})


async def no_faults(shipping: Shipping) -> bool:
    own = shipping.database
    found = [each async for each in verify(own)] + [each async for each in verify_days(own)]
    assert found == []
    return True


async def test_a_delivery_from_its_planning_to_its_recipient(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http)
    shipment = await packed(shipping, http)

    answer = await plan(http, shipment, "a", 9, 11)
    scheduled = answer.json()
    started = await run(http, shipment, "start")
    finished = await run(http, shipment, "finish", {"receivedBy": "Maria Anders"})

    assert answer.status_code == 201
    assert answer.headers["Consistency-Token"] == f"shipment:{shipment['id']}:{scheduled['version']}"
    window = {
        "depot": "main", "date": str(DATE), "van": "a", "from": at(9), "to": at(11), "zone": "Europe/Berlin",
    }  # fmt: skip
    assert (scheduled["window"], scheduled["status"]) == (window, "packed")
    assert [started["status"], finished["status"], finished["receivedBy"]] == [
        "dispatched", "delivered", "Maria Anders",
    ]  # fmt: skip
    assert finished == await read(http, shipment["id"])
    found = await day(http)
    [delivery] = found["deliveries"]
    assert (delivery["shipmentId"], delivery["van"], delivery["outcome"]) == (shipment["id"], "a", "delivered")
    assert (delivery["startedAt"], delivery["finishedAt"]) == (finished["dispatchedAt"], finished["deliveredAt"])
    events = (await http.get(f"{DAY}/events")).json()["items"]
    assert [each["type"] for each in events] == [
        "DayOpened", "DeliveryPlanned", "DeliveryStarted", "DeliveryFinished",
    ]  # fmt: skip
    own = (await http.get(f"/shipments/{shipment['id']}/events")).json()["items"]
    assert [each["type"] for each in own] == [
        "ShipmentPlanned", "ShipmentPacked", "DeliveryScheduled", "ShipmentDispatched", "ShipmentDelivered",
    ]  # fmt: skip
    assert "Anders" not in str(events)
    assert await no_faults(shipping)


async def test_a_delivery_that_failed_is_planned_again(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http)
    shipment = await packed(shipping, http)
    await plan(http, shipment, "a", 9, 10)
    await run(http, shipment, "start")

    failed = await run(http, shipment, "fail", {"reason": "recipient-absent"})
    again = (await plan(http, shipment, "b", 15, 16)).json()
    await run(http, shipment, "start")
    delivered = await run(http, shipment, "finish")

    assert (failed["status"], failed["window"]["van"]) == ("failed", "a")
    assert (again["status"], again["window"]["van"]) == ("failed", "b")
    assert (delivered["status"], delivered["attempts"]) == ("delivered", 1)
    outcomes = [(each["van"], each["outcome"]) for each in (await day(http))["deliveries"]]
    assert outcomes == [("a", "failed"), ("b", "delivered")]
    assert await no_faults(shipping)


async def test_a_delivery_is_removed_and_planned_elsewhere(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http)
    shipment = await planned(shipping, http)
    await plan(http, shipment, "a", 9, 11)
    path = f"{DAY}/deliveries/{shipment['id']}"

    twice = await plan(http, shipment, "b", 13, 14)
    removed = await http.delete(path)
    again = await http.delete(path)
    elsewhere = await plan(http, shipment, "b", 13, 14)

    assert rules(twice) == ["planned-once"]
    assert removed.status_code == 204
    assert removed.headers["Consistency-Token"] == f"shipment:{shipment['id']}:3"
    assert (again.status_code, again.json()["type"]) == (404, "urn:oms:problem:delivery-not-found")
    assert elsewhere.json()["window"]["van"] == "b"
    assert len((await day(http))["deliveries"]) == 1
    other_day = await http.post(f"/delivery-days/main/2099-01-01/deliveries/{shipment['id']}/start")
    assert other_day.status_code == 404
    assert await no_faults(shipping)


async def test_a_delivery_is_refused_by_name(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http, opens="08:00", closes="18:00", parallelDeliveries=1)
    first, second = await planned(shipping, http), await planned(shipping, http)
    await plan(http, first, "a", 10, 12)

    assert rules(await plan(http, second, "a", 11, 13)) == ["parallel-deliveries", "one-van-at-a-time"]
    assert rules(await plan(http, second, "x", 20, 22)) == [
        "within-business-day", "within-business-day", "van-of-the-depot",
    ]  # fmt: skip
    finish = await http.post(f"{DAY}/deliveries/{first['id']}/finish")
    assert rules(finish) == ["started-before-finished", "only-dispatched-is-delivered"]
    start = await http.post(f"{DAY}/deliveries/{first['id']}/start")
    assert rules(start) == ["parcels-before-dispatch"]
    nobody = await plan(http, {"id": str(uuid4())}, "a", 14, 15)
    assert (nobody.status_code, nobody.json()["type"]) == (404, "urn:oms:problem:shipment-not-found")
    body = {"shipmentId": second["id"], "van": "a", "from": at(9), "to": at(10)}
    nowhere = await http.post(f"/delivery-days/rome/{DATE}/deliveries", json=body)
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, "urn:oms:problem:depot-not-found")
    late = await http.post(
        "/delivery-days/main/2026-01-05/deliveries",
        json={**body, "from": "2026-01-05T10:00:00Z", "to": "2026-01-05T11:00:00Z"},
    )
    assert rules(late) == ["not-in-the-past"]


async def test_shipments_leave_their_day_with_their_order(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http)
    order = a_graph(("A", 1), ("B", 1))
    await shipping.take(order)
    [row] = await shipping.shipments(order)
    shipment = await read(http, str(row.shipment_id))
    units = {"lines": [{"orderLineId": shipment["lines"][0]["orderLineId"], "quantity": 1}]}
    other = await do(http, shipment, "split", units, **{"Idempotency-Key": str(uuid4())})
    await plan(http, shipment, "a", 9, 11)
    await plan(http, other, "b", 9, 11)
    await do(http, other, "pack", {"parcels": [{}]})
    await run(http, other, "start")

    await shipping.order(changed(order, status="cancelled"))

    found = [await read(http, each["id"]) for each in (shipment, other)]
    assert [(each["status"], each["window"]) for each in found] == [("cancelled", None), ("recalled", None)]
    assert (await day(http))["deliveries"] == []
    events = (await http.get(f"{DAY}/events")).json()["items"]
    assert [each["data"].get("reason") for each in events][-2:] == ["order-cancelled"] * 2
    assert await no_faults(shipping)


async def test_a_shipment_whose_units_move_leaves_its_day(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await shipping.has_inventory()
    order = a_graph(("A", 2))
    await shipping.take(order, sourced(order, "main"))
    await open_depot(http)
    [row] = await shipping.shipments(order)
    await plan(http, {"id": str(row.shipment_id)}, "a", 9, 11)

    await shipping.take(sourced(order, "lima", version=2))

    rows = await shipping.shipments(order)
    assert [(each.location, each.status, each.depot) for each in rows] == [
        ("lima", "planned", None), ("main", "cancelled", None),
    ]  # fmt: skip
    assert (await day(http))["deliveries"] == []
    assert await no_faults(shipping)


async def test_what_the_shipment_does_by_itself_is_on_the_day(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http)
    shipment = await packed(shipping, http)
    await plan(http, shipment, "a", 9, 11)

    await do(http, shipment, "dispatch", {"carrier": "own"})
    on_its_way = await http.delete(f"{DAY}/deliveries/{shipment['id']}")
    await do(http, shipment, "deliver")

    assert rules(on_its_way) == ["only-unstarted-is-removed"]
    assert [each["outcome"] for each in (await day(http))["deliveries"]] == ["delivered"]
    assert rules(await http.post(f"{DAY}/deliveries/{shipment['id']}/finish")) == [
        "finished-once", "only-dispatched-is-delivered",
    ]  # fmt: skip


async def test_a_day_is_as_it_was_whatever_its_depot_says_later(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http)
    empty, tag = await day(http), (await http.get(DAY)).headers["ETag"]
    changes = [(await http.get(DAY, headers={"If-None-Match": tag})).status_code]
    await open_depot(http, parallelDeliveries=2)
    changes.append((await http.get(DAY, headers={"If-None-Match": tag})).status_code)
    await open_depot(http, parallelDeliveries=3)
    first, second = await planned(shipping, http), await planned(shipping, http)
    await plan(http, first, "a", 9, 11)
    await open_depot(http, zone="Europe/London", vans=["x"])
    before = await day(http)

    await plan(http, second, "x", 9, 11)

    after = await day(http)
    assert changes == [304, 200]
    assert (empty["version"], empty["vans"], empty["deliveries"]) == (0, ["a", "b", "c", "d"], [])
    assert (before["zone"], before["vans"], before["version"]) == ("Europe/Berlin", ["a", "b", "c", "d"], 2)
    assert (after["zone"], after["vans"], after["version"]) == ("Europe/London", ["x"], 4)
    assert [each["van"] for each in after["deliveries"]] == ["a", "x"]
    assert await day(http, version=2) == before
    assert await day(http, version=4) == after
    assert (await http.get(DAY, params={"version": 5})).status_code == 404
    assert (await http.get(DAY, params={"at": "2020-01-01T00:00:00Z"})).status_code == 404
    await http.delete("/depots/main", headers={"If-Match": "*"})
    assert await day(http) == after
    assert (await http.get("/delivery-days/main/2099-01-01")).status_code == 404
    assert (await plan(http, await planned(shipping, http), "x", 13, 14)).status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE delivery_day SET schema_version = schema_version + 1, state = '{}'",
        "UPDATE delivery_day SET state = NULL",
    ],
)
async def test_a_snapshot_of_another_schema_is_folded_anew(
    shipping: Shipping, http: httpx.AsyncClient, statement: str
) -> None:
    await open_depot(http)
    first, second = await planned(shipping, http), await planned(shipping, http)
    await plan(http, first, "a", 9, 11)
    found = await day(http)
    await by_hand("shipping", statement)

    assert await day(http) == found
    assert rules(await plan(http, second, "a", 10, 12)) == ["one-van-at-a-time"]
    await plan(http, second, "b", 10, 12)

    assert [each["van"] for each in (await day(http))["deliveries"]] == ["a", "b"]
    assert (await day(http))["version"] == 3
    assert await no_faults(shipping)


async def test_a_repeated_request_plans_once(shipping: Shipping, http: httpx.AsyncClient) -> None:
    await open_depot(http)
    shipment, key = await planned(shipping, http), {"Idempotency-Key": str(uuid4())}
    body = {"shipmentId": shipment["id"], "van": "a", "from": at(9), "to": at(10)}

    answers = [await http.post(f"{DAY}/deliveries", json=body, headers=key) for _ in range(2)]
    stale = await http.post(f"{DAY}/deliveries", json=body, headers={"If-Match": '"1"'})

    assert [each.status_code for each in (*answers, stale)] == [201, 201, 412]
    assert answers[0].json() == answers[1].json()
    assert len((await day(http))["deliveries"]) == 1
