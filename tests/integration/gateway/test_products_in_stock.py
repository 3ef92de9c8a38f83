"""The search for products by their stock: filters, and facets that show what other choices would find."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.api import app
from tests.support.apps import running
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel
from tests.support.views.search_index import Index

QUERY = """
query ($filter: ProductFilter) {
  products(filter: $filter) {
    nodes { sku }
    facets { stores { storeId count } inStock { value count } }
  }
}
"""
SHELVES = (
    {"sku": "A", "available_at": ["lima", "seattle"]},
    {"sku": "B", "available_at": ["lima-2"]},
    {"sku": "C", "available_at": []},
    {"sku": "D", "available_at": ["lima"], "is_deleted": True},
)


@pytest.fixture
async def client(read_model: ReadModel, index: Index) -> AsyncIterator[httpx.AsyncClient]:
    await index.products(*SHELVES)
    async with running(app()) as http:
        yield http


async def skus(http: httpx.AsyncClient, **filter: Any) -> list[str]:
    found = (await ask(http, QUERY, filter=filter))["products"]
    return [each["sku"] for each in found["nodes"]]


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({"inStock": True}, ["A", "B"]),
        ({"inStock": False}, ["C"]),
        ({"inStock": None, "availableAt": None}, ["A", "B", "C"]),
        ({"availableAt": ["lima"]}, ["A"]),
        ({"availableAt": ["store:lima-2"]}, ["B"]),
        ({"availableAt": ["seattle", "lima-2", "nowhere"]}, ["A", "B"]),
        ({"availableAt": ["nowhere"]}, []),
        ({"availableAt": ["no\x00where"]}, []),
        ({"availableAt": ["lima"], "inStock": False}, []),
    ],
)
async def test_products_are_found_by_their_stock(
    client: httpx.AsyncClient, filter: dict[str, Any], found: list[str]
) -> None:
    assert await skus(client, **filter) == found


@pytest.mark.parametrize("stores", [[], ["lima"] * 51])
async def test_one_to_fifty_stores_are_wanted(client: httpx.AsyncClient, stores: list[str]) -> None:
    answer = await client.post("/graphql", json={"query": QUERY, "variables": {"filter": {"availableAt": stores}}})

    [error] = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        "`availableAt` must have 1 to 50 values",
        "BAD_USER_INPUT",
    )


async def test_a_facet_ignores_the_filter_on_its_own_values(client: httpx.AsyncClient) -> None:
    every = [{"storeId": store, "count": 1} for store in ("lima", "lima-2", "seattle")]

    by_store = (await ask(client, QUERY, filter={"availableAt": ["lima"]}))["products"]["facets"]
    by_stock = (await ask(client, QUERY, filter={"inStock": False}))["products"]["facets"]

    assert by_store == {"stores": every, "inStock": [{"value": True, "count": 1}]}
    assert by_stock == {"stores": [], "inStock": [{"value": True, "count": 2}, {"value": False, "count": 1}]}


async def test_a_store_of_a_facet_is_that_of_the_read_model(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    await read_model.stores({"store_id": "lima", "name": "Lima"})

    data = await ask(client, "{ products { facets { stores { storeId store { id name } } } } }")

    assert data["products"]["facets"]["stores"] == [
        {"storeId": "lima", "store": {"id": "store:lima", "name": "Lima"}},
        {"storeId": "lima-2", "store": None},
        {"storeId": "seattle", "store": None},
    ]


async def test_both_paths_of_the_gateway_show_the_same(client: httpx.AsyncClient) -> None:
    """A relation that only the executor knows makes it answer."""
    fast = "{ products { facets { stores { storeId count } inStock { value count } } } }"
    slow = fast.replace("{ products {", "{ products { nodes { availability { available } }")

    quick, thorough = await ask(client, fast), await ask(client, slow)

    assert quick["products"]["facets"] == thorough["products"]["facets"]


async def test_a_document_of_an_earlier_release_is_not_in_stock(client: httpx.AsyncClient, index: Index) -> None:
    fields = ("available_at", "in_stock", "availability_version")
    stored = await index.elasticsearch.get(index=index.name, id="A")
    former = {name: value for name, value in stored["_source"].items() if name not in fields}
    await index.elasticsearch.index(index=index.name, id="A", document=former, refresh=True)

    assert await skus(client, inStock=False) == ["A", "C"]
    facets = (await ask(client, QUERY))["products"]["facets"]
    assert facets["inStock"] == [{"value": True, "count": 1}, {"value": False, "count": 2}]
