"""Filters of orders that few orders fit are served by an index, the newest first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.api import app
from gateway.fields.conditions import SEARCHED_FIRST
from tests.support.apps import running
from tests.support.gateway.plans import Reading, reading, recorded
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel

ORDERS = "query ($filter: OrderFilter) { orders(filter: $filter) { nodes { id } } }"
COUNT = "query ($filter: OrderFilter) { orders(filter: $filter) { totalCount } }"
HIGHEST = "query ($filter: OrderFilter) { orders(filter: $filter, sort: TOTAL_DESC) { nodes { id } } }"
UPDATED = "query ($filter: OrderFilter) { orders(filter: $filter, sort: UPDATED_AT_ASC) { nodes { id } } }"
LATEST = "query ($filter: OrderFilter) { orders(filter: $filter, sort: UPDATED_AT_DESC) { nodes { id } } }"
CUSTOMERS = """query ($filter: CustomerFilter, $sort: CustomerSort) {
  customers(filter: $filter, sort: $sort) { nodes { id } } }"""
LOWEST = "query ($filter: OrderFilter) { orders(filter: $filter, sort: TOTAL_ASC) { nodes { id } } }"


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def test_the_few_orders_that_fit_are_found_by_an_index(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.many()
    rare = {
        "currency": "PEN",
        "status": "rejected",
        "placed_at": "2027-01-01T00:00:00Z",
        "external_id": "10248",
        "number": 1042,
    }
    [order] = await read_model.orders(rare)
    period = {"placedFrom": "2026-06-01T00:00:00Z", "placedBefore": "2027-06-01T00:00:00Z"}

    for wanted in (
        {"currency": "PEN"},
        {"status": "REJECTED"},
        period,
        {"currency": "PEN"} | period,
        {"status": "REJECTED"} | period,
        {"status": ["REJECTED", "PLACED"]},
        {"status": ["PLACED", "REJECTED", "CONFIRMED"], "currency": "PEN"} | period,
        {"externalId": "10248"},
        {"number": "1042"},
        {"ids": [str(order), str(uuid4()), "x"]},
    ):
        for query in (ORDERS, COUNT):
            found, read = await asked(client, query, wanted, monkeypatch)
            assert found == 1, (wanted, query)
            assert read.scanned == set(), (wanted, query)
            assert read.rows < 10, (wanted, query, read)


async def test_a_page_of_the_many_orders_that_fit_is_read_alone(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.many()

    for wanted in (
        {},
        {"currency": "USD"},
        {"status": "DELIVERED"},
        {"status": ["DELIVERED", "SHIPPED", "CANCELLED"]},
        {"placedFrom": "2025-12-01T00:00:00Z"},
    ):
        for query in (ORDERS, HIGHEST, LOWEST, UPDATED, LATEST):
            found, read = await asked(client, query, wanted, monkeypatch)
            assert found == 20, (wanted, query)
            assert read.scanned == set(), (wanted, query)
            assert read.rows < 100, (wanted, query, read)


ALL_SORTS = (ORDERS, HIGHEST, LOWEST, UPDATED, LATEST)
OTHER_FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"currency": "USD"},
    {"status": "DELIVERED"},
    {"status": ["DELIVERED", "SHIPPED"]},
    {"totalFrom": "1"},
    PERIOD := {"placedFrom": "2025-12-01T00:00:00Z", "placedBefore": "2026-06-01T00:00:00Z"},
)


def sorts_with(other: dict[str, Any]) -> tuple[str, ...]:
    """The planner takes the orders of a period for few, and sorts or counts them all if the list has another order."""
    return (ORDERS,) if other is PERIOD else ALL_SORTS


@pytest.mark.parametrize("other", OTHER_FILTERS)
async def test_a_page_with_a_frequent_sku_or_country_is_read_in_its_order(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
) -> None:
    await read_model.many()

    for wanted in ({"sku": "SKU-0"}, {"country": "PE"}, {"sku": "SKU-0", "country": "PE"}):
        for query in sorts_with(other):
            found, read = await asked(client, query, wanted | other, monkeypatch)
            assert (found, read.scanned) == (20, set()), (wanted, query)
            assert read.rows <= 3 * SEARCHED_FIRST, (wanted, query, read)


@pytest.mark.parametrize("other", OTHER_FILTERS)
async def test_a_rare_sku_or_country_is_found_by_its_index(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
) -> None:
    await read_model.many()
    rare = {"placed_at": "2025-12-24T00:00:00Z", "status": "delivered", "delivery_addresses": [{"country": "AR"}]}
    [order] = await read_model.orders(rare)
    await read_model.lines({"order_id": order, "sku": "RARE"}, {"order_id": order, "sku": "SKU-0"})

    for wanted in ({"sku": "RARE"}, {"country": "AR"}, {"sku": "SKU-0", "country": "AR"}):
        for query in (*sorts_with(other), *([] if other is PERIOD else [COUNT])):
            found, read = await asked(client, query, wanted | other, monkeypatch)
            assert (found, read.scanned) == (1, set()), (wanted, query)
            assert "sales_order_by_sku_and_country" in read.indexes, (wanted, query)
            assert read.rows <= 5 * SEARCHED_FIRST, (wanted, query, read)


async def test_what_changed_lately_is_read_alone(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.many()
    await read_model.orders({"updated_at": "2026-01-02T00:00:00Z"})
    await read_model.customers({"updated_at": "2026-01-02T00:00:00Z"})
    lately = {"updatedFrom": "2026-01-01T12:00:00Z", "updatedBefore": "2026-01-03T00:00:00Z"}

    for query in (ORDERS, COUNT, UPDATED, LATEST):
        found, read = await asked(client, query, lately, monkeypatch)
        assert (found, read.scanned) == (1, set()), query
        assert read.rows < 10, (query, read)
    for sort in ("UPDATED_AT_ASC", "UPDATED_AT_DESC", None):
        with monkeypatch.context() as patch:
            statements = recorded(patch)
            customers = (await ask(client, CUSTOMERS, filter=lately, sort=sort))["customers"]["nodes"]
        read = await reading(statements)
        assert (len(customers), read.scanned) == (1, set()), sort
        assert read.rows < 10, (sort, read)


async def asked(
    client: httpx.AsyncClient, query: str, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, Reading]:
    """How many orders are found or counted, and how."""
    with monkeypatch.context() as patch:
        statements = recorded(patch)
        orders = (await ask(client, query, filter=wanted))["orders"]
    return orders["totalCount"] if query == COUNT else len(orders["nodes"]), await reading(statements)
