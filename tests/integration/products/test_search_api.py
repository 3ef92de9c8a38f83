"""The product search by REST: the same as by GraphQL, from page to page, with all that is told beside the products."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.api import app as gateway_app
from products.api import app as products_app
from tests.support.apps import running
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel
from tests.support.views.search_index import FACETS_OF_TEAS_TO_DRINK, TEAS, Index

IN_GRAPHQL = """
query ($text: String, $filter: ProductFilter, $sort: ProductSort) {
  products(text: $text, filter: $filter, sort: $sort) {
    edges { score node { sku } }
    totalCount
    didYouMean
    facets { categories { value: slug count } types { value count } prices { currency from below count } }
  }
}
"""


@pytest.fixture
async def rest(servers: dict[str, str], index: Index) -> AsyncIterator[httpx.AsyncClient]:
    async with running(products_app()) as http:
        yield http


@pytest.fixture
async def graphql(read_model: ReadModel, index: Index) -> AsyncIterator[httpx.AsyncClient]:
    async with running(gateway_app()) as http:
        yield http


async def page(rest: httpx.AsyncClient, **question: Any) -> dict[str, Any]:
    answer = await rest.get("/products", params=question)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def skus(found: dict[str, Any]) -> list[str]:
    return [each["sku"] for each in found["items"]]


@pytest.mark.parametrize(
    ("question", "variables"),
    [
        ({"text": "tea"}, {"text": "tea"}),
        ({"text": "teas", "category": "drinks"}, {"text": "teas", "filter": {"category": ["drinks"]}}),
        ({"text": "tae"}, {"text": "tae"}),
        ({"type": "LEAVES", "sort": "-sku"}, {"filter": {"type": ["LEAVES"]}, "sort": "SKU_DESC"}),
        (
            {"priceFrom": "7", "priceBelow": "12.01", "currency": "USD", "sort": "price"},
            {"filter": {"priceFrom": "7", "priceBelow": "12.01", "currency": "USD"}, "sort": "PRICE_ASC"},
        ),
        ({"text": "nothing at all"}, {"text": "nothing at all"}),
        (
            {"text": "te", "sort": "-price", "currency": "USD"},
            {"text": "te", "filter": {"currency": "USD"}, "sort": "PRICE_DESC"},
        ),
        ({"text": "gluten free teas", "sort": "name"}, {"text": "gluten free teas", "sort": "NAME_ASC"}),
        ({"text": "tea jam"}, {"text": "tea jam"}),
    ],
)
async def test_both_find_the_same_and_tell_the_same(
    rest: httpx.AsyncClient,
    graphql: httpx.AsyncClient,
    index: Index,
    question: dict[str, Any],
    variables: dict[str, Any],
) -> None:
    await index.products(*TEAS)

    by_rest = await page(rest, **question, facets=True, totalCount=True)
    by_graphql = (await ask(graphql, IN_GRAPHQL, **variables))["products"]

    assert skus(by_rest) == [edge["node"]["sku"] for edge in by_graphql["edges"]]
    assert [each["score"] for each in by_rest["items"]] == [edge["score"] for edge in by_graphql["edges"]]
    assert [by_rest[name] for name in ("totalCount", "didYouMean", "facets")] == [
        by_graphql[name] for name in ("totalCount", "didYouMean", "facets")
    ]


async def test_the_counts_of_a_facet_stay_when_one_is_chosen(rest: httpx.AsyncClient, index: Index) -> None:
    await index.products(*TEAS)

    found = await page(rest, text="tea", category="drinks", facets=True, totalCount=True)

    assert (sorted(skus(found)), found["totalCount"]) == (["A", "B", "E"], 3)
    assert found["facets"] == FACETS_OF_TEAS_TO_DRINK


async def test_what_was_not_asked_for_is_not_counted(rest: httpx.AsyncClient, index: Index) -> None:
    await index.products(*TEAS)

    found = await page(rest, text="tea")

    assert (found["facets"], found["totalCount"]) == (None, None)


async def test_matches_are_shown_and_all_else_is_escaped(rest: httpx.AsyncClient, index: Index) -> None:
    await index.products({"sku": "A", "name": "Teas <b>", "description": "No tea & more", "categories": ["Green tea"]})

    [found] = (await page(rest, text="tea"))["items"]

    assert found["highlights"] == {
        "name": "<em>Teas</em> &lt;b&gt;",
        "description": ["No <em>tea</em> &amp; more"],
        "categories": ["Green <em>tea</em>"],
    }


@pytest.mark.parametrize("text", ["gnocchi", "Gnochi", "gno", "GNOCCHI*", "gluten free gnocchi", "gnocchi alice"])
async def test_matches_are_shown_however_the_text_is_read(rest: httpx.AsyncClient, index: Index, text: str) -> None:
    await index.products({"sku": "A", "name": "Gnocchi"}, {"sku": "B", "name": "Alice"})

    found = (await page(rest, text=text))["items"]

    assert {"A": "<em>Gnocchi</em>", "B": "<em>Alice</em>"}[found[0]["sku"]] == found[0]["highlights"]["name"]


async def test_unknown_words_are_answered_with_known_ones(rest: httpx.AsyncClient, index: Index) -> None:
    await index.products({"sku": "A", "name": "Pepper sauce"}, {"sku": "B", "name": "Gnocchi"})

    answers = [await page(rest, text=text) for text in ("peper", "gnochi", "pepper", "xyzzy")]

    assert [each["didYouMean"] for each in answers] == ["pepper", "gnocchi", None, None]


async def test_pages_show_what_there_was_when_the_list_began(rest: httpx.AsyncClient, index: Index) -> None:
    await index.products(*({"sku": f"T{number}", "name": "Tea"} for number in range(6)))
    first = await page(rest, text="tea", limit=3)

    await index.products(
        {"sku": "T0", "name": "Coffee", "version": 2},
        {"sku": "T4", "name": "Tea", "version": 2, "is_deleted": True},
        {"sku": "T01", "name": "Tea"},
    )
    rest_of_it = await page(rest, text="tea", limit=3, cursor=first["nextCursor"])

    assert (skus(first), skus(rest_of_it)) == (["T0", "T1", "T2"], ["T3", "T4", "T5"])
    assert rest_of_it["nextCursor"] is None


async def test_a_list_that_is_kept_no_longer_is_gone(rest: httpx.AsyncClient, index: Index) -> None:
    await index.products({"sku": "A", "name": "Tea"}, {"sku": "B", "name": "Tea"})
    first = await page(rest, text="tea", limit=1)

    await index.elasticsearch.indices.delete(index=f"{index.name}-1")
    answer = await rest.get("/products", params={"text": "tea", "limit": 1, "cursor": first["nextCursor"]})

    assert (answer.status_code, answer.json()["type"]) == (410, "urn:oms:problem:list-gone")


async def test_a_cursor_goes_with_its_own_question_alone(rest: httpx.AsyncClient, index: Index) -> None:
    await index.products(*TEAS)
    first = await page(rest, text="tea", limit=1)

    answer = await rest.get("/products", params={"text": "jam", "limit": 1, "cursor": first["nextCursor"]})

    assert answer.status_code == 422
    assert [each["parameter"] for each in answer.json()["errors"]] == ["cursor"]


async def test_who_is_typing_gets_suggestions(rest: httpx.AsyncClient, index: Index) -> None:
    await index.products(
        {"sku": "A-1", "name": "Crème brûlée"},
        {"sku": "A-2", "name": "Cream cheese"},
        {"sku": "B-1", "name": "Old cream", "is_deleted": True},
    )

    async def suggested(text: str) -> list[tuple[str, str]]:
        answer = await rest.get("/products/suggestions", params={"text": text, "limit": 5})
        return [(each["text"], each["sku"]) for each in answer.json()["items"]]

    assert sorted(await suggested("cre")) == [("Cream cheese", "A-2"), ("Crème brûlée", "A-1")]
    assert await suggested("chees cr") == [("Cream cheese", "A-2")]
    assert await suggested("a-2") == [("Cream cheese", "A-2")]
