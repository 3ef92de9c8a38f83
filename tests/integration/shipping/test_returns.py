"""The API of returns: from the request to the refund, what is refused, and shipments that come back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
from msgspec.structs import replace

from contracts.orders import OrderGraph
from tests.integration.shipping.test_commands import do
from tests.support.shipping import Shipping, a_graph, changed, sourced

Json = dict[str, Any]


async def deliver_all(shipping: Shipping, http: httpx.AsyncClient, order: OrderGraph) -> None:
    """Let the customer have all units of an order that is known here."""
    for row in await shipping.shipments(order):
        if row.status == "planned":
            shipment = {"id": str(row.shipment_id)}
            await do(http, shipment, "pack", {"parcels": [{}]})
            await do(http, shipment, "dispatch")
            await do(http, shipment, "deliver")


async def delivered(
    shipping: Shipping, http: httpx.AsyncClient, *lines: tuple[str, int], freight: str = "5"
) -> OrderGraph:
    """An order whose lines cost 10.00 each, and whose units the customer has."""
    graph = a_graph(*lines, freight=Decimal(freight))
    order = replace(graph, lines=[replace(line, amount=Decimal(10)) for line in graph.lines])
    await shipping.take(order)
    await deliver_all(shipping, http, order)
    return order


def of_lines(order: OrderGraph, *quantities: int, **more: Any) -> list[Json]:
    """So many units of the first, second, … line."""
    lines = zip(order.lines, quantities, strict=False)
    return [{"orderLineId": str(line.id), "quantity": units, "reason": "too-small", **more} for line, units in lines]


async def ask(http: httpx.AsyncClient, order: OrderGraph, *quantities: int, key: str | None = None) -> httpx.Response:
    body = {"orderId": str(order.id), "lines": of_lines(order, *quantities)}
    return await http.post("/returns", json=body, headers={"Idempotency-Key": key or str(uuid4())})


async def opened(http: httpx.AsyncClient, order: OrderGraph, *quantities: int) -> Json:
    answer = await ask(http, order, *quantities)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def step(http: httpx.AsyncClient, return_id: str, command: str, body: Json | None = None) -> Json:
    headers = {"X-Client-Id": "support"}
    answer = await http.post(f"/returns/{return_id}/{command}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    done: Json = answer.json()
    assert answer.headers["ETag"] == f'"{done["version"]}"'
    assert answer.headers["Consistency-Token"] == f"return:{return_id}:{done['version']}"
    return done


async def received(http: httpx.AsyncClient, order: OrderGraph, *quantities: int) -> Json:
    """A return of which everything came back."""
    it = await opened(http, order, *quantities)
    await step(http, it["id"], "authorise")
    lines = [{"orderLineId": line["orderLineId"], "sellable": line["quantity"]} for line in it["lines"]]
    return await step(http, it["id"], "receive", {"lines": lines})


async def rules(http: httpx.AsyncClient, path: str, body: Json | None = None) -> list[str]:
    answer = await http.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:oms:problem:business-rule"), answer.text
    return [each["rule"] for each in answer.json()["errors"]]


async def test_a_return_from_its_request_to_its_refund(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order = await delivered(shipping, http, ("A", 3), ("B", 1))
    line_id = str(order.lines[0].id)

    asked = await ask(http, order, 3, key="ask")
    repeated = await ask(http, order, 3, key="ask")
    it = asked.json()
    authorised = await step(http, it["id"], "authorise")
    came = {"lines": [{"orderLineId": line_id, "sellable": 1, "damaged": 1}]}
    back = await step(http, it["id"], "receive", came)
    approved = await step(http, it["id"], "approve-refund", {"freight": "2.5"})
    paid = await step(http, it["id"], "refund", {"reference": "re_1"})

    assert (asked.status_code, repeated.headers["Idempotent-Replayed"], repeated.json()) == (201, "true", it)
    assert asked.headers["Location"] == f"/returns/{it['id']}"
    assert (it["status"], it["origin"], it["customerId"]) == ("requested", "delivered", str(order.customer_id))
    assert authorised["rmaNumber"] == f"RMA-{it['id'][-12:].upper()}"
    assert (back["location"], back["lines"][0]["sellable"], back["lines"][0]["damaged"]) == ("main", 1, 1)
    assert approved["lines"][0]["refund"] == "6.67"
    assert approved["refund"] == {"amount": "9.17", "freight": "2.50", "currency": "USD", "reference": None}
    assert (paid["status"], paid["refund"]["reference"], paid["version"]) == ("refunded", "re_1", 5)
    assert (await http.get(f"/returns/{it['id']}")).json() == paid
    events = (await http.get(f"/returns/{it['id']}/events")).json()["items"]
    assert [each["type"] for each in events] == [
        "ReturnRequested", "ReturnAuthorised", "ReturnReceived", "RefundApproved", "Refunded",
    ]  # fmt: skip
    assert (events[1]["caller"], events[3]["data"]["freight"]) == ("support", "2.50")


async def test_the_refunds_of_an_order_add_up_to_what_was_paid(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order = await delivered(shipping, http, ("A", 3))
    parts = [await received(http, order, 1) for _ in range(3)]

    last, first, middle = [
        await step(http, parts[each]["id"], "approve-refund", {"freight": "0"}) for each in (2, 0, 1)
    ]
    too_much = await received(http, await delivered(shipping, http, ("A", 3)), 1)
    refused = await rules(
        http,
        f"/returns/{too_much['id']}/approve-refund",
        {"lines": [{"orderLineId": too_much["lines"][0]["orderLineId"], "amount": "3.34"}], "freight": "5.01"},
    )

    assert [each["refund"]["amount"] for each in (last, first, middle)] == ["3.33", "3.34", "3.33"]
    assert refused == ["more-than-was-paid"] * 2


async def test_freight_is_refunded_once(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order = await delivered(shipping, http, ("A", 2), freight="5.00")
    one, other = await received(http, order, 1), await received(http, order, 1)
    await step(http, one["id"], "approve-refund", {"freight": "4.00"})

    assert await rules(http, f"/returns/{other['id']}/approve-refund", {"freight": "1.01"}) == ["more-than-was-paid"]
    assert (await step(http, other["id"], "approve-refund", {"freight": "1.00"}))["refund"]["amount"] == "6.00"


async def test_units_that_are_refused_cancelled_or_not_found_are_free_again(
    shipping: Shipping, http: httpx.AsyncClient
) -> None:
    order = await delivered(shipping, http, ("A", 3))
    refused, cancelled = await opened(http, order, 1), await opened(http, order, 2)
    body = {"orderId": str(order.id), "lines": of_lines(order, 1)}
    assert await rules(http, "/returns", body) == ["nothing-left-to-return"]

    await step(http, refused["id"], "refuse", {"reason": "too-late"})
    await step(http, cancelled["id"], "authorise")
    await step(http, cancelled["id"], "cancel", {"reason": "kept"})
    partly = await opened(http, order, 3)
    await step(http, partly["id"], "authorise")
    await step(http, partly["id"], "receive", {"lines": [{"orderLineId": str(order.lines[0].id), "damaged": 1}]})
    rest = await opened(http, order, 2)

    assert rest["status"] == "requested"
    assert await rules(http, f"/returns/{refused['id']}/receive", {"lines": [{"orderLineId": str(uuid4())}]}) == [
        "only-authorised-is-received", "line-is-in-the-return", "units-came-back",
    ]  # fmt: skip


async def test_the_location_is_named_if_the_units_came_from_several(
    shipping: Shipping, http: httpx.AsyncClient
) -> None:
    order = a_graph(("A", 3), ("B", 1))
    await shipping.take(order, sourced(order, {"lima": 2, "seattle": 1}, "lima"))
    await deliver_all(shipping, http, order)
    both = await opened(http, order, 3)
    await step(http, both["id"], "authorise")
    lines = {"lines": [{"orderLineId": str(order.lines[0].id), "sellable": 3}]}

    assert await rules(http, f"/returns/{both['id']}/receive", lines) == ["location-is-named"]
    assert (await step(http, both["id"], "receive", {**lines, "location": "berlin"}))["location"] == "berlin"


async def test_a_shipment_that_comes_back_is_a_received_return(shipping: Shipping, http: httpx.AsyncClient) -> None:
    graph = a_graph(("A", 3), freight=Decimal(5))
    await shipping.take(graph)
    [row] = await shipping.shipments(graph)
    shipment = {"id": str(row.shipment_id)}
    await do(http, shipment, "pack", {"parcels": [{}]})
    await do(http, shipment, "dispatch")
    await do(http, shipment, "fail", {"reason": "recipient-absent"})
    await shipping.take(changed(graph, status="cancelled"))

    await do(http, shipment, "return")

    [it] = (await http.get("/returns", params={"orderId": str(graph.id)})).json()["items"]
    assert (it["origin"], it["status"], it["shipmentId"]) == ("returned_to_sender", "received", shipment["id"])
    assert (it["location"], it["lines"][0]["sellable"], it["lines"][0]["reason"]) == ("main", 3, "order-cancelled")
    approved = await step(http, it["id"], "approve-refund", {"freight": "5"})
    assert approved["refund"]["amount"] == "59.00"
    body = {"orderId": str(graph.id), "lines": of_lines(graph, 1)}
    assert await rules(http, "/returns", body) == ["nothing-left-to-return"]


async def test_a_return_as_it_was(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order = await delivered(shipping, http, ("A", 3))
    it = await opened(http, order, 2)
    done = await step(http, it["id"], "authorise")
    path = f"/returns/{it['id']}"
    events = (await http.get(f"{path}/events")).json()["items"]

    first = (await http.get(path, params={"version": 1})).json()
    then = (await http.get(path, params={"at": events[0]["recordedAt"]})).json()
    now = (await http.get(path, params={"at": "2100-01-01T00:00:00Z"})).json()
    missing = [await http.get(path, params=each) for each in ({"version": 3}, {"at": "2020-01-01T00:00:00Z"})]
    both = await http.get(path, params={"version": 1, "at": "2100-01-01T00:00:00Z"})

    assert (first, then, now) == (it, it, done)
    assert [each.json()["type"] for each in missing] == ["urn:oms:problem:version-not-found"] * 2
    assert both.status_code == 422


async def test_lists_and_requests_that_are_wrong(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order, other = [await delivered(shipping, http, ("A", 3)) for _ in range(2)]
    it, its = await opened(http, order, 1), await opened(http, other, 1)
    await step(http, it["id"], "authorise")

    async def ids(**filters: str) -> list[str]:
        return [each["id"] for each in (await http.get("/returns", params=filters)).json()["items"]]

    assert await ids(status="requested") == await ids(customerId=str(other.customer_id)) == [its["id"]]
    assert await ids(orderId=str(order.id)) == [it["id"]]
    body = {"orderId": str(uuid4()), "lines": of_lines(order, 1)}
    unknown = await http.post("/returns", json=body, headers={"Idempotency-Key": "k1"})
    keyless = await http.post("/returns", json=body)
    missing = [await http.get(f"/returns/{uuid4()}{each}") for each in ("", "/events")]
    missing += [await http.post(f"/returns/{uuid4()}/{each}", json={}) for each in ("authorise", "approve-refund")]
    late = await http.post(f"/returns/{it['id']}/cancel", json={"reason": "kept"}, headers={"If-Match": '"1"'})
    text = await http.post(f"/returns/{it['id']}/cancel", json={"reason": "Does not fit me"})

    assert unknown.json()["type"] == "urn:oms:problem:order-not-found"
    assert [each.json()["type"] for each in missing] == ["urn:oms:problem:return-not-found"] * 4
    assert [each.status_code for each in (keyless, late, text)] == [400, 412, 422]
