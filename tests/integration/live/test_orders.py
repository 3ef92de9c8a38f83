"""Subscriptions on a gateway of their own, changes put on the stream: each is told once, in each protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from tests.support.live.clients import (
    CHANGES,
    LINE,
    changes,
    document,
    gateway_of_a_module,
    hear,
    now,
    say,
    socket,
    subscribe,
    tell,
    told,
    until_closed,
    versions,
)
from tests.support.shop.builders import client, graphql
from tests.support.shop.on_topics import put
from tests.support.shop.rows import a_line, a_shipment_row, an_availability, an_order
from tests.support.views.read_model import ReadModel


@pytest.fixture(scope="module", autouse=True)
def _gateway(servers: dict[str, str]) -> Iterator[None]:
    with gateway_of_a_module():
        yield


async def test_an_order_is_told_whole_in_each_of_its_versions(read_model: ReadModel) -> None:
    await read_model.products({"sku": "CHAI", "name": "Chai as it is now"})
    order = uuid4()
    query = """subscription ($id: ID!, $after: String) { orderChanged(id: $id, after: $after) {
      version deleted order { id status subtotal { amount } total { amount currency } placedAt createdAt updatedAt
        customerId source history { status at } allowedTransitions
        lines { sku productName unitPrice { amount } discount product { name }
          deliveryAddress { city latitude } } } } }"""

    async with socket() as client:
        await subscribe(client, query=query, id=str(order), after=await now())
        await tell(document(order, 1, lines=[LINE]), document(uuid4(), 1))
        await tell(document(order, 2, status="shipped"), document(order, 3, deleted=True, customer=None))
        first, second, third = await changes(client, 3)

    assert first == {
        "version": 1,
        "deleted": False,
        "order": {
            "id": str(order),
            "status": "PLACED",
            "subtotal": {"amount": "440.00"},
            "total": {"amount": "472.38", "currency": "USD"},
            "placedAt": "1996-07-04T12:00:00Z",
            "createdAt": "1996-07-04T12:00:00Z",
            "source": None,
            "history": [{"status": "PLACED", "at": "1996-07-04T12:00:00Z"}],
            "allowedTransitions": ["CONFIRMED", "BACKORDERED", "REJECTED", "CANCELLED"],
            "updatedAt": "1996-07-05T12:00:00Z",
            "customerId": str(UUID(int=1)),
            "lines": [
                {
                    "sku": "CHAI",
                    "productName": "Chai",
                    "unitPrice": {"amount": "18.00"},
                    "discount": "0.15",
                    "product": {"name": "Chai as it is now"},
                    "deliveryAddress": {"city": "Lima", "latitude": None},
                }
            ],
        },
    }
    assert (second["version"], second["order"]["status"]) == (2, "SHIPPED")
    assert third == {"version": 3, "deleted": True, "order": None}


async def test_a_version_is_told_once_however_often_it_is_on_the_stream() -> None:
    order, after = uuid4(), await now()
    await tell(document(order, 1), document(order, 2), document(order, 2, subtotal="1.00"), document(order, 1))

    async with socket() as client:
        await subscribe(client, after=after)
        found = await changes(client, 2)
        await tell(document(order, 2), document(order, 3))
        found += await changes(client, 1)
    async with socket() as client:
        await subscribe(client, after=found[1]["cursor"])
        again = await changes(client, 1)

    assert told(found) == [(order, 1), (order, 2), (order, 3)]
    assert told(again) == [(order, 3)]


async def test_only_orders_that_fit_the_filter_are_told() -> None:
    cheap, dear, other = uuid4(), uuid4(), uuid4()
    after = await now()
    wanted = {"totalFrom": "100.00", "status": ["PLACED", "CONFIRMED"], "sku": "CHAI", "customer": {"name": "JOSE"}}

    async with socket() as client:
        await subscribe(client, filter=wanted, after=after)
        await tell(document(cheap, 1, subtotal="67.61", lines=[LINE]), document(other, 1))
        await tell(document(dear, 1, lines=[LINE]), document(dear, 2, status="shipped", lines=[LINE]))
        await tell(document(dear, 3, lines=[LINE]))
        found = await changes(client, 2)

    assert told(found) == [(dear, 1), (dear, 3)]


async def test_changes_come_as_server_sent_events_with_their_cursors_as_ids() -> None:
    order, after = uuid4(), await now()
    await versions([order], 1, 2)
    body = {"query": CHANGES, "variables": {"after": after}}

    first = await events(body, {}, 1)
    second = await events(body, {"Last-Event-ID": first[0]["id"]}, 1)

    versions_told = [json.loads(each["data"])["data"]["ordersChanged"]["version"] for each in first + second]
    assert versions_told == [1, 2]
    assert json.loads(first[0]["data"])["data"]["ordersChanged"]["cursor"] == first[0]["id"]


async def events(body: dict[str, Any], headers: dict[str, str], number: int) -> list[dict[str, str]]:
    """So many events of a stream, each with its fields."""
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    async with (
        client("gateway") as http,
        http.stream("POST", "/graphql", json=body, headers={"Accept": "text/event-stream", **headers}) as answer,
    ):
        assert answer.headers["Content-Type"].startswith("text/event-stream"), await answer.aread()
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name in ("id", "event", "data"):
                event[name] = value
            elif not line and event:
                found.append(event)
                event = {}
                if len(found) == number:
                    return found
    return found


async def test_a_query_is_answered_on_a_socket_and_as_an_event() -> None:
    async with socket() as client:
        await subscribe(client, query="{ __typename }")
        answer, end = await hear(client), await hear(client)
    by_event = await events({"query": "{ __typename }"}, {}, 2)

    assert answer["payload"]["data"] == {"__typename": "Query"}
    assert end == {"id": "1", "type": "complete"}
    assert json.loads(by_event[0]["data"])["data"] == {"__typename": "Query"}
    assert by_event[1]["event"] == "complete"


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (CHANGES, {"after": "x"}, "BAD_USER_INPUT"),
        (CHANGES, {"after": "WyJjaGFuZ2VzIiw5OTk5OTksOTk5OTk5LDk5OTk5OV0"}, "UNKNOWN_CURSOR"),
        (CHANGES, {"filter": {"country": "Peru"}}, "BAD_USER_INPUT"),
        (CHANGES, {"filter": {"ids": []}}, "BAD_USER_INPUT"),
        (CHANGES, {"filter": {"source": "erp"}}, "BAD_USER_INPUT"),
        ("subscription { nothing }", {}, "BAD_USER_INPUT"),
        ("subscription {", {}, "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_subscribed_to_is_an_error_with_a_code(query: str, variables: Any, code: str) -> None:
    async with socket() as client:
        await subscribe(client, query=query, **variables)
        message = await hear(client)

    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    assert errors[0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "connection_init"}], 4429),
        ([{"type": "nonsense"}], 4400),
        ([{"type": "subscribe", "id": "1"}], 4400),
        ([{"type": "subscribe", "id": "1", "payload": {"query": CHANGES}}] * 2, 4409),
    ],
)
async def test_who_does_not_keep_to_the_protocol_is_left(messages: list[dict[str, Any]], code: int) -> None:
    async with socket() as client:
        for message in messages:
            await say(client, **message)
        _, closed_with = await until_closed(client)

    assert closed_with == code


async def test_who_unsubscribes_hears_no_more() -> None:
    order, after = uuid4(), await now()
    async with socket() as client:
        await subscribe(client, "a", after=after)
        await subscribe(client, "b", after=after)
        await tell(document(order, 1))
        assert {(await hear(client))["id"] for _ in range(2)} == {"a", "b"}
        await say(client, type="complete", id="a")
        await say(client, type="ping")
        assert (await hear(client))["type"] == "pong"
        await tell(document(order, 2), document(order, 3))
        heard = [(await hear(client))["id"] for _ in range(2)]

    assert heard == ["b", "b"]


STOCK = """subscription ($sku: [String!]!, $after: String) { availabilityChanged(sku: $sku, after: $after) {
  cursor sku storeId version stock { available stale store { name } } } }"""


async def test_units_are_told_of_and_what_was_missed_meanwhile(read_model: ReadModel) -> None:
    await read_model.stores({"store_id": "lima", "name": "Lima"})
    mine, other = f"a/b é {uuid4()}", str(uuid4())
    start = (await graphql("{ availabilityCursor }"))["availabilityCursor"]

    async with socket() as client:
        await subscribe(client, query=STOCK, sku=[mine], after=start)
        await put(an_availability("lima", other), an_availability("lima", mine, reserved=1))
        [first] = await changes(client, 1)
    await put(*(an_availability("lima", mine, reserved=version, version=version) for version in (2, 3)))
    async with socket() as client:
        await subscribe(client, query=STOCK, sku=[mine], after=first["cursor"])
        missed = await changes(client, 2)

    assert (first["sku"], first["storeId"], first["version"]) == (mine, "lima", 1)
    assert first["stock"] == {"available": 9, "stale": True, "store": {"name": "Lima"}}
    assert [each["version"] for each in missed] == [2, 3]


SHIPMENTS = """subscription ($id: ID!, $after: String) { shipmentsChanged(filter: { orderId: $id }, after: $after) {
  cursor shipmentId version shipment { status receivedBy parcels { trackingNumber } order { number } } } }"""


async def test_versions_of_shipments_are_told_and_none_is_missed(read_model: ReadModel) -> None:
    order = an_order()
    mine = a_shipment_row(a_line(order), shipment_id=uuid4(), version=1)
    other = a_shipment_row(a_line(an_order()), shipment_id=uuid4())
    await read_model.orders({"order_id": order.order_id, "number": 1042})
    start = (await graphql("{ shipmentsCursor }"))["shipmentsCursor"]

    async with socket() as client:
        await subscribe(client, query=SHIPMENTS, id=str(order.order_id), after=start)
        await put(other, mine)
        [first] = await changes(client, 1)
    await put(replace(mine, status="delivered", received_by="Maria", version=2))
    await put(replace(mine, status="delivered", parcels="[]", version=3))
    async with socket() as client:
        await subscribe(client, query=SHIPMENTS, id=str(order.order_id), after=first["cursor"])
        missed = await changes(client, 2)

    assert (first["shipmentId"], first["version"]) == (str(mine.shipment_id), 1)
    assert first["shipment"] == {
        "status": "DISPATCHED",
        "receivedBy": None,
        "parcels": [{"trackingNumber": "JD014600003"}],
        "order": {"number": "1042"},
    }
    assert [(each["version"], each["shipment"]["receivedBy"]) for each in missed] == [(2, "Maria"), (3, None)]
