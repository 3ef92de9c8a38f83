"""The API of shipping: commands, what they refuse, races, and shipments as they were."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.support.shipping import Shipping, a_graph, sourced

Json = dict[str, Any]


async def planned(shipping: Shipping, http: httpx.AsyncClient, *lines: tuple[str, int]) -> Json:
    """The shipment of a new order, as the API has it."""
    order = a_graph(*lines)
    await shipping.take(order)
    [row] = await shipping.shipments(order)
    return await read(http, str(row.shipment_id))


async def read(http: httpx.AsyncClient, shipment_id: str, **query: Any) -> Json:
    answer = await http.get(f"/shipments/{shipment_id}", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def do(http: httpx.AsyncClient, shipment: Json, command: str, body: Json | None = None, **headers: str) -> Json:
    answer = await http.post(f"/shipments/{shipment['id']}/{command}", json=body, headers=headers)
    assert answer.status_code < 300, answer.text
    done: Json = answer.json()
    assert answer.headers["ETag"] == f'"{done["version"]}"'
    assert answer.headers["Consistency-Token"] == f"shipment:{done['id']}:{done['version']}"
    return done


async def refused(http: httpx.AsyncClient, shipment: Json, command: str, body: Json | None = None) -> list[str]:
    answer = await http.post(f"/shipments/{shipment['id']}/{command}", json=body)
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"] == "urn:oms:problem:business-rule"
    return [each["rule"] for each in answer.json()["errors"]]


async def track(http: httpx.AsyncClient, shipment: Json, parcel: str, number: str) -> httpx.Response:
    body = {"carrier": "dhl", "trackingNumber": number}
    path = f"/shipments/{shipment['id']}/parcels/{parcel}"
    return await http.put(path, json=body, headers={"If-Match": "*"})


async def test_a_shipment_from_its_planning_to_its_recipient(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http, ("A", 3), ("B", 1))

    packed = await do(http, shipment, "pack", {"parcels": [{"weight": 1.25}, {}]})
    tracked = (await track(http, shipment, "2", "JD014")).json()
    sent = await do(http, shipment, "dispatch", {"at": "2026-11-24T10:00:00Z"}, **{"X-Client-Id": "warehouse"})
    failed = await do(http, shipment, "fail", {"reason": "recipient-absent"})
    again = await do(http, shipment, "dispatch")
    received = await do(http, shipment, "deliver", {"receivedBy": "Maria Anders"})

    assert [each["weight"] for each in packed["parcels"]] == [1.25, None]
    assert tracked["parcels"][1] == {"id": "2", "weight": None, "carrier": "dhl", "trackingNumber": "JD014"}
    assert (sent["carrier"], sent["dispatchedAt"]) == ("dhl", "2026-11-24T10:00:00Z")
    assert [each["status"] for each in (failed, again, received)] == ["failed", "dispatched", "delivered"]
    assert (received["receivedBy"], received["attempts"], received["version"]) == ("Maria Anders", 1, 7)
    assert await read(http, shipment["id"]) == received
    events = (await http.get(f"/shipments/{shipment['id']}/events")).json()["items"]
    assert [each["type"] for each in events] == [
        "ShipmentPlanned", "ShipmentPacked", "TrackingNumberGiven", "ShipmentDispatched", "DeliveryFailed",
        "DeliveryRetried", "ShipmentDelivered",
    ]  # fmt: skip
    assert events[3]["caller"] == "warehouse"
    assert events[3]["data"] == {"at": "2026-11-24T10:00:00Z", "carrier": "dhl", "parcelIds": ["1", "2"]}
    assert "JD014" not in str(events)
    assert "Anders" not in str(events)


async def test_a_shipment_that_is_recalled_or_fails_comes_back(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http)
    await do(http, shipment, "pack", {"parcels": [{}]})
    await do(http, shipment, "dispatch", {"carrier": "ups"})

    await do(http, shipment, "recall", {"reason": "damaged"})
    returned = await do(http, shipment, "return")

    assert (returned["status"], returned["reason"], returned["carrier"]) == ("returned", "damaged", "ups")
    assert returned["returnedAt"]


async def test_part_of_a_lines_units_go_before_the_others(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http, ("A", 3))
    line = shipment["lines"][0]
    units = {"lines": [{"orderLineId": line["orderLineId"], "quantity": 2}]}
    key = {"Idempotency-Key": str(uuid4())}

    new = await do(http, shipment, "split", units, **key)
    repeated = await http.post(f"/shipments/{shipment['id']}/split", json=units, headers=key)

    left = await read(http, shipment["id"])
    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert repeated.json() == new == await read(http, new["id"])
    assert [each["lines"][0]["quantity"] for each in (new, left)] == [2, 1]
    listed = (await http.get("/shipments", params={"orderId": shipment["orderId"]})).json()["items"]
    assert sorted(each["id"] for each in listed) == sorted([shipment["id"], new["id"]])
    order_id = shipment["orderId"]
    again = (await http.post("/shipments", json={"orderId": order_id})).json()["items"]
    assert sorted(each["id"] for each in again) == sorted([shipment["id"], new["id"]])


async def test_a_command_names_all_rules_that_it_breaks(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http, ("A", 3))

    assert await refused(http, shipment, "dispatch") == ["parcels-before-dispatch"]
    assert await refused(http, shipment, "deliver") == ["only-dispatched-is-delivered"]
    assert await refused(http, shipment, "recall", {"reason": "x"}) == ["only-dispatched-or-failed-is-recalled"]
    await do(http, shipment, "cancel", {"reason": "damaged"})
    body = {"parcels": [{"weight": 0}]}
    assert await refused(http, shipment, "pack", body) == ["only-planned-is-packed", "weight-is-positive"]
    line = {"orderLineId": shipment["lines"][0]["orderLineId"], "quantity": 9}
    path = f"/shipments/{shipment['id']}/split"
    split = await http.post(path, json={"lines": [line, line]}, headers={"Idempotency-Key": "k"})
    assert {each["rule"] for each in split.json()["errors"]} >= {"only-planned-is-split", "line-is-named-once"}
    assert (await read(http, shipment["id"]))["version"] == 2


async def test_requests_that_are_wrong_are_refused(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http)
    path = f"/shipments/{shipment['id']}"
    await do(http, shipment, "pack", {"parcels": [{}]})

    late = await http.post(f"{path}/dispatch", headers={"If-Match": '"1"'})
    future = await http.post(f"{path}/dispatch", json={"at": "2200-01-01T00:00:00Z"})
    unknown = await http.post(f"/shipments/{uuid4()}/dispatch")
    without = await http.put(f"{path}/parcels/1", json={"carrier": "dhl", "trackingNumber": "X1"})
    parcel = await track(http, shipment, "7", "X1")
    both = await http.get(path, params={"version": 1, "at": "2026-11-24T10:00:00Z"})
    filters = await http.get("/shipments", params={"location": "main"})

    assert [each.status_code for each in (late, future, unknown, without, parcel, both, filters)] == [
        412, 422, 404, 428, 409, 422, 422,
    ]  # fmt: skip
    assert parcel.json()["errors"][0]["rule"] == "parcel-is-in-the-shipment"
    assert filters.json()["errors"][0]["detail"] == "filtering by location needs status as well"
    assert (await read(http, shipment["id"]))["status"] == "packed"


async def test_a_tracking_number_is_of_one_parcel(shipping: Shipping, http: httpx.AsyncClient) -> None:
    one, other = await planned(shipping, http), await planned(shipping, http)
    for each in (one, other):
        await do(http, each, "pack", {"parcels": [{}]})

    first, same = await track(http, one, "1", "N1"), await track(http, one, "1", "N1")
    taken = await track(http, other, "1", "N1")
    await track(http, one, "1", "N2")
    freed = await track(http, other, "1", "N1")

    assert first.json() == same.json()
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:oms:problem:tracking-number-taken")
    assert freed.json()["parcels"][0]["trackingNumber"] == "N1"


async def test_of_twelve_at_once_one_wins(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http)
    path = f"/shipments/{shipment['id']}/pack"

    answers = await asyncio.gather(*(http.post(path, json={"parcels": [{}]}) for _ in range(12)))

    assert sorted(each.status_code for each in answers) == [200] + [409] * 11
    assert (await read(http, shipment["id"]))["version"] == 2
    [row] = await shipping.shipments(a_graph(id=UUID(shipment["orderId"])))
    assert await shipping.events(row) == ["ShipmentPlanned", "ShipmentPacked"]


async def test_twelve_splits_at_once_lose_no_unit(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http, ("A", 9))
    units = {"lines": [{"orderLineId": shipment["lines"][0]["orderLineId"], "quantity": 1}]}
    path = f"/shipments/{shipment['id']}/split"

    answers = await asyncio.gather(
        *(http.post(path, json=units, headers={"Idempotency-Key": str(uuid4())}) for _ in range(12))
    )

    assert sorted(each.status_code for each in answers) == [201] * 8 + [409] * 4
    rows = (await http.get("/shipments", params={"orderId": shipment["orderId"]})).json()["items"]
    assert sorted(each["lines"][0]["quantity"] for each in rows) == [1] * 9


async def test_a_shipment_as_it_was(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http, ("A", 3))
    await do(http, shipment, "pack", {"parcels": [{}]})
    await track(http, shipment, "1", "N9")
    events = (await http.get(f"/shipments/{shipment['id']}/events")).json()["items"]

    first = await read(http, shipment["id"], version=1)
    packed = await read(http, shipment["id"], at=events[0]["recordedAt"])
    now = await read(http, shipment["id"], at="2100-01-01T00:00:00Z")
    path = f"/shipments/{shipment['id']}"
    missing = [await http.get(path, params=each) for each in ({"version": 4}, {"at": "2020-01-01T00:00:00Z"})]

    assert first == packed == shipment
    assert (now["version"], now["parcels"][0]["trackingNumber"]) == (3, None)
    assert [each.json()["type"] for each in missing] == ["urn:oms:problem:version-not-found"] * 2


async def test_lists_are_by_order_customer_status_and_location(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order, other = a_graph(("A", 3), ("B", 1)), a_graph(("A", 1))
    await shipping.take(other, order, sourced(order, "lima", "seattle"))
    [row] = await shipping.shipments(other)

    async def ids(**filters: str) -> set[str]:
        found = (await http.get("/shipments", params=filters)).json()["items"]
        return {each["id"] for each in found}

    of_order = {str(each.shipment_id) for each in await shipping.shipments(order) if each.status == "planned"}
    assert await ids(customerId=str(order.customer_id), limit="2") <= of_order | await ids(status="cancelled")
    assert await ids(status="planned") == of_order | {str(row.shipment_id)}
    assert await ids(location="main", status="planned") == {str(row.shipment_id)}
    assert await ids(customerId=str(other.customer_id)) == {str(row.shipment_id)}


async def test_an_imported_order_of_which_units_left_before_is_not_planned(
    shipping: Shipping, http: httpx.AsyncClient
) -> None:
    order = a_graph(("A", 3), external_id="7", status="partially_shipped")
    await shipping.order(order)

    answer = await http.post("/shipments", json={"orderId": str(order.id)})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:oms:problem:order-not-ready")
    assert await shipping.shipments(order) == []


async def test_shipments_of_an_imported_order_are_made_on_request(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order = a_graph(("A", 3), external_id="7")
    await shipping.take(order)

    made = await http.post("/shipments", json={"orderId": str(order.id)}, headers={"Idempotency-Key": "make"})
    unknown = await http.post("/shipments", json={"orderId": str(uuid4())})
    await shipping.take(a_graph(("A", 1), id=order.id, status="placed", version=1))

    [shipment] = made.json()["items"]
    assert (shipment["status"], shipment["lines"][0]["quantity"]) == ("planned", 3)
    assert unknown.status_code == 404
    placed = a_graph(("A", 1), status="placed", confirmed_at=None)
    await shipping.take(placed)
    refused_ = await http.post("/shipments", json={"orderId": str(placed.id)})
    assert (refused_.status_code, refused_.json()["type"]) == (409, "urn:oms:problem:order-not-ready")


async def test_cancelled_units_are_shipped_again_only_on_request(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order = a_graph(("A", 3))
    await shipping.take(order)
    [row] = await shipping.shipments(order)
    await do(http, {"id": str(row.shipment_id)}, "cancel", {"reason": "damaged"})
    await shipping.take(order)
    assert [each.status for each in await shipping.shipments(order)] == ["cancelled"]

    made = (await http.post("/shipments", json={"orderId": str(order.id)})).json()["items"]

    assert sorted(each["status"] for each in made) == ["cancelled", "planned"]


async def test_nothing_personal_is_taken_of_a_deleted_customer(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await planned(shipping, http)
    await do(http, shipment, "pack", {"parcels": [{}]}, **{"Idempotency-Key": "pack"})
    await track(http, shipment, "1", "N5")
    await do(http, shipment, "dispatch")

    await shipping.delete_customer(UUID(shipment["customerId"]))

    erased = await read(http, shipment["id"])
    assert erased["parcels"][0]["trackingNumber"] is None
    refused_ = await track(http, shipment, "1", "N6")
    assert refused_.json()["errors"][0]["rule"] == "no-numbers-after-erasure"
    delivered = await do(http, shipment, "deliver", {"receivedBy": "Maria Anders"})
    assert (delivered["status"], delivered["receivedBy"]) == ("delivered", None)
    body: Json = {"parcels": [{}]}
    again = await http.post(f"/shipments/{shipment['id']}/pack", json=body, headers={"Idempotency-Key": "pack"})
    assert again.status_code == 410
