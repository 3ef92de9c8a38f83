"""A separate search index for a test, created and written by the code of `products`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from chassis.databases import elasticsearch
from contracts import json_text
from contracts.products import Category, ProductRow, StockedProduct
from contracts.slugs import slug_of
from products.indexing import search
from search import catalogue

_USUAL: dict[str, Any] = {
    "name": "Chai",
    "price": Decimal("18.0000"),
    "currency": "USD",
    "active": True,
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
    "version": 1,
}

TEAS: tuple[dict[str, Any], ...] = (
    {"sku": "A", "name": "Tea", "categories": ["Drinks/Hot"], "type": "Leaves", "price": Decimal(7)},
    {"sku": "B", "name": "Tea <b>", "categories": ["Drinks", "New"], "type": "Bags", "price": Decimal(12)},
    {"sku": "C", "name": "Tea", "categories": ["Food"], "type": "Leaves", "price": Decimal(15)},
    {"sku": "D", "name": "Jam", "categories": ["Food"], "price": Decimal(15)},
    {"sku": "E", "name": "Tea", "categories": ["Drinks"], "price": Decimal(900), "currency": "JPY"},
    {"sku": "F", "name": "Tea", "categories": ["Drinks"], "is_deleted": True},
)

FACETS_OF_TEAS_TO_DRINK = {
    "categories": [
        {"value": "drinks", "count": 3},
        {"value": "food", "count": 1},
        {"value": "hot", "count": 1},
        {"value": "new", "count": 1},
    ],
    "types": [{"value": "Bags", "count": 1}, {"value": "Leaves", "count": 1}],
    "prices": [
        {"currency": "JPY", "from": 500, "below": 1000, "count": 1},
        {"currency": "USD", "from": 5, "below": 10, "count": 1},
        {"currency": "USD", "from": 10, "below": 20, "count": 1},
    ],
}
"""The facets of `TEAS` for the search "tea" within the category "drinks"."""


class Index:
    """Writes products, which are searchable at once; `name` is the alias."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.elasticsearch = elasticsearch.client().options(request_timeout=30)

    async def products(self, *changes: dict[str, Any]) -> None:
        """Index default products with these changes.

        `categories` are names, "Drinks/Hot" with ancestors; `available_at` are stores.
        """
        await self.rows(*(_row(each) for each in changes))

    async def rows(self, *rows: ProductRow) -> None:
        """Index these rows."""
        await search.write(
            self.elasticsearch, [row if isinstance(row, StockedProduct) else StockedProduct.of(row) for row in rows]
        )
        await self.elasticsearch.indices.refresh(index=self.name)


@asynccontextmanager
async def own_index(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Index]:
    """Use this index for searches and writes while the block runs."""
    index = Index(f"test-{uuid4().hex}")
    monkeypatch.setattr(search, "SEARCH_INDEX", index.name)
    monkeypatch.setattr(catalogue, "SEARCH_INDEX", index.name)
    monkeypatch.setattr(catalogue, "SYNONYMS_INDEX", f"{index.name}-synonyms")
    await search.make_index(index.elasticsearch, replicas=0)
    yield index
    for made in (f"{index.name}-1", f"{index.name}-synonyms"):
        await index.elasticsearch.indices.delete(index=made, ignore_unavailable=True)
    await index.elasticsearch.close()


def _row(changes: dict[str, Any]) -> StockedProduct:
    paths = [each.split("/") for each in changes.get("categories", ())]
    categories = [Category(name=path[-1], path=[slug_of(name) for name in path]) for path in paths]
    stores = {"available_at": json_text.to_json_text(changes.get("available_at", []))}
    return StockedProduct(**_USUAL | changes | {"categories": json_text.to_json_text(categories)} | stores)
