"""Products by GraphQL: by SKU from the read model, by text in the order that Elasticsearch finds them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from chassis import elasticsearch
from gateway import products
from gateway.api import app
from tests.apps import running
from tests.read_model import ReadModel, empty_read_model

DEFINITION = orjson.loads((Path(__file__).parents[2] / "products" / "index.json").read_bytes())

PAGE = """
query ($text: String, $first: Int! = 20, $after: String) {
  products(text: $text, first: $first, after: $after) {
    edges { node { sku name price { amount currency } hierarchies { name } } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}
"""


@pytest.fixture
async def read_model() -> AsyncIterator[ReadModel]:
    async with empty_read_model() as rows:
        yield rows


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


@pytest.fixture
async def index(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """An index of this test's own, made as `products` makes its own."""
    name = f"test-{uuid4()}"
    monkeypatch.setattr(products, "SEARCH_INDEX", name)
    search = elasticsearch.client().options(request_timeout=30)
    await search.indices.create(index=name, settings=DEFINITION["settings"], mappings=DEFINITION["mappings"])
    yield name
    await search.indices.delete(index=name)
    await search.close()


async def indexed(index: str, *documents: dict[str, Any]) -> None:
    search = elasticsearch.client()
    usual = {"hierarchies": [], "deleted": False}
    lines = [part for each in documents for part in ({"index": {"_id": each["sku"]}}, usual | each)]
    await search.bulk(index=index, operations=lines, refresh=True)
    await search.close()


async def page(http: httpx.AsyncClient, **variables: Any) -> Any:
    answer = await http.post("/graphql", json={"query": PAGE, "variables": variables})
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"]["products"]


def skus(connection: Any) -> list[str]:
    return [edge["node"]["sku"] for edge in connection["edges"]]


async def test_products_are_listed_by_sku(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    tea = {"sku": "B", "currency": "JPY", "price": "1800", "hierarchies": [{"name": "Beverages"}]}
    await read_model.products({"sku": "C"}, {"sku": "A"}, tea)

    first = await page(client, first=2)
    rest = await page(client, first=2, after=first["pageInfo"]["endCursor"])

    assert first["edges"][1]["node"] == {
        "sku": "B",
        "name": "Chai",
        "price": {"amount": "1800", "currency": "JPY"},
        "hierarchies": [{"name": "Beverages"}],
    }
    assert (skus(first), skus(rest)) == (["A", "B"], ["C"])
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_a_search_finds_by_words_the_best_first(
    client: httpx.AsyncClient, read_model: ReadModel, index: str
) -> None:
    await read_model.products({"sku": "TEA"}, {"sku": "POT"}, {"sku": "JAM"}, {"sku": "OLD"})
    await indexed(
        index,
        {"sku": "POT", "name": "Pot", "description": "for green tea"},
        {"sku": "TEA", "name": "Green tea"},
        {"sku": "JAM", "name": "Jam"},
        {"sku": "OLD", "name": "Green tea", "deleted": True},
    )

    assert skus(await page(client, text="green tea")) == ["TEA", "POT"]
    assert skus(await page(client, text="grean")) == ["TEA", "POT"]
    assert skus(await page(client, text="jam")) == ["JAM"]


async def test_a_search_goes_on_behind_products_that_cannot_be_shown(
    client: httpx.AsyncClient, read_model: ReadModel, index: str
) -> None:
    await read_model.products({"sku": "A"}, {"sku": "B", "deleted": True}, {"sku": "D"})
    await indexed(index, *({"sku": sku, "name": "Tea"} for sku in "ABCD"))

    seen: list[str] = []
    infos: list[Any] = []
    after = None
    while after or not infos:
        found = await page(client, text="tea", first=1, after=after)
        seen += skus(found)
        infos.append(found["pageInfo"])
        after = found["pageInfo"]["endCursor"] if found["pageInfo"]["hasNextPage"] else None

    assert seen == ["A", "D"]
    assert [info["hasPreviousPage"] for info in infos] == [False, True, True, True]


async def test_without_elasticsearch_only_the_search_fails(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.products({"sku": "CHAI"})
    monkeypatch.setenv("OMS_ELASTICSEARCH_PORT", "1")
    both = '{ product(sku: "CHAI") { sku } products(text: "tea") { edges { cursor } } }'

    async with running(app()) as client:
        partly = await client.post("/graphql", json={"query": both})
        nothing = await client.post("/graphql", json={"query": PAGE, "variables": {"text": "tea"}})

    assert (partly.status_code, partly.json()["data"]) == (200, {"product": {"sku": "CHAI"}, "products": None})
    assert partly.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert (nothing.status_code, nothing.headers["Retry-After"]) == (503, "1")


async def test_without_the_index_a_search_is_unavailable(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "SEARCH_INDEX", f"test-{uuid4()}")

    answer = await client.post("/graphql", json={"query": PAGE, "variables": {"text": "tea"}})

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")


@pytest.mark.parametrize("arguments", ['text: ""', 'text: "a\\u0000"', 'text: "tea", after: "x"', 'after: "WzFd"'])
async def test_arguments_that_do_not_fit_are_bad_input(client: httpx.AsyncClient, arguments: str) -> None:
    answer = await client.post("/graphql", json={"query": f"{{ products({arguments}) {{ edges {{ cursor }} }} }}"})

    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
