"""The query for a text: each of its words in any field, or the whole text as a SKU."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from search.synonyms import Slot
from search.words import has_digit

Clause = dict[str, Any]

FIELDS = [
    "name^4",
    "categories.name^2",
    "type.words^2",
    "description",
]
_MISSPELT = ["name^4", "categories.name^2", "type.words^2", "description"]

_AS_WRITTEN, _AS_SYNONYM, _AS_BEGINNING, _AS_MISSPELT = 1.0, 0.7, 0.5, 0.4
"""The weight of a match, by its kind."""

_TIE_BREAKER = 0.1
_SHORTEST_MISSPELT = 4
_SHORTEST_FRAGMENT = 3
_MAX_SLOTS = 20
_ON_SALE = {"constant_score": {"filter": {"term": {"active": True}}, "boost": 0.3}}
"""Of two equal matches, the product that can be ordered comes first."""


def text_query(text: str, slots: Sequence[Slot], filters: Sequence[Clause], *, is_relaxed: bool = False) -> Clause:
    """The query for products that match `text` and pass the filters.

    Of up to two terms all must match, of more three quarters; with `is_relaxed`, one is enough.
    """
    slots = slots[:_MAX_SLOTS]
    matches = _sku(text)
    if slots:
        enough = "1" if is_relaxed else "2<75%"
        matches.append({"bool": {"should": [_slot(each) for each in slots], "minimum_should_match": enough}})
    text_matches: Clause = {"bool": {"should": matches, "minimum_should_match": 1}}
    together = [{"match_phrase": {"name": {"query": text, "slop": 2, "boost": 2}}}] if len(slots) > 1 else []
    return {"bool": {"must": [text_matches], "should": [*together, _ON_SALE], "filter": list(filters)}}


def _sku(text: str) -> list[Clause]:
    text = text.lower()
    clauses: list[Clause] = [{"term": {"sku.lower": {"value": text, "boost": 100}}}]
    if " " not in text:
        clauses.append({"prefix": {"sku.lower": {"value": text, "boost": 5}}})
        if has_digit(text) and len(text) >= _SHORTEST_FRAGMENT:
            parts = re.findall(r"\d+|[^\W\d_]+", text)
            clauses.append({"wildcard": {"sku.lower": {"value": f"*{'*'.join(parts)}*", "boost": 3}}})
    return clauses


def _slot(slot: Slot) -> Clause:
    found = [] if slot.is_replaced else _word(slot.written)
    found += [_exactly(each, _AS_SYNONYM) for each in slot.others]
    return {"dis_max": {"tie_breaker": _TIE_BREAKER, "queries": found}}


def _word(written: str) -> list[Clause]:
    found = [_exactly(written, _AS_WRITTEN)]
    if " " in written:
        return found
    if has_digit(written):
        found.append({"match": {"sku.parts": {"query": written, "boost": 2}}})
        return found
    if len(written) >= _SHORTEST_MISSPELT:
        about = {"fuzziness": "AUTO", "prefix_length": 1, "max_expansions": 30, "boost": _AS_MISSPELT}
        found.append({"multi_match": {"query": written, "fields": _MISSPELT, **about}})
        found.append({"match": {"name.beginnings": {"query": written, "boost": _AS_BEGINNING}}})
    return found


def _exactly(words: str, boost: float) -> Clause:
    kind = {"type": "phrase", "slop": 1} if " " in words else {"type": "best_fields", "tie_breaker": _TIE_BREAKER}
    return {"multi_match": {"query": words, "fields": FIELDS, "boost": boost, **kind}}
