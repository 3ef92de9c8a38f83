"""What the gateway answers when a query does not fit, is no query, or the read model is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from gateway.api import app
from tests.support.apps import running
from tests.support.views.read_model import empty_read_model


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with empty_read_model(), running(app()) as http:
        yield http


@pytest.mark.parametrize(
    "arguments",
    [
        "first: -1",
        "first: 0",
        "first: 101",
        "first: 99999999999",
        "last: 0",
        "first: 5, last: 5",
        "sort: NEWEST",
        'filter: {totalFrom: "x"}',
        'filter: {currency: "dollar"}',
        'filter: {country: "Peru"}',
        "filter: {ids: []}",
        "filter: {status: []}",
        "filter: {status: UNKNOWN}",
        'filter: {source: "erp"}',
        'before: "x"',
        'first: "5"',
        'after: "x"',
        "filter: {status: LOST}",
        'filter: {placedFrom: "1996"}',
        "filter: {nope: 1}",
        'filter: {customer: {name: ""}}',
        'filter: {customer: {email: "a\\u0000"}}',
    ],
)
async def test_arguments_that_do_not_fit_are_bad_input(client: httpx.AsyncClient, arguments: str) -> None:
    answer = await client.post("/graphql", json={"query": f"{{ orders({arguments}) {{ edges {{ cursor }} }} }}"})

    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "body", ["{", "", "null", "1", "[]", '[{"query": "{__typename}"}]', "{}", '{"query": 5}', "[" * 99999, b"\xff"]
)
async def test_what_is_no_graphql_request_is_said_to_be_none(client: httpx.AsyncClient, body: str | bytes) -> None:
    answer = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["BAD_REQUEST"]


async def test_without_the_read_model_nothing_is_answered_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_POSTGRES_PORT", "1")
    transport = httpx.ASGITransport(app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        query = {"query": f'{{ order(id: "{uuid4()}") {{ id }} orders {{ edges {{ cursor }} }} }}'}
        answer = await client.post("/graphql", json=query)
        ready = await client.get("/health/ready")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {"UNAVAILABLE"}
    assert (ready.status_code, "postgres" in ready.json()["missing"]) == (503, True)
