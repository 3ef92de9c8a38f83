"""What GraphQL says of restock requests: by store, SKU and status, the newest first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from gateway.api import app
from tests.support.apps import running
from tests.support.gateway.plans import reading, recorded
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel, Row

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SKU = "seattle/a\\b é"
QUERY = """
query ($filter: RestockRequestFilter, $after: String) {
  restockRequests(filter: $filter, first: 2, after: $after) {
    nodes { id storeId sku quantity status added refused requestedAt receivedAt version store { name } }
    pageInfo { endCursor hasNextPage }
    totalCount
  }
}
"""


@pytest.fixture
async def requests(read_model: ReadModel) -> list[UUID]:
    """Four requests, the oldest first, and one that was deleted."""
    await read_model.stores({"store_id": "seattle"})
    rows: list[Row] = [
        {"store_id": "seattle", "sku": SKU, "status": "received", "added": 28, "refused": 2, "received_at": NOON},
        {"store_id": "seattle", "sku": SKU, "status": "manufacturing", "version": 2},
        {"store_id": "seattle", "sku": "B", "status": "of a later version"},
        {"store_id": "lima", "sku": SKU, "status": "accepted"},
        {"store_id": "seattle", "sku": SKU, "status": "accepted", "deleted": True},
    ]
    times = [{"requested_at": NOON + timedelta(seconds=number)} for number in range(len(rows))]
    return await read_model.restocks(*(row | time for row, time in zip(rows, times, strict=True)))


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def test_requests_are_shown_the_newest_first(client: httpx.AsyncClient, requests: list[UUID]) -> None:
    first = (await ask(client, QUERY))["restockRequests"]
    second = (await ask(client, QUERY, after=first["pageInfo"]["endCursor"]))["restockRequests"]

    assert [each["id"] for each in [*first["nodes"], *second["nodes"]]] == [str(each) for each in requests[3::-1]]
    assert [each["pageInfo"]["hasNextPage"] for each in (first, second)] == [True, False]
    assert first["totalCount"] == 4
    assert [each["status"] for each in first["nodes"]] == ["ACCEPTED", "UNKNOWN"]
    assert first["nodes"][0]["store"] is None
    assert second["nodes"][1] == {
        "id": str(requests[0]),
        "storeId": "seattle",
        "sku": SKU,
        "quantity": 30,
        "status": "RECEIVED",
        "added": 28,
        "refused": 2,
        "requestedAt": "2026-01-31T12:00:00Z",
        "receivedAt": "2026-01-31T12:00:00Z",
        "version": 1,
        "store": {"name": "Seattle"},
    }


@pytest.mark.parametrize(
    ("filter", "numbers"),
    [
        ({"store": "lima"}, [3]),
        ({"store": "store:seattle", "sku": "B"}, [2]),
        ({"sku": SKU, "status": "RECEIVED"}, [0]),
        ({"status": "MANUFACTURING", "store": "seattle", "sku": SKU}, [1]),
        ({"status": "CANCELLED"}, []),
        ({"store": "\0"}, []),
    ],
)
async def test_requests_are_filtered(
    client: httpx.AsyncClient, requests: list[UUID], filter: Row, numbers: list[int]
) -> None:
    found = (await ask(client, QUERY, filter=filter))["restockRequests"]

    assert [each["id"] for each in found["nodes"]] == [str(requests[number]) for number in numbers]
    assert found["totalCount"] == len(numbers)


async def test_an_unknown_status_is_no_filter(client: httpx.AsyncClient, requests: list[UUID]) -> None:
    answer = await client.post("/graphql", json={"query": QUERY, "variables": {"filter": {"status": "UNKNOWN"}}})

    [error] = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("`filter.status` must not be UNKNOWN", "BAD_USER_INPUT")


PAGE = "query ($filter: RestockRequestFilter) { restockRequests(filter: $filter) { nodes { id } } }"


@pytest.mark.parametrize("filter", [{}, {"store": "lima"}, {"sku": "SKU-7"}, {"status": "MANUFACTURING"}], ids=str)
async def test_a_page_reads_little_more_than_it_shows(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, filter: Row
) -> None:
    await read_model.many_restocks()

    with monkeypatch.context() as patch:
        statements = recorded(patch)
        await ask(client, PAGE, filter=filter)
    read = await reading(statements)

    assert read.scanned == set()
    assert read.rows <= 30, read
