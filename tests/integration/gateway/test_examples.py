"""A storefront's thirteen queries run, and find what is there; also where nothing else is registered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.api import app
from gateway.graphiql import EXAMPLES, examples
from tests.support.apps import running
from tests.support.views.read_model import empty_read_model
from tests.support.views.search_index import own_index


@pytest.fixture
async def known(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, Any]]:
    """A customer with an address and an order of one line; what the queries ask for, by their names."""
    async with empty_read_model() as rows, own_index(monkeypatch) as index:
        sku = f"SKU-{uuid4()}"
        await rows.products({"sku": sku})
        await index.products({"sku": sku, "name": "Green tea"})
        [customer] = await rows.customers({"email": "ana@example.com"})
        await rows.addresses({"customer_id": customer})
        [order] = await rows.orders({"customer_id": customer, "placed_at": "1996-07-04T12:00:00Z"})
        await rows.lines({"order_id": order, "sku": sku})
        await rows.stores({"store_id": "seattle"})
        await rows.stock({"store_id": "seattle", "sku": sku, "on_hand": 2, "reorder_at": 5})
        await rows.sourcings({"order_id": order})
        by_order, by_customer = {"id": str(order)}, {"id": str(customer)}
        yield {
            "Product": {"sku": sku},
            "Stock": {"sku": sku},
            "Sourcing": by_order,
            "Order": by_order,
            "Tracking": by_order,
            "Account": by_customer,
            "History": by_customer,
        }


@pytest.fixture
async def gateway(known: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("OMS_GATEWAY_LOCKED", str(EXAMPLES))
    async with running(app()) as http:
        yield http


@pytest.mark.parametrize("query", [example for example in examples() if "$text" not in example])
async def test_each_finds_what_is_there(gateway: httpx.AsyncClient, known: dict[str, Any], query: str) -> None:
    name = query.partition("query ")[2].partition(" ")[0].partition("(")[0]

    answer = await gateway.post("/graphql", json={"query": query, "variables": known.get(name, {})})

    assert "errors" not in answer.json(), answer.text
    [found] = answer.json()["data"].values()
    assert found not in (None, {"edges": []})
    assert found.get("edges") != []


async def test_the_search_finds(gateway: httpx.AsyncClient) -> None:
    [query] = [example for example in examples() if "$text" in example]

    answer = await gateway.post("/graphql", json={"query": query})

    [edge] = answer.json()["data"]["products"]["edges"]
    assert edge["node"]["name"] == "Green tea"
