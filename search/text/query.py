"""The query for a text: the fields in which each of its terms is looked for, and how many of them must be there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from search.text.codes import joined
from search.text.reading import Level, Reading, Term, head, needed, terms
from search.text.synonyms import Synonyms
from search.text.words import BEGINNING, has_digit, singular, words

Clause = dict[str, Any]

STRONG = ["name^4", "categories.name^2", "type.words^2", "categories.path.words"]
WEAK = ["description", "unit.words^0.5"]
"""Fields that mention much that a product is not."""

_BEGINNINGS = ["name.beginnings^4", "type.beginnings^2"]
_MORE_BEGINNINGS = ["categories.name.beginnings^2"]
_SHORTEST_OF_CATEGORIES = 3
_SHORTEST_OF_CODES = 2
"""Characters of a beginning; many products share shorter ones."""

_AS_SYNONYM, _AS_BEGINNING = 0.7, 0.5
"""The weight of a match, where one as written has 1."""

_TIE_BREAKER = 0.1
_BETWEEN = re.compile("[ -]")
_ON_SALE = {"constant_score": {"filter": {"term": {"active": True}}, "boost": 0.3}}
"""Of two equal matches, the product that can be ordered comes first."""


def text_query(reading: Reading, synonyms: Synonyms, filters: Sequence[Clause]) -> Clause:
    """The query for products that match a reading of a text and pass the filters."""
    found = terms(reading.text, synonyms)
    matches = _unfinished_synonyms(reading.text, synonyms)
    if reading.level is not Level.FEWER:
        matches += whole_codes(reading.text)
    if found:
        matches.append(_enough(needed(found), reading.level))
    together = []
    if len(found) > 1:
        together = [{"match_phrase": {"name": {"query": reading.text.replace(BEGINNING, ""), "slop": 2, "boost": 2}}}]
    must = matches[0] if len(matches) == 1 else {"bool": {"should": matches, "minimum_should_match": 1}}
    return {"bool": {"must": [must], "should": [*together, _ON_SALE], "filter": list(filters)}}


def whole_codes(text: str) -> list[Clause]:
    """The whole text as a SKU or a part of one, or with `*` at its end as the beginning of one."""
    whole = joined(text)
    clauses: list[Clause] = [{"term": {"sku.lower": {"value": text.lower(), "boost": 100}}}]
    if whole:
        clauses += [{"term": {field: {"value": whole, "boost": 50}}} for field in ("sku_codes", "codes")]
        if text.endswith(BEGINNING) and len(whole) >= _SHORTEST_OF_CODES:
            clauses.append({"prefix": {"sku_codes": {"value": whole, "boost": 5}}})
    return clauses


def _unfinished_synonyms(text: str, synonyms: Synonyms) -> list[Clause]:
    """The synonyms of longer terms that begin with the text: `gummy b`."""
    if not text.endswith(BEGINNING) or len(written := words(text)) < 2:
        return []
    return [_words(each, STRONG, _AS_SYNONYM) for each in synonyms.begun(" ".join(written))]


def anywhere(term: Term) -> Clause:
    """Products that have the term in any field."""
    return _best([*strongly(term), *_weakly(term)])


def strongly(term: Term) -> list[Clause]:
    """Products that have the term in a field that says what they are."""
    if term.size is not None:
        return [{"term": {"sizes": {"value": term.size, "boost": 2}}}]
    found = [] if term.is_replaced else [_words(term.written, STRONG, 1)]
    found += [_words(each, STRONG, _AS_SYNONYM) for each in term.others]
    if not term.is_replaced:
        code = joined(term.written)
        found.append({"terms": {"codes": sorted({code, singular(code)}), "boost": 4}})
        if has_digit(code) and not code.isdecimal():
            found.append({"term": {"sku_codes": {"value": code, "boost": 4}}})
    if term.is_beginning:
        found += _beginning(term.written)
    return found


def _weakly(term: Term) -> list[Clause]:
    if term.size is not None:
        return []
    found = [] if term.is_replaced else [_words(term.written, WEAK, 1)]
    if term.is_beginning and len(term.written) >= _SHORTEST_OF_CATEGORIES:
        found.append({"prefix": {"description": {"value": term.written, "boost": _AS_BEGINNING}}})
    return found + [_words(each, WEAK, _AS_SYNONYM) for each in term.others]


def _enough(found: Sequence[Term], level: Level) -> Clause:
    main = head(found)
    everything: Clause = {"bool": {"must": [anywhere(each) for each in found]}}
    if level is Level.EACH:
        return {"bool": {"must": [_best(strongly(each)) for each in found]}}
    if level is Level.ANYWHERE or main is None:
        return everything
    if level is Level.HEAD or len(found) == 1:
        others = [clause for each in found for clause in _weakly(each) + (strongly(each) if each != main else [])]
        return {"bool": {"must": [_best(strongly(main))], "should": others}}  # the description is highlighted, too
    of_these = [each for each in found if each.size is None] if level is Level.LOOSE else [main]
    strong = [clause for each in of_these for clause in strongly(each)]
    everything["bool"]["filter"] = {"bool": {"should": strong, "minimum_should_match": 1}}
    return everything


def _beginning(beginning: str) -> list[Clause]:
    fields = _BEGINNINGS + (_MORE_BEGINNINGS if len(beginning) >= _SHORTEST_OF_CATEGORIES else [])
    found: list[Clause] = [
        {"multi_match": {"query": beginning, "fields": fields, "operator": "and", "boost": _AS_BEGINNING}}
    ]
    if len(code := joined(beginning)) >= _SHORTEST_OF_CODES:
        found.append({"prefix": {"codes": {"value": code, "boost": _AS_BEGINNING}}})
    if beginning.isdecimal():
        found.append({"prefix": {"sizes": {"value": beginning, "boost": _AS_BEGINNING}}})
    if not _BETWEEN.search(beginning):
        found.append({"prefix": {"name": {"value": beginning, "boost": _AS_BEGINNING}}})  # so that it is highlighted
    return found


def _words(words: str, fields: list[str], boost: float) -> Clause:
    kind: Clause = {"type": "best_fields", "tie_breaker": _TIE_BREAKER, "boost": boost}
    count = len(_BETWEEN.split(words))
    if count > 1:  # a phrase scores the sum of its words
        kind = {"type": "phrase", "slop": 1, "boost": boost / count}
    return {"multi_match": {"query": words, "fields": fields, **kind}}


def _best(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"dis_max": {"tie_breaker": _TIE_BREAKER, "queries": clauses}}
