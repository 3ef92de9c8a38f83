"""What a search for products asks of the index, the same for whoever asks, by REST or by GraphQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from search.facets import FACETS, facet_aggregations
from search.synonyms import Slot, Synonyms
from search.text_query import text_query
from search.words import words

Clause = dict[str, Any]

BEFORE_MATCH, BEHIND_MATCH = "<em>", "</em>"
"""Around each match in a highlight. All else in it is escaped, so that it can be shown as HTML."""

_LONGEST_SUGGESTED_FOR = 10
_HIGHLIGHTED = {
    "name": {"number_of_fragments": 0},
    "description": {"number_of_fragments": 2, "fragment_size": 150},
    "hierarchies.name": {"number_of_fragments": 0},
}


class ProductSort(StrEnum):
    """The orders that products can have; equal ones are in the order of their SKUs."""

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
    """Which products: those that fit all that is given. Of hierarchies and of types, one of several is enough.

    Prices are in `currency`.
    """

    text: str | None = None
    hierarchies: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    currency: str | None = None
    active: bool | None = None

    @property
    def chosen(self) -> dict[str, Clause]:
        """What a customer has chosen among the facets, by the facet."""
        prices = {
            key: f"{price:f}" for key, price in (("gte", self.price_from), ("lte", self.price_to)) if price is not None
        }
        clauses = {
            "hierarchy": _any_of(("hierarchies.name.exact", "hierarchies.name.folded"), self.hierarchies),
            "type": _any_of(("type", "type.folded"), self.types),
            "price": {"range": {"price": prices}} if prices else None,
        }
        return {facet: clause for facet, clause in clauses.items() if clause}


@dataclass(frozen=True)
class Part:
    """Which part of the list: `size` products behind the sort key `after`; of one looked for backwards, before it."""

    size: int
    after: Sequence[Any] | None = None
    is_backwards: bool = False


@dataclass(frozen=True)
class Extras:
    """What is asked beside the products, each of which costs time."""

    facets: frozenset[str] = frozenset()
    is_counted: bool = False
    is_highlighted: bool = False
    has_corrections: bool = False


NO_EXTRAS = Extras()
EVERY_FACET = frozenset(FACETS)


def search(
    wanted: ProductQuery,
    sort: ProductSort,
    part: Part,
    synonyms: Synonyms,
    extras: Extras = NO_EXTRAS,
    *,
    is_relaxed: bool = False,
) -> Clause:
    """The body of the request. When `is_relaxed`, a product fits that has one of the text's words."""
    slots = synonyms.slots(wanted.text) if wanted.text is not None else []
    chosen = wanted.chosen
    body: Clause = {
        "size": part.size,
        "sort": sorting(sort, is_backwards=part.is_backwards),
        "track_total_hits": extras.is_counted,
        "query": _query(wanted, slots, [] if extras.facets else [*chosen.values()], is_relaxed=is_relaxed),
    }
    if part.after is not None:
        body["search_after"] = list(part.after)
    if extras.facets:
        body["aggs"] = facet_aggregations(extras.facets, chosen)
        if chosen:
            body["post_filter"] = {"bool": {"filter": [*chosen.values()]}}
    if extras.is_highlighted and slots:
        body["highlight"] = _highlight()
    if extras.has_corrections and wanted.text is not None:
        body["suggest"] = _corrections(wanted.text)
    return body


def sorting(sort: ProductSort, *, is_backwards: bool = False) -> list[Clause]:
    """The order of the answer, so that `search_after` has one place to go on from."""
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


def _query(wanted: ProductQuery, slots: Sequence[Slot], chosen: Sequence[Clause], *, is_relaxed: bool) -> Clause:
    filters: list[Clause] = [{"term": {"deleted": False}}, *chosen]
    if wanted.active is not None:
        filters.append({"term": {"active": wanted.active}})
    if wanted.currency is not None:
        filters.append({"term": {"currency": wanted.currency}})
    if wanted.text is None:
        return {"bool": {"filter": filters}}
    return text_query(wanted.text, slots, filters, is_relaxed=is_relaxed)


def _any_of(fields: tuple[str, str], values: Sequence[str]) -> Clause | None:
    """The exact field is there in every index; the folded one, where it is, takes capitals and accents alike."""
    if not values:
        return None
    return {"bool": {"should": [{"terms": {field: list(values)}} for field in fields], "minimum_should_match": 1}}


def _highlight() -> Clause:
    return {"encoder": "html", "pre_tags": [BEFORE_MATCH], "post_tags": [BEHIND_MATCH], "fields": _HIGHLIGHTED}


def _corrections(text: str) -> Clause:
    spelling = {"field": "spelling", "suggest_mode": "missing", "prefix_length": 1, "min_word_length": 4, "size": 1}
    return {"text": " ".join(words(text)[:_LONGEST_SUGGESTED_FOR]), "spelling": {"term": spelling}}
