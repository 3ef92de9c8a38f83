"""The body of a search for products, the same for REST and GraphQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from search.facets import facet_aggregations
from search.text.query import text_query
from search.text.reading import Reading
from search.text.synonyms import Synonyms

Clause = dict[str, Any]

HIGHLIGHT_START, HIGHLIGHT_END = "<em>", "</em>"
"""Tags around each match in a highlight. The rest is escaped and safe to show as HTML."""

_HIGHLIGHTED = {
    "name": {"number_of_fragments": 0},
    "description": {"number_of_fragments": 2, "fragment_size": 150},
    "categories.name": {"number_of_fragments": 0},
}


class ProductSort(StrEnum):
    """Sort orders of products; equal ones are sorted by SKU."""

    RELEVANCE = "relevance"
    PRICE_ASC = "price"
    PRICE_DESC = "-price"
    NAME_ASC = "name"
    NAME_DESC = "-name"
    CREATED_AT_ASC = "createdAt"
    CREATED_AT_DESC = "-createdAt"
    SKU_ASC = "sku"
    SKU_DESC = "-sku"


_KEYS: dict[str, Clause] = {
    "price": {"field": "price"},
    "name": {"field": "name.sort", "unmapped_type": "keyword"},
    "createdAt": {"field": "created_at"},
}


@dataclass(frozen=True)
class ProductQuery:
    """Which products to find: those that match all criteria. Of several categories or types, one is enough.

    Categories are slugs; a category contains the products of its descendants. Prices are in `currency`, at least
    `price_from` and less than `price_below`. Of several stores in `available_at`, by their own ids, one is enough; of
    none of them, no product is.
    """

    text: str | None = None
    categories: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    price_from: Decimal | None = None
    price_below: Decimal | None = None
    currency: str | None = None
    active: bool | None = None
    available_at: tuple[str, ...] | None = None
    in_stock: bool | None = None

    @property
    def facet_filters(self) -> dict[str, Clause]:
        """The filters on the values of facets, by facet."""
        bounds = (("gte", self.price_from), ("lt", self.price_below))
        prices = {key: f"{price:f}" for key, price in bounds if price is not None}
        clauses = {
            "category": _in_one_of(self.categories),
            "type": _any_of(("type", "type.folded"), self.types),
            "price": {"range": {"price": prices}} if prices else None,
            "store": None if self.available_at is None else {"terms": {"available_at": list(self.available_at)}},
            "in_stock": _stocked(self.in_stock),
        }
        return {facet: clause for facet, clause in clauses.items() if clause}

    @property
    def other_filters(self) -> list[Clause]:
        """The filters on everything else."""
        filters: list[Clause] = [{"term": {"deleted": False}}]
        if self.active is not None:
            filters.append({"term": {"active": self.active}})
        if self.currency is not None:
            filters.append({"term": {"currency": self.currency}})
        return filters


@dataclass(frozen=True)
class Part:
    """A part of the list: `size` products after the sort key `after`, or before it when searching backwards."""

    size: int
    after: Sequence[Any] | None = None
    is_backwards: bool = False


@dataclass(frozen=True)
class Extras:
    """Optional parts of the response; each costs time."""

    facets: frozenset[str] = frozenset()
    is_counted: bool = False
    is_highlighted: bool = False


NO_EXTRAS = Extras()
OF_THE_CATALOGUE = frozenset({"category", "type", "price"})
"""The facets of what `products` owns."""


def search(
    query: ProductQuery,
    sort: ProductSort,
    part: Part,
    synonyms: Synonyms,
    extras: Extras = NO_EXTRAS,
    reading: Reading | None = None,
) -> Clause:
    """The body of the request. `reading` is that of the text; by default, as written."""
    if reading is None and query.text is not None:
        reading = Reading(query.text)
    filters = query.facet_filters
    body: Clause = {
        "size": part.size,
        "sort": sorting(sort, is_backwards=part.is_backwards),
        "track_total_hits": extras.is_counted,
        "query": _query(reading, synonyms, [*query.other_filters, *([] if extras.facets else filters.values())]),
    }
    if part.after is not None:
        body["search_after"] = list(part.after)
    if extras.facets:
        body["aggs"] = facet_aggregations(extras.facets, filters)
        if filters:
            body["post_filter"] = {"bool": {"filter": [*filters.values()]}}
    if extras.is_highlighted and reading is not None:
        body["highlight"] = _highlight()
    return body


def sorting(sort: ProductSort, *, is_backwards: bool = False) -> list[Clause]:
    """The sort clauses, which make positions unique, so that `search_after` can continue from any."""
    directions = ("asc", "desc") if is_backwards else ("desc", "asc")
    by_sku = {"sku": {"order": directions[sort is not ProductSort.SKU_DESC]}}
    if sort is ProductSort.RELEVANCE:
        return [{"_score": {"order": directions[0]}}, by_sku]
    name = sort.value.removeprefix("-")
    if name == "sku":
        return [by_sku]
    key = dict(_KEYS[name])
    field = key.pop("field")
    return [{field: {"order": directions[not sort.value.startswith("-")], **key}}, by_sku]


def _query(reading: Reading | None, synonyms: Synonyms, filters: Sequence[Clause]) -> Clause:
    return {"bool": {"filter": [*filters]}} if reading is None else text_query(reading, synonyms, filters)


def _in_one_of(categories: Sequence[str]) -> Clause | None:
    return {"terms": {"categories.path": list(categories)}} if categories else None


def _stocked(in_stock: bool | None) -> Clause | None:
    """Documents of earlier releases do not say that they are in stock, and count as not."""
    if in_stock is None:
        return None
    is_stocked = {"term": {"in_stock": True}}
    return is_stocked if in_stock else {"bool": {"must_not": [is_stocked]}}


def _any_of(fields: tuple[str, str], values: Sequence[str]) -> Clause | None:
    """Every index has the exact field. The folded one, where it exists, ignores case and accents."""
    if not values:
        return None
    return {"bool": {"should": [{"terms": {field: list(values)}} for field in fields], "minimum_should_match": 1}}


def _highlight() -> Clause:
    return {"encoder": "html", "pre_tags": [HIGHLIGHT_START], "post_tags": [HIGHLIGHT_END], "fields": _HIGHLIGHTED}
