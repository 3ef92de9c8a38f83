"""A search index of a test's own, made and written as `products` makes and writes its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from chassis import elasticsearch, product_searches
from contracts import json_text
from contracts.products import ProductRow
from products import search

_USUAL: dict[str, Any] = {
    "name": "Chai",
    "price": Decimal("18.0000"),
    "currency": "USD",
    "active": True,
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
    "version": 1,
}


class Index:
    """Writes products, which are found at once; `name` is the alias."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.elasticsearch = elasticsearch.client().options(request_timeout=30)

    async def products(self, *changes: dict[str, Any]) -> None:
        """Each is a usual one with the changes that a test cares for; `hierarchies` are names."""
        await self.rows(*(_row(each) for each in changes))

    async def rows(self, *rows: ProductRow) -> None:
        """These rows."""
        await search.write(self.elasticsearch, rows)
        await self.elasticsearch.indices.refresh(index=self.name)


@asynccontextmanager
async def own_index(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Index]:
    """The index that is searched, and written to, from now on."""
    index = Index(f"test-{uuid4().hex}")
    monkeypatch.setattr(search, "SEARCH_INDEX", index.name)
    monkeypatch.setattr(product_searches, "SEARCH_INDEX", index.name)
    monkeypatch.setattr(product_searches, "SYNONYMS_INDEX", f"{index.name}-synonyms")
    await search.make_index(index.elasticsearch, replicas=0)
    yield index
    for made in (f"{index.name}-1", f"{index.name}-synonyms"):
        await index.elasticsearch.indices.delete(index=made, ignore_unavailable=True)
    await index.elasticsearch.close()


def _row(changes: dict[str, Any]) -> ProductRow:
    places = [{"name": each, "description": None} for each in changes.get("hierarchies", ())]
    return ProductRow(**_USUAL | changes | {"hierarchies": json_text.written(places)})
