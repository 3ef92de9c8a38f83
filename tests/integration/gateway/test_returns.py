"""Returns in GraphQL: one, lists of them, those of an order, and reads that wait for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.api import app
from tests.support.apps import running
from tests.support.gateway.plans import reading, recorded
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel, Row

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ORDER, CUSTOMER, LINE = uuid4(), uuid4(), uuid4()
UNITS: list[Row] = [
    {
        "sku": "CHAI", "amount": "6.67", "reason": "too-small", "damaged": 1, "quantity": 3, "sellable": 1,
        "line_number": 1, "order_line_id": str(LINE),
    },
]  # fmt: skip
PAGE = """
query ($filter: ReturnFilter, $sort: ReturnSort, $after: String) {
  returns(filter: $filter, sort: $sort, first: 3, after: $after) {
    nodes { id } pageInfo { endCursor hasNextPage } totalCount
  }
}
"""


@pytest.fixture
async def returns(read_model: ReadModel) -> list[UUID]:
    """Five returns, the oldest first, and one that was deleted."""
    of_order = {"order_id": ORDER, "customer_id": CUSTOMER}
    rows: list[Row] = [
        {**of_order, "status": "refunded"},
        {**of_order, "status": "requested"},
        {"customer_id": CUSTOMER, "status": "received"},
        {"status": "requested"},
        {"status": "of a later version"},
        {**of_order, "deleted": True},
    ]
    times = [{"requested_at": NOON + timedelta(seconds=number)} for number in range(len(rows))]
    return await read_model.returns(*(row | time for row, time in zip(rows, times, strict=True)))


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def test_a_return_is_shown_whole(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    await read_model.orders({"order_id": ORDER})
    await read_model.products({"sku": "CHAI", "name": "Chai"})
    [shipment] = await read_model.shipments({"order_id": ORDER, "status": "delivered", "lines": UNITS})
    [it] = await read_model.returns(
        {
            "order_id": ORDER,
            "shipment_id": shipment,
            "status": "refund_approved",
            "rma_number": "RMA-1",
            "location": "seattle",
            "lines": UNITS,
            "refund_amount": "9.1700",
            "refund_freight": "2.5000",
            "currency": "USD",
            "received_at": NOON,
            "version": 4,
        }
    )
    query = """query ($id: ID!) { return(id: $id) {
      status origin rmaNumber location reason refund { amount currency } refundedFreight { amount } refundReference
      requestedAt receivedAt refundedAt version
      lines { orderLineId lineNumber sku quantity reason sellable damaged refund { amount currency } product { name } }
      order { id fulfilment } shipment { id }
    } }"""

    found = (await ask(client, query, id=str(it)))["return"]

    assert found == {
        "status": "REFUND_APPROVED",
        "origin": "DELIVERED",
        "rmaNumber": "RMA-1",
        "location": "seattle",
        "reason": None,
        "refund": {"amount": "9.17", "currency": "USD"},
        "refundedFreight": {"amount": "2.50"},
        "refundReference": None,
        "requestedAt": "2026-01-01T00:00:00Z",
        "receivedAt": "2026-01-31T12:00:00Z",
        "refundedAt": None,
        "version": 4,
        "lines": [
            {
                "orderLineId": str(LINE),
                "lineNumber": 1,
                "sku": "CHAI",
                "quantity": 3,
                "reason": "too-small",
                "sellable": 1,
                "damaged": 1,
                "refund": {"amount": "6.67", "currency": "USD"},
                "product": {"name": "Chai"},
            }
        ],
        "order": {"id": str(ORDER), "fulfilment": "PARTIALLY_RETURNED"},
        "shipment": {"id": str(shipment)},
    }


async def test_what_is_not_approved_yet_is_null(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    line = {**UNITS[0], "amount": None, "sellable": None, "damaged": None}
    [it] = await read_model.returns({"lines": [line]})
    query = """query ($id: ID!) { return(id: $id) {
      refund { amount } refundedFreight { amount } lines { refund { amount } sellable } shipment { id }
    } }"""

    found = (await ask(client, query, id=str(it)))["return"]

    lines = [{"refund": None, "sellable": None}]
    assert found == {"refund": None, "refundedFreight": None, "lines": lines, "shipment": None}


async def test_returns_are_listed_the_newest_first(client: httpx.AsyncClient, returns: list[UUID]) -> None:
    first = (await ask(client, PAGE))["returns"]
    second = (await ask(client, PAGE, after=first["pageInfo"]["endCursor"]))["returns"]
    oldest = (await ask(client, PAGE, sort="REQUESTED_AT_ASC"))["returns"]

    assert [each["id"] for each in [*first["nodes"], *second["nodes"]]] == [str(each) for each in returns[4::-1]]
    assert [each["pageInfo"]["hasNextPage"] for each in (first, second)] == [True, False]
    assert first["totalCount"] == 5
    assert [each["id"] for each in oldest["nodes"]] == [str(each) for each in returns[:3]]


@pytest.mark.parametrize(
    ("filter", "numbers"),
    [
        ({"orderId": str(ORDER)}, [1, 0]),
        ({"customerId": str(CUSTOMER)}, [2, 1, 0]),
        ({"customerId": str(CUSTOMER), "status": ["RECEIVED"]}, [2]),
        ({"status": ["REQUESTED", "REFUNDED"]}, [3, 1, 0]),
        ({"status": ["REFUSED"]}, []),
        ({"orderId": "x"}, []),
    ],
)
async def test_returns_are_filtered(
    client: httpx.AsyncClient, returns: list[UUID], filter: Row, numbers: list[int]
) -> None:
    found = (await ask(client, PAGE, filter=filter))["returns"]

    assert [each["id"] for each in found["nodes"]] == [str(returns[number]) for number in numbers]
    assert found["totalCount"] == len(numbers)


async def test_returns_are_found_by_their_ids(client: httpx.AsyncClient, returns: list[UUID]) -> None:
    ids = [str(returns[0]), str(returns[5]), "x", str(returns[2])]

    found = (await ask(client, PAGE, filter={"ids": ids}))["returns"]

    assert [each["id"] for each in found["nodes"]] == [str(returns[2]), str(returns[0])]


async def test_an_order_shows_its_returns(
    client: httpx.AsyncClient, read_model: ReadModel, returns: list[UUID]
) -> None:
    await read_model.orders({"order_id": ORDER})

    [order] = (await ask(client, "{ orders { nodes { returns { id status } } } }"))["orders"]["nodes"]

    assert order["returns"] == [
        {"id": str(returns[0]), "status": "REFUNDED"},
        {"id": str(returns[1]), "status": "REQUESTED"},
    ]


@pytest.mark.parametrize(("version", "status"), [(3, 200), (4, 503)])
async def test_a_token_waits_for_the_version_of_a_return(
    client: httpx.AsyncClient, read_model: ReadModel, version: int, status: int
) -> None:
    [it] = await read_model.returns({"version": 3})
    headers = {"Consistency-Token": f"return:{it}:{version}", "Consistency-Timeout-Ms": "300"}

    answer = await client.post("/graphql", json={"query": "{ orders { nodes { id } } }"}, headers=headers)

    assert answer.status_code == status
    if status == 503:
        [error] = answer.json()["errors"]
        assert error["extensions"]["lagMs"].keys() == {"shipping"}


FILTERS: list[Row] = [
    {},
    {"status": ["REQUESTED"]},
    {"status": ["REQUESTED", "RECEIVED"]},
    {"customerId": "fc1ccc0e-bb8e-cd33-9f5d-c4b1aeb4e3a5"},
]


@pytest.mark.parametrize("filter", FILTERS, ids=str)
async def test_a_page_reads_little_more_than_it_shows(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, filter: Row
) -> None:
    await read_model.many_returns()
    page = "query ($filter: ReturnFilter) { returns(filter: $filter) { nodes { id } } }"

    with monkeypatch.context() as patch:
        statements = recorded(patch)
        await ask(client, page, filter=filter)
    read = await reading(statements)

    assert read.scanned == set()
    assert read.rows <= 70, read


async def test_the_returns_of_a_page_of_orders_are_found_by_their_orders(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.many()
    await read_model.many_returns()

    with monkeypatch.context() as patch:
        statements = recorded(patch)
        await ask(client, "{ orders(first: 10) { nodes { returns { id } } } }")
    read = await reading(statements)

    assert read.scanned == set()
    assert "order_return_by_order" in read.indexes
    assert read.rows <= 150, read
