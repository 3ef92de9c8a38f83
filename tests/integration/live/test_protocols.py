"""Queries and refusals over WebSocket and server-sent events, as the two protocols have them.

Sources: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md,
https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from chassis import addresses
from gateway.live.websocket import MAX_OPERATIONS, MAX_REASON_BYTES
from tests.support.live.clients import (
    CHANGES,
    changes,
    gateway_of_a_module,
    hear,
    now,
    say,
    socket,
    subscribe,
    tell,
    told,
    until_closed,
)
from tests.support.live.clients import document as an_order
from tests.support.shop.builders import client

STREAM = {"Accept": "text/event-stream"}
URQL = {
    "Accept": "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, "
    "multipart/mixed"
}
COSTLY = "{ orders(first: 100) { nodes { customer { orders(first: 100) { nodes { lines { sku } } } } } } }"
HASH = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}


@pytest.fixture(scope="module", autouse=True)
def _gateway(servers: dict[str, str]) -> Iterator[None]:
    with gateway_of_a_module():
        yield


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"query": "subscription {"}, "BAD_USER_INPUT"),
    ({"query": "subscription { nothing }"}, "BAD_USER_INPUT"),
    ({"query": "{ nothing }"}, "BAD_USER_INPUT"),
    ({"query": "mutation { nothing }"}, "BAD_USER_INPUT"),
    ({"query": "query ($id: ID!) { node(id: $id) { id } }"}, "BAD_USER_INPUT"),
    ({"query": "subscription ($f: OrderFilter!) { ordersChanged(filter: $f) { cursor } }"}, "BAD_USER_INPUT"),
    ({"query": CHANGES, "variables": {"after": "x"}}, "BAD_USER_INPUT"),
    ({"query": CHANGES, "variables": {"filter": {"country": "Peru"}}}, "BAD_USER_INPUT"),
    ({"query": CHANGES, "variables": {"after": "WyJjaGFuZ2VzIiw5OTk5OTksOTk5OTk5LDk5OTk5OV0"}}, "UNKNOWN_CURSOR"),
    ({"query": "query a { x } subscription b { y }", "operationName": "b"}, "BAD_USER_INPUT"),
    ({"query": "query a { __typename } query b { __typename }"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "query a { __typename }", "operationName": "b"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": COSTLY}, "TOO_COMPLEX"),
    ({"query": "{ a: " + "{ a: " * 50}, "BAD_USER_INPUT"),
    ({"extensions": HASH, "query": ""}, "PERSISTED_QUERY_NOT_FOUND"),
    ({"extensions": HASH, "query": "{ __typename }"}, "PERSISTED_QUERY_HASH_MISMATCH"),
]


def events_in(answer: httpx.Response) -> list[tuple[str, str]]:
    """The events of a stream that has ended, each with its type and data."""
    parts = [part for part in answer.text.split("\n\n") if part.strip(":\n")]
    found = []
    for part in parts:
        fields = dict(line.split(": ", 1) for line in part.splitlines() if not line.startswith(":"))
        found.append((fields["event"], fields["data"]))
    return found


def assert_refused(answer: httpx.Response, code: str) -> None:
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    [(first, data), end] = events_in(answer)
    body = json.loads(data)
    assert (first, end) == ("next", ("complete", ""))
    assert body["errors"][0]["extensions"]["code"] == code
    assert "data" not in body


@pytest.mark.parametrize(("request_", "code"), REFUSED)
async def test_a_refusal_of_a_stream_is_an_event(request_: dict[str, Any], code: str) -> None:
    parameters = {name: each if isinstance(each, str) else json.dumps(each) for name, each in request_.items()}
    async with client("gateway") as http:
        by_post = await http.post("/graphql", json=request_, headers=STREAM)
        by_get = await http.get("/graphql", params=parameters, headers=STREAM)

    assert_refused(by_post, code)
    if "mutation" in request_["query"]:
        assert by_get.status_code == 405
    else:
        assert_refused(by_get, code)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b"{", {}),
        (b"[]", {}),
        (b'{"query": 1}', {}),
        (b"{}", {"Content-Type": "text/plain"}),
        (b"x" * 200_000, {}),
        (b'{"query": "{ __typename }"}', {"X-Client-Id": "no client"}),
        (b'{"query": "{ __typename }"}', {"Consistency-Token": "x"}),
    ],
)
async def test_what_is_no_request_is_an_event_too(body: bytes, headers: dict[str, str]) -> None:
    async with client("gateway") as http:
        sent = {"Content-Type": "application/json", **STREAM, **headers}
        answer = await http.post("/graphql", content=body, headers=sent)

    assert_refused(answer, "BAD_USER_INPUT" if "Consistency-Token" in headers else "BAD_REQUEST")


@pytest.mark.parametrize(("request_", "code"), REFUSED)
async def test_a_refusal_on_a_socket_is_an_error_of_its_operation(request_: dict[str, Any], code: str) -> None:
    async with socket() as on:
        await say(on, type="subscribe", id="1", payload=request_)
        refused = await hear(on)
        await subscribe(on, "1", "{ __typename }")
        later = [await hear(on), await hear(on)]

    assert (refused["id"], refused["type"]) == ("1", "error")
    assert refused["payload"][0]["extensions"]["code"] == code
    assert [each["type"] for each in later] == ["next", "complete"]


async def test_an_error_of_a_field_is_part_of_the_answer_on_a_socket() -> None:
    async with socket() as on:
        await subscribe(on, query='{ node(id: "x") { id } }')
        answer, end = await hear(on), await hear(on)

    assert (answer["type"], end["type"]) == ("next", "complete")
    assert answer["payload"]["data"] == {"node": None}


async def test_a_client_that_accepts_a_stream_gets_one_for_a_subscription_only() -> None:
    order, after = uuid4(), await now()
    await tell(an_order(order, 1))
    body = {"query": CHANGES, "variables": {"after": after}}
    async with client("gateway") as http:
        query = await http.post("/graphql", json={"query": "{ __typename }"}, headers=URQL)
        refused = await http.post("/graphql", json=body, headers={"Accept": "application/json, text/event-stream;q=0"})
        by_get = {"query": CHANGES, "variables": json.dumps({"after": after})}
        for sent in ({"method": "POST", "json": body}, {"method": "GET", "params": by_get}):
            async with http.stream(url="/graphql", headers=URQL, **sent) as answer:  # type: ignore[arg-type]
                kind = answer.headers["Content-Type"]
                first = await anext(line async for line in answer.aiter_lines() if line.startswith("data: "))
            assert kind == "text/event-stream; charset=utf-8"
            assert json.loads(first[6:])["data"]["ordersChanged"]["orderId"] == str(order)

    assert query.headers["Content-Type"] == "application/graphql-response+json; charset=utf-8"
    assert query.json()["data"] == {"__typename": "Query"}
    assert (refused.status_code, refused.headers["Content-Type"]) == (406, "application/json; charset=utf-8")
    assert "Accept: text/event-stream" in refused.json()["errors"][0]["message"]


@pytest.mark.parametrize("name", ["", None])
async def test_an_empty_name_is_no_name_of_an_operation(name: str | None) -> None:
    request = {"query": "query a { __typename }", "operationName": name}
    async with client("gateway") as http, socket() as on:
        by_post = await http.post("/graphql", json=request)
        by_event = await http.post("/graphql", json=request, headers=STREAM)
        by_get = await http.get("/graphql", params={**request, "operationName": ""})
        await say(on, type="subscribe", id="1", payload=request)
        on_socket = await hear(on)

    answers = [by_post.json(), by_get.json(), json.loads(events_in(by_event)[0][1]), on_socket["payload"]]
    assert [answer["data"] for answer in answers] == [{"__typename": "Query"}] * 4


async def test_a_malformed_id_is_null_in_its_place() -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = ["x", f"{uuid4()}", "product:NONE", "product:\0"]
    async with client("gateway") as http:
        answer = (await http.post("/graphql", json={"query": query, "variables": {"ids": ids}})).json()

    assert answer["data"] == {"nodes": [None] * 4}
    assert "errors" not in answer


async def test_more_operations_than_a_socket_may_have_are_an_error_of_the_last() -> None:
    order = uuid4()
    after = await now()
    async with socket() as on:
        for number in range(MAX_OPERATIONS):
            await subscribe(on, f"{number}", after=after)
        await subscribe(on, "one more")
        refused = await hear(on)
        await tell(an_order(order, 1))
        found = await changes(on, MAX_OPERATIONS)

    assert (refused["id"], refused["type"]) == ("one more", "error")
    assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert set(told(found)) == {(order, 1)}


@pytest.mark.parametrize("letter", ["x", "é", "€", "😀"])
async def test_a_reason_is_as_long_as_a_close_frame_can_carry(letter: str) -> None:
    async with socket() as on:
        await subscribe(on, letter * 200)
        await subscribe(on, letter * 200)
        await until_closed(on)

    assert on.close_code == 4409
    assert on.close_reason is not None
    assert on.close_reason.startswith(f"Subscriber for {letter * 10}")
    assert MAX_REASON_BYTES - 3 <= len(on.close_reason.encode()) <= MAX_REASON_BYTES


def opened(*protocols: str) -> connect:
    url = addresses.url("gateway").replace("http", "ws") + "/graphql"
    return connect(url, subprotocols=protocols or None, ping_interval=None)  # type: ignore[arg-type]


async def closed_with(on: ClientConnection) -> int | None:
    return (await until_closed(on))[1]


async def test_a_socket_of_another_protocol_is_closed() -> None:
    for protocols in ((), ("graphql-ws",), ("soap", "mqtt")):
        async with opened(*protocols) as on:
            assert await closed_with(on) == 4406


@pytest.mark.parametrize(
    "message",
    [
        "",
        "x",
        "[]",
        "null",
        "{}",
        '{"type": 1}',
        '{"type": "next", "id": "1", "payload": {}}',
        '{"type": "connection_ack"}',
        '{"type": "connection_init", "payload": []}',
        '{"type": "ping", "payload": "x"}',
        '{"type": "complete"}',
        '{"type": "subscribe", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": "{ __typename }"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": {}}}',
        '{"type": "subscribe", "id": "\\ud800", "payload": {"query": "{ __typename }"}}',
        "[" * 100_000,
    ],
)
async def test_a_message_of_no_known_form_closes_the_socket(message: str) -> None:
    async with socket() as on:
        await on.send(message)

        assert await closed_with(on) == 4400


async def test_a_socket_and_a_stream_have_the_id_of_their_request() -> None:
    given = {"X-Request-Id": "shop-1"}
    url = addresses.url("gateway").replace("http", "ws") + "/graphql"
    async with (
        client("gateway") as http,
        http.stream("GET", "/graphql", params={"query": CHANGES}, headers={**STREAM, **given}) as streamed,
        connect(url, subprotocols=["graphql-transport-ws"], additional_headers=given) as on,  # type: ignore[list-item]
    ):
        assert on.response is not None
        assert [streamed.headers["X-Request-Id"], on.response.headers["X-Request-Id"]] == ["shop-1"] * 2


async def test_an_operation_before_the_acknowledgement_closes_the_socket() -> None:
    async with opened("graphql-transport-ws") as on:
        await subscribe(on, query="{ __typename }")

        assert await closed_with(on) == 4401


async def test_pings_may_come_at_any_time() -> None:
    async with opened("graphql-transport-ws") as on:
        await say(on, type="ping")
        before = await hear(on)
        await say(on, type="connection_init", payload={"token": "x"})
        await say(on, type="ping", payload={"a": 1})
        await say(on, type="pong")
        after = [await hear(on), await hear(on)]

    assert [before["type"], *(each["type"] for each in after)] == ["pong", "connection_ack", "pong"]
