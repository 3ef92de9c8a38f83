"""Customers are found by the words of their names: the same as those told live, and by the index alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from gateway.api import app
from gateway.shop import names
from tests.support.apps import running
from tests.support.gateway.names import NAMES, SEARCHES
from tests.support.gateway.plans import reading, recorded
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def test_the_read_model_and_the_live_changes_find_the_same_names(
    client: httpx.AsyncClient, read_model: ReadModel
) -> None:
    ids = await read_model.customers(*({"name": name, "last_name": last} for name, last in NAMES))
    orders = await read_model.orders(*({"customer_id": customer} for customer in ids))
    query = """query ($name: String!) {
      customers(filter: {name: $name}, first: 100) { nodes { id } totalCount }
      orders(filter: {customer: {name: $name}}, first: 100) { nodes { id } totalCount } }"""

    for search in SEARCHES:
        fitting = [n for n, name in enumerate(NAMES) if names.matches(name, search)]
        answer = await ask(client, query, name=search)
        for field, all_ids in (("customers", ids), ("orders", orders)):
            found = {UUID(node["id"]) for node in answer[field]["nodes"]}
            assert found == {all_ids[n] for n in fitting}, (field, search)
            assert answer[field]["totalCount"] == len(fitting)


async def test_what_has_no_word_is_refused(client: httpx.AsyncClient) -> None:
    for search in ("", " ", "-", "'", "’.,", "\u0301"):
        answer = await client.post("/graphql", json={"query": CUSTOMERS, "variables": {"name": search}})
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", search


CUSTOMERS = "query ($name: String!) { customers(filter: {name: $name}) { nodes { id name } } }"
COUNT = "query ($name: String!) { customers(filter: {name: $name}) { totalCount } }"
ORDERS = "query ($name: String!) { orders(filter: {customer: {name: $name}}) { nodes { id customer { name } } } }"
ORDERS_COUNT = "query ($name: String!) { orders(filter: {customer: {name: $name}}) { totalCount } }"
ORDERS_BY_TOTAL = """query ($name: String!) {
  orders(filter: {customer: {name: $name}}, sort: TOTAL_ASC) { nodes { id } } }"""
EXECUTED = (
    "query ($name: String!) { customers(filter: {name: $name}) { nodes { orders { nodes { id } } } totalCount } }"
)


async def test_a_name_is_looked_for_in_the_index(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.many()
    [rare] = await read_model.customers({"name": "Wilhelmine", "last_name": "von Ehrenberg"})
    await read_model.orders({"customer_id": rare})

    for query in (CUSTOMERS, COUNT, ORDERS, ORDERS_COUNT, ORDERS_BY_TOTAL, EXECUTED):
        with monkeypatch.context() as patch:
            statements = recorded(patch)
            answer = await ask(client, query, name="wilh")
        [found] = answer.values()
        assert (found.get("totalCount", 1), len(found.get("nodes", [None]))) == (1, 1), query
        read = await reading(statements)
        assert "customer_by_words_of_the_name" in read.indexes, query
        assert read.scanned == set(), query
        assert read.rows < 50, query
