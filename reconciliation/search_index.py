"""The search index as a view to compare: Elasticsearch sums the digests that `products` wrote into its documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from chassis.databases.elasticsearch import raise_unavailable
from contracts.digests import HALF, columns
from contracts.heartbeats import SOURCES
from contracts.inventory.availability import SKU_AVAILABILITY
from contracts.products import PRODUCTS, SEARCH_FRESHNESS, StockedProduct
from reconciliation.rows import Digest, Range, RowState, Values
from search.documents import ONLY_SEARCHED, document

MOST_DOCUMENTS = 10_000
"""Elasticsearch's limit for one response."""

_VERSION = "_version"
_DATABASES = [source.database for source in SOURCES if {PRODUCTS, SKU_AVAILABILITY} & {*source.topics}]

_SUMMED = ("digest_high", "digest_low", "version", "availability_version", _VERSION)
_SUMS = {name: {"sum": {"field": name}} for name in _SUMMED}
_AGGREGATIONS = {**_SUMS, "digests": {"value_count": {"field": "digest_low"}}}


class SearchIndex:
    """The documents of an alias or index. Their id is the SKU."""

    def __init__(self, elasticsearch: AsyncElasticsearch, index: str, *, is_deep: bool = False) -> None:
        self.name = "search"
        self.columns = columns(StockedProduct)
        self._elasticsearch, self._index, self._is_deep = elasticsearch, index, is_deep

    async def fresh_until(self) -> datetime | None:
        """See `View`. An index that is being filled is as fresh as the live one: a worker writes it first."""
        with raise_unavailable():
            found = await self._elasticsearch.mget(index=SEARCH_FRESHNESS, ids=_DATABASES)
        known = [each["_source"]["fresh_until"] for each in found["docs"] if each.get("found")]
        return min(map(datetime.fromisoformat, known)) if len(known) == len(_DATABASES) else None

    async def key_at(self, within: Range, rows: int) -> str | None:  # noqa: ARG002
        """Always None: an index does not count along its keys. The keys of MySQL and Postgres are enough."""
        return None

    async def digest(self, within: Range) -> Digest:
        """See `RowSet`. A document changed by hand has another `_version` than the rows it was made from.

        If it was given that version and digest, only a deep comparison finds it: that one trusts no digest.
        """
        with raise_unavailable():
            answer = await self._elasticsearch.search(
                index=self._index, size=0, track_total_hits=True, query=_within(within), aggs=_AGGREGATIONS
            )
        rows, found = answer["hits"]["total"]["value"], answer["aggregations"]
        sums = {name: int(found[name]["value"]) for name in _AGGREGATIONS}
        if self._is_deep or sums["digests"] != rows or sums["version"] + sums["availability_version"] != sums[_VERSION]:
            return Digest(rows, -1)
        return Digest(rows, sums["digest_high"] * HALF + sums["digest_low"])

    async def rows(self, within: Range) -> dict[str, RowState]:
        """See `RowSet`."""
        with raise_unavailable():
            answer = await self._elasticsearch.search(
                index=self._index, size=MOST_DOCUMENTS, query=_within(within), version=True
            )
        return {hit["_id"]: _state(hit) for hit in answer["hits"]["hits"]}

    async def rows_of(self, keys: Sequence[str]) -> dict[str, RowState]:
        """See `RowSet`."""
        if not keys:
            return {}
        with raise_unavailable():
            answer = await self._elasticsearch.mget(index=self._index, ids=list(keys))
        return {each["_id"]: _state(each) for each in answer["docs"] if each["found"]}

    def expected(self, row: RowState) -> Values:
        """The document that `products` makes of the row, as far as it is returned; the error where it cannot."""
        assert row.values is not None
        try:
            made = document(StockedProduct(**row.values))
        except (ValueError, ArithmeticError, TypeError) as error:
            return {"row": str(error)}
        returned = {name: value for name, value in msgspec.to_builtins(made).items() if name not in ONLY_SEARCHED}
        return {**returned, _VERSION: row.version + row.values["availability_version"]}


def _within(within: Range) -> dict[str, Any]:
    """A query for the documents that searches find. Those without a SKU belong to the first range."""
    bounds = {name: key for name, key in zip(("gt", "lte"), within, strict=True) if key is not None}
    inside: dict[str, Any] = {"range": {"sku": bounds}} if bounds else {"match_all": {}}
    if within.after is None:
        inside = {"bool": {"should": [inside, {"bool": {"must_not": [{"exists": {"field": "sku"}}]}}]}}
    return {"bool": {"filter": [{"term": {"deleted": False}}, inside]}}


def _state(hit: Any) -> RowState:
    source: dict[str, Any] = hit["_source"]
    known = source.get("version")
    version = max(hit[_VERSION], known) if isinstance(known, int) else hit[_VERSION]
    return RowState(version, None if source.get("deleted") is True else {**source, _VERSION: hit[_VERSION]})
