"""The values of the fields of a found page, as the executor writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from contracts import money
from gateway.compiled.values import NotCompilable
from gateway.fields.connections import PageInfo, page_info
from gateway.fields.nodes import category_id, product_id
from gateway.fields.paging import Page
from gateway.fields.scalars import write_decimal, write_time
from gateway.shop.products import inputs as product_inputs
from gateway.shop.products.product import highlights_of
from search.pagination import SearchPage
from search.response import Hit

Read = Callable[[Any], Any]
"""The value of a field: a JSON value, or the object or the objects whose fields are selected."""

_LARGEST_INT = 2**31


class FoundEdge(NamedTuple):
    """A product of a page."""

    hit: Hit
    page: FoundPage


@dataclass
class FoundPage:
    """The page of a search; without `list_hash`, its products have no cursors."""

    listed: SearchPage
    request: Page
    list_hash: str

    @property
    def edges(self) -> list[FoundEdge]:
        """The products in their order."""
        return [FoundEdge(hit, self) for hit in self.listed.hits]

    @cached_property
    def info(self) -> PageInfo:
        """The ends of the page."""
        hits = self.listed.hits
        ends: Sequence[str] = [self.cursor(hit) for hit in ([hits[0], hits[-1]] if hits else ())]
        return page_info(ends, self.request, has_more=self.listed.has_more)

    def cursor(self, hit: Hit) -> str:
        """The cursor of a product of this page."""
        return product_inputs.cursor(self.list_hash, self.listed.cursor(hit)) if self.list_hash else ""


@lru_cache(10_000)
def _amount(price: str, currency: str) -> str:
    return write_decimal(money.price(Decimal(price), currency))


@lru_cache(10_000)
def _time(written: str) -> str:
    return write_time(datetime.fromisoformat(written))


def _measure(name: str) -> Read:
    of = attrgetter(name)

    def read(it: Any) -> str | None:
        text = of(it)
        return None if text is None else write_decimal(Decimal(text))

    return read


def _version(it: Any) -> int:
    if not -_LARGEST_INT <= it.version < _LARGEST_INT:
        raise NotCompilable("a version that is no Int")
    return int(it.version)


def _same(*names: str) -> dict[str, Read]:
    return {name: attrgetter(name) for name in names}


FIELDS: dict[str, dict[str, Read]] = {
    "ProductConnection": {
        "nodes": lambda page: [hit.product for hit in page.listed.hits],
        "pageInfo": attrgetter("info"),
        "totalCount": attrgetter("listed.total"),
        "didYouMean": attrgetter("listed.did_you_mean"),
        "facets": attrgetter("listed.facets"),
        **_same("edges"),
    },
    "ProductEdge": {
        "cursor": lambda edge: edge.page.cursor(edge.hit),
        "node": attrgetter("hit.product"),
        "score": attrgetter("hit.score"),
        "highlights": lambda edge: highlights_of(edge.hit),
    },
    "ProductHighlight": _same("field", "fragments"),
    "PageInfo": {
        "hasNextPage": attrgetter("has_next_page"),
        "hasPreviousPage": attrgetter("has_previous_page"),
        "startCursor": attrgetter("start_cursor"),
        "endCursor": attrgetter("end_cursor"),
    },
    "ProductFacets": {"inStock": attrgetter("in_stock"), **_same("categories", "types", "prices", "stores")},
    "StoreFacet": {"storeId": attrgetter("value"), **_same("count")},
    "StockFacet": _same("value", "count"),
    "CategoryFacet": {"slug": attrgetter("value"), **_same("count")},
    "FacetValue": _same("value", "count"),
    "PriceRange": {"from": attrgetter("low"), **_same("currency", "below", "count")},
    "Product": {
        "id": lambda product: product_id(product.sku),
        "price": lambda product: product,
        **{name: _measure(name) for name in ("length", "width", "height", "weight")},
        "createdAt": lambda product: _time(product.created_at),
        "updatedAt": lambda product: _time(product.updated_at),
        "version": _version,
        **_same("sku", "name", "description", "type", "unit", "active", "categories"),
    },
    "Money": {"amount": lambda product: _amount(product.price, product.currency), **_same("currency")},
    "Category": {"id": lambda category: category_id(category.slug), **_same("slug", "name")},
}
"""The fields that a search answers alone, by type."""
