"""A search is one set of products: in every order, from page to page, by its count, and by each value of its facets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from benchmarks.search import catalogue
from products.api import app as products_app
from tests.support.apps import running
from tests.support.views.search_index import Index

AT_BOUNDS = ["0.00", "0.99", "1.00", "2.00", "5.00", "9.99", "10.00", "20.00", "50.00", "100.00", "1000.00", "2000.00"]

TEXTS = ["shirt", "black shirt", "usb-c cable 2 m", "labtop", "head", "organic cotton t-shirt", "coffee office", "tea"]
"""Found as written, with a correction, as a beginning, with fewer words, and in descriptions only."""

SORTS = ["relevance", "price", "-price", "name", "-name", "createdAt", "-createdAt", "sku", "-sku"]


@pytest.fixture
async def rest(servers: dict[str, str], index: Index) -> AsyncIterator[httpx.AsyncClient]:
    """The products service over the department store, with prices at the bounds of ranges too."""
    await index.rows(*catalogue.rows_of_department_store())
    await index.products(
        *(
            {
                "sku": f"{currency}{price}",
                "name": "Shirt",
                "price": Decimal(price),
                "currency": currency,
                "type": "Shirt",
            }
            for currency in ("EUR", "USD", "JPY", "KWD")
            for price in AT_BOUNDS
            if currency != "JPY" or price.endswith(".00")
        )
    )
    async with running(products_app()) as http:
        yield http


async def answer(rest: httpx.AsyncClient, **question: Any) -> dict[str, Any]:
    found = await rest.get("/products", params={"totalCount": True, "limit": 10, **question})
    assert found.status_code == 200, found.text
    page: dict[str, Any] = found.json()
    return page


async def every_sku(rest: httpx.AsyncClient, **question: Any) -> list[str]:
    page = await answer(rest, **question)
    skus = [each["sku"] for each in page["items"]]
    while page["nextCursor"]:
        page = await answer(rest, **question, cursor=page["nextCursor"])
        skus += [each["sku"] for each in page["items"]]
    return skus


@pytest.mark.parametrize("text", TEXTS)
async def test_a_search_finds_the_same_in_every_order(rest: httpx.AsyncClient, text: str) -> None:
    in_euro = {"text": text, "currency": "EUR"}
    found = {sort: await every_sku(rest, **in_euro, sort=sort) for sort in SORTS}
    counted = await answer(rest, **in_euro, facets=True)

    assert {len(skus) for skus in found.values()} == {counted["totalCount"]}
    assert len({frozenset(skus) for skus in found.values()}) == 1
    assert found["sku"] == sorted(found["sku"]) != []
    assert sum(each["count"] for each in counted["facets"]["prices"]) == counted["totalCount"]


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"text": "shirt"},
        {"text": "labtop"},
        {"text": "shirt", "type": "T-shirt"},
        {"category": "shoes"},
        {"type": "shirt", "active": True},
        {"text": "wireless", "active": False},
        {"text": "shirt", "category": ["men-s-clothing", "shoes"], "type": "Shirt"},
    ],
)
async def test_a_facet_counts_what_its_filter_finds(rest: httpx.AsyncClient, filters: dict[str, Any]) -> None:
    facets = (await answer(rest, **filters, facets=True))["facets"]

    for each in facets["prices"]:
        bounds = {"priceFrom": each["from"], "priceBelow": each["below"], "currency": each["currency"]}
        question = {**filters, **{name: value for name, value in bounds.items() if value is not None}}
        assert (await answer(rest, **question))["totalCount"] == each["count"], each
    for name, values in (("type", facets["types"]), ("category", facets["categories"])):
        for each in values:
            assert (await answer(rest, **filters | {name: each["value"]}))["totalCount"] == each["count"], each


async def test_ranges_are_of_every_currency_and_have_all_products(rest: httpx.AsyncClient) -> None:
    found = await answer(rest, facets=True)

    prices = found["facets"]["prices"]
    assert {each["currency"] for each in prices} == {"EUR", "GBP", "JPY", "KWD", "USD"}
    assert sum(each["count"] for each in prices) == found["totalCount"]


@pytest.mark.parametrize("path", ["/products", "/products/suggestions"])
async def test_any_text_is_answered(rest: httpx.AsyncClient, path: str) -> None:
    texts = ["***", "!", "*", "a*", "-", "ß", "日本", "½ l", "²", "5 g*", '"', "\\", "the", "the and of", "a" * 200]
    texts += [
        "1-2-3-4-5-6-7-8-9-10-11-12-13",
        "x " * 99,
        "1,000,000.5 kg",
        "İstanbul",
        "e\u0301",
        "CS 004/B",
        "+/+",
        "12 /",
    ]

    answers = {text: (await rest.get(path, params={"text": text})).status_code for text in texts}

    assert set(answers.values()) == {200}, answers
