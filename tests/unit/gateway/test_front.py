"""What every answer of `/graphql` has in common, whatever becomes of the request."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import structlog
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from gateway.operations.execution import Executor
from gateway.requests.request import Request
from gateway.requests.response import Response
from tests.support.gateway.gateway_alone import gateway_alone

QUERY = {"query": "query a { product(sku: 5) { sku } }"}
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway_alone(monkeypatch) as http:
        yield http


def count(outcome: str) -> float:
    return REGISTRY.get_sample_value("oms_graphql_responses_total", {"outcome": outcome}) or 0.0


async def test_an_answer_has_the_id_of_its_request(client: httpx.AsyncClient) -> None:
    given = await client.post("/graphql", json=QUERY, headers={"X-Request-Id": "shop-1"})
    made = [await client.post("/graphql", json=QUERY, headers={"X-Request-Id": each}) for each in ("", "a b")]

    assert given.headers["X-Request-Id"] == "shop-1"
    assert len({answer.headers["X-Request-Id"] for answer in made} - {"", "a b"}) == 2


async def test_what_fails_inside_is_logged_under_that_id_and_not_shown(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: Executor, __: Request) -> Response:
        raise RuntimeError("password=secret")

    monkeypatch.setattr(Executor, "execute", fail)
    with capture_logs() as logs:
        answer = await client.post("/graphql", json=QUERY, headers={"X-Request-Id": "shop-1"})

    assert answer.status_code == 500
    assert answer.json()["errors"] == [
        {"message": "internal error; quote the X-Request-Id to support", "extensions": {"code": "INTERNAL"}},
    ]
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["request failed"]
    assert structlog.contextvars.get_contextvars()["request_id"] == "shop-1"


@pytest.mark.parametrize("body", [b"", b'{"query": ""}', b'{"query": "{ nothing }"}', b'{"query": "{ a b"}'])
async def test_also_an_answer_without_data_says_how_fresh_the_sources_are(
    client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})

    unknown = {"lagMs": None, "stale": True}
    sources = ("customers", "orders", "products", "inventory", "stores", "shipping", "search")
    assert answer.json()["extensions"] == {"freshness": dict.fromkeys(sources, unknown)}


async def test_what_was_not_right_is_counted_and_logged(client: httpx.AsyncClient) -> None:
    before = count("BAD_USER_INPUT"), count("ok")
    with capture_logs() as logs:
        await client.post("/graphql", json=QUERY)

    assert (count("BAD_USER_INPUT"), count("ok")) == (before[0] + 1, before[1])
    assert [(line["event"], line["outcome"], line["status"]) for line in logs] == [("request", "BAD_USER_INPUT", 200)]


async def test_a_browser_gets_the_page_at_the_address_and_an_answer_to_a_query(client: httpx.AsyncClient) -> None:
    page = await client.get("/graphql", headers=BROWSER)
    answer = await client.get("/graphql", params={"query": "{ nothing }"}, headers=BROWSER)

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_what_is_said_depends_on_what_is_accepted(client: httpx.AsyncClient) -> None:
    plain = await client.post("/graphql", json=QUERY)
    graphql = await client.post("/graphql", json=QUERY, headers={"Accept": "application/graphql-response+json"})

    assert [answer.status_code for answer in (plain, graphql)] == [200, 400]
    assert graphql.headers["Content-Type"] == "application/graphql-response+json; charset=utf-8"
    assert plain.json() == graphql.json()
    assert {answer.headers["Vary"] for answer in (plain, graphql)} == {"Accept, Accept-Encoding"}


@pytest.mark.parametrize("coding", ["gzip", "br", "GZIP", "identity, gzip", "rot13"])
async def test_a_body_with_a_coding_is_refused_whatever_it_holds(client: httpx.AsyncClient, coding: str) -> None:
    answer = await client.post("/graphql", json=QUERY, headers={"Content-Encoding": coding})
    plain = await client.post("/graphql", json=QUERY, headers={"Content-Encoding": "Identity"})

    assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "identity")
    assert plain.status_code == 200


@pytest.mark.parametrize("accept", ["text/event-stream", "*/*"])
async def test_a_head_starts_no_subscription(client: httpx.AsyncClient, accept: str) -> None:
    parameters = {"query": "subscription { ordersChanged { cursor } }"}
    answer = await client.head("/graphql", params=parameters, headers={"Accept": accept})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
