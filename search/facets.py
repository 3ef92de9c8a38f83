"""Facets: the number of matching products by category, type, price range, and by the stores that have units.

The counts of a facet apply the filters of all other facets but not its own, so that they show what another choice would
find.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec

Clause = dict[str, Any]

_MAX_VALUES = 100
_MAX_CURRENCIES = 20
_BOUNDS = [0, *(step * 10**power for power in range(8) for step in (1, 2, 5))]
"""Price ranges are bounded by 1, 2, 5, 10, 20, 50 and so on, which suits every currency."""


@dataclass(frozen=True)
class ValueCount:
    """The number of products with a value."""

    value: str
    count: int


@dataclass(frozen=True)
class PriceCount:
    """The number of products that cost at least `low` and less than `below`; None is no bound."""

    currency: str
    low: int
    below: int | None
    count: int


@dataclass(frozen=True)
class StockCount:
    """The number of products that are in stock, or are not (`value`)."""

    value: bool
    count: int


class Facets(msgspec.Struct, frozen=True):
    """The counts of each facet, the most frequent value first; prices by currency, the lowest first."""

    categories: list[ValueCount]
    types: list[ValueCount]
    prices: list[PriceCount]
    stores: list[ValueCount]
    in_stock: list[StockCount]


class _Bucket(msgspec.Struct):
    key: str | int
    doc_count: int
    ranges: _Ranges | None = None


class _Range(msgspec.Struct):
    doc_count: int
    low: float = msgspec.field(name="from", default=0.0)
    below: float | None = msgspec.field(name="to", default=None)


class _Ranges(msgspec.Struct):
    buckets: list[_Range]


class _Buckets(msgspec.Struct):
    buckets: list[_Bucket]


class _Facet(msgspec.Struct):
    values: _Buckets


class FacetCounts(msgspec.Struct):
    """The aggregations of the response."""

    category: _Facet | None = None
    type: _Facet | None = None
    price: _Facet | None = None
    store: _Facet | None = None
    in_stock: _Facet | None = None


def _terms(field: str) -> Clause:
    return {"terms": {"field": field, "size": _MAX_VALUES, "order": [{"_count": "desc"}, {"_key": "asc"}]}}


def _ranges() -> list[Clause]:
    bounds = [{"from": low, "to": high} for low, high in pairwise(_BOUNDS)]
    return [*bounds, {"from": _BOUNDS[-1]}]


FACETS: dict[str, Clause] = {
    "category": _terms("categories.path"),
    "type": _terms("type"),
    "price": {
        "terms": {"field": "currency", "size": _MAX_CURRENCIES, "order": {"_key": "asc"}},
        "aggs": {"ranges": {"range": {"field": "price", "ranges": _ranges()}}},
    },
    "store": _terms("available_at"),
    # Documents of earlier releases have no such field.
    "in_stock": {"terms": {"field": "in_stock", "missing": False, "order": {"_key": "desc"}}},
}
"""The aggregation of each facet."""


def facet_aggregations(names: Collection[str], filters: Mapping[str, Clause]) -> Clause:
    """The aggregations of these facets; `filters` are those on the values of each facet."""
    return {
        name: {
            "filter": {"bool": {"filter": [clause for other, clause in filters.items() if other != name]}},
            "aggs": {"values": FACETS[name]},
        }
        for name in sorted(names)
    }


def facets_of(counts: FacetCounts) -> Facets:
    """The facets of the aggregations; empty for a facet that was not requested."""
    return Facets(
        categories=_values(counts.category),
        types=_values(counts.type),
        prices=list(_prices(counts.price)),
        stores=_values(counts.store),
        in_stock=[StockCount(bool(each.key), each.doc_count) for each in _buckets(counts.in_stock)],
    )


def _values(facet: _Facet | None) -> list[ValueCount]:
    return [ValueCount(str(each.key), each.doc_count) for each in _buckets(facet)]


def _buckets(facet: _Facet | None) -> list[_Bucket]:
    return [] if facet is None else facet.values.buckets


def _prices(facet: _Facet | None) -> Iterator[PriceCount]:
    for currency in _buckets(facet):
        for each in currency.ranges.buckets if currency.ranges else ():
            if each.doc_count:
                below = None if each.below is None else int(each.below)
                yield PriceCount(str(currency.key), int(each.low), below, each.doc_count)
