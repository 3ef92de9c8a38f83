"""Facets: how many of the products that are found have each hierarchy, each type, each range of prices.

The counts of a facet heed all that is chosen in the others, not what is chosen in itself: so a customer sees what there
would be with another choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec

Clause = dict[str, Any]

_MOST_VALUES = 100
_MOST_CURRENCIES = 20
_BOUNDS = [0, *(step * 10**power for power in range(8) for step in (1, 2, 5))]
"""Prices are told apart at 1, 2, 5, 10, 20, 50 and so on, which suits every currency."""


@dataclass(frozen=True)
class ValueCount:
    """So many products have this value."""

    value: str
    count: int


@dataclass(frozen=True)
class PriceCount:
    """So many products cost at least `low` and less than `high`; None where there is no such bound."""

    currency: str
    low: int
    high: int | None
    count: int


class Facets(msgspec.Struct, frozen=True):
    """The counts of each facet, the most frequent value first; prices by currency, the lowest first."""

    hierarchies: list[ValueCount]
    types: list[ValueCount]
    prices: list[PriceCount]


class _Bucket(msgspec.Struct):
    key: str
    doc_count: int
    ranges: _Ranges | None = None


class _Range(msgspec.Struct):
    doc_count: int
    low: float = msgspec.field(name="from", default=0.0)
    high: float | None = msgspec.field(name="to", default=None)


class _Ranges(msgspec.Struct):
    buckets: list[_Range]


class _Buckets(msgspec.Struct):
    buckets: list[_Bucket]


class _Facet(msgspec.Struct):
    values: _Buckets


class FacetCounts(msgspec.Struct):
    """The part of the index's answer that has the counts."""

    hierarchy: _Facet | None = None
    type: _Facet | None = None
    price: _Facet | None = None


def _terms(field: str) -> Clause:
    return {"terms": {"field": field, "size": _MOST_VALUES, "order": [{"_count": "desc"}, {"_key": "asc"}]}}


def _ranges() -> list[Clause]:
    bounds = [{"from": low, "to": high} for low, high in pairwise(_BOUNDS)]
    return [*bounds, {"from": _BOUNDS[-1]}]


FACETS: dict[str, Clause] = {
    "hierarchy": _terms("hierarchies.name.exact"),
    "type": _terms("type"),
    "price": {
        "terms": {"field": "currency", "size": _MOST_CURRENCIES, "order": {"_key": "asc"}},
        "aggs": {"ranges": {"range": {"field": "price", "ranges": _ranges()}}},
    },
}
"""What is counted for each facet."""


def facet_aggregations(names: Collection[str], chosen: Mapping[str, Clause]) -> Clause:
    """The part of the request that asks for these facets, where `chosen` has what is chosen in each."""
    return {
        name: {
            "filter": {"bool": {"filter": [clause for other, clause in chosen.items() if other != name]}},
            "aggs": {"values": FACETS[name]},
        }
        for name in sorted(names)
    }


def facets_of(counted: FacetCounts) -> Facets:
    """The counts as they are shown; of a facet that was not asked for, none."""
    return Facets(
        hierarchies=_values(counted.hierarchy), types=_values(counted.type), prices=list(_prices(counted.price))
    )


def _values(facet: _Facet | None) -> list[ValueCount]:
    return [] if facet is None else [ValueCount(each.key, each.doc_count) for each in facet.values.buckets]


def _prices(facet: _Facet | None) -> Iterator[PriceCount]:
    for currency in facet.values.buckets if facet else ():
        for each in currency.ranges.buckets if currency.ranges else ():
            if each.doc_count:
                high = None if each.high is None else int(each.high)
                yield PriceCount(currency.key, int(each.low), high, each.doc_count)
