"""Completions of an unfinished text: products whose names have words that begin with its words."""

from __future__ import annotations

from typing import Any

import msgspec

from search.response import IndexedProduct

Clause = dict[str, Any]


class _Hit(msgspec.Struct):
    product: IndexedProduct = msgspec.field(name="_source")


class _Hits(msgspec.Struct):
    hits: list[_Hit]


class _Response(msgspec.Struct):
    hits: _Hits


def suggestions(text: str, size: int) -> Clause:
    """The body of the request. It tolerates typing errors; products on sale and shorter names come first."""
    words = {"query": text, "operator": "and"}
    misspelt = {**words, "fuzziness": "AUTO:4,7", "prefix_length": 1, "boost": 0.2}
    matches: list[Clause] = [
        {"match": {"name.beginnings": {**words, "boost": 2}}},
        {"match": {"name.beginnings": misspelt}},
        {"match_phrase_prefix": {"name": {"query": text, "boost": 2}}},
        {"match_phrase_prefix": {"categories.name": {"query": text, "boost": 0.3}}},
        {"prefix": {"sku.lower": {"value": text.lower(), "boost": 1}}},
    ]
    on_sale = {"constant_score": {"filter": {"term": {"active": True}}, "boost": 0.3}}
    return {
        "size": size,
        "sort": [{"_score": {"order": "desc"}}, {"sku": {"order": "asc"}}],
        "track_total_hits": False,
        "query": {
            "bool": {
                "must": [{"dis_max": {"tie_breaker": 0.1, "queries": matches}}],
                "should": [on_sale],
                "filter": [{"term": {"deleted": False}}],
            }
        },
    }


_read = msgspec.json.Decoder(_Response).decode


def read_suggestions(response: bytes) -> list[IndexedProduct]:
    """The suggested products, the best first. Raises `msgspec.MsgspecError`."""
    return [hit.product for hit in _read(response).hits.hits]
