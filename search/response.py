"""The response of the index to a search for products, decoded from its JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.products import Category
from search.facets import FacetCounts, Facets, facets_of
from search.synonyms import Synonyms
from search.words import singular, words

_MIN_SIMILARITY = 0.7
"""The share of a word's letters that are unchanged: one edit of four letters, two of seven."""


class IndexedProduct(msgspec.Struct):
    """A product as stored in the index. Decimals are strings with all their digits, times ISO 8601 in UTC."""

    sku: str
    name: str
    price: str
    currency: str
    categories: list[Category]
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


class _Option(msgspec.Struct):
    text: str
    score: float


class _Suggestion(msgspec.Struct):
    text: str
    options: list[_Option]


class _Suggestions(msgspec.Struct):
    spelling: list[_Suggestion] = []


class SearchResponse(msgspec.Struct):
    """The response. `pit_id` is set when the search was at a point in time."""

    hits: _Hits
    pit_id: str | None = None
    aggregations: FacetCounts | None = None
    suggest: _Suggestions | None = None

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

    def did_you_mean(self, text: str, synonyms: Synonyms) -> str | None:
        """The text with corrections of words that no product has; None without corrections.

        A word known to the synonyms, or in another grammatical number, is not misspelt.
        """
        better = {
            each.text: option.text
            for each in (self.suggest or _Suggestions()).spelling
            for option in each.options[:1]
            if option.score >= _MIN_SIMILARITY
        }
        written = words(text)
        corrected = [
            better[word] if word in better and not _is_known(word, better[word], synonyms) else word for word in written
        ]
        return " ".join(corrected) if corrected != written else None


def _is_known(word: str, better: str, synonyms: Synonyms) -> bool:
    return singular(word) == singular(better) or synonyms.knows(word)


read_response = msgspec.json.Decoder(SearchResponse).decode
"""Decodes a response. Raises `msgspec.MsgspecError`."""
