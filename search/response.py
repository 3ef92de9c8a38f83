"""The response of the index to a search for products, decoded from its JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.products import Category
from search.facets import FacetCounts, Facets, facets_of


class IndexedProduct(msgspec.Struct):
    """A product as stored in the index. Decimals are strings with all their digits, times ISO 8601 in UTC.

    Documents from before categories were a tree are shown without categories, until the index is rebuilt.
    """

    sku: str
    name: str
    price: str
    currency: str
    active: bool
    created_at: str
    updated_at: str
    version: int
    description: str | None = None
    type: str | None = None
    length: str | None = None
    width: str | None = None
    height: str | None = None
    weight: str | None = None
    unit: str | None = None
    categories: list[Category] = []


class Hit(msgspec.Struct):
    """A matching product with its sort key, which is its position in the list."""

    product: IndexedProduct = msgspec.field(name="_source")
    sort: list[Any]
    score: float | None = msgspec.field(name="_score", default=None)
    highlight: dict[str, list[str]] = {}


class _Total(msgspec.Struct):
    value: int


class _Hits(msgspec.Struct):
    hits: list[Hit]
    total: _Total | None = None


class SearchResponse(msgspec.Struct):
    """The response. `pit_id` is set when the search was at a point in time."""

    hits: _Hits
    pit_id: str | None = None
    aggregations: FacetCounts | None = None

    @property
    def found(self) -> list[Hit]:
        """The products in the order of the search."""
        return self.hits.hits

    @property
    def total(self) -> int:
        """The number of matching products; 0 without `is_counted`."""
        return self.hits.total.value if self.hits.total else 0

    @property
    def facets(self) -> Facets:
        """The counts of the requested facets."""
        return facets_of(self.aggregations or FacetCounts())


read_response = msgspec.json.Decoder(SearchResponse).decode
"""Decodes a response. Raises `msgspec.MsgspecError`."""
