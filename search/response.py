"""What the index answers to a search for products, read from its JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.products import Hierarchy
from search.facets import FacetCounts, Facets, facets_of
from search.synonyms import Synonyms
from search.words import singular, words

_LIKE_ENOUGH = 0.7
"""The share of a word's letters that stay: one edit of four letters, two of seven."""


class IndexedProduct(msgspec.Struct):
    """A product as the index keeps it. Decimals are strings with all their digits, times ISO 8601 in UTC."""

    sku: str
    name: str
    price: str
    currency: str
    hierarchies: list[Hierarchy]
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
    """A product that was found, with its sort key, which says where it is in the list."""

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


class _Suggested(msgspec.Struct):
    text: str
    options: list[_Option]


class _Suggestions(msgspec.Struct):
    spelling: list[_Suggested] = []


class SearchResponse(msgspec.Struct):
    """The index's answer. `pit_id` is there when the search was made at a point in time."""

    hits: _Hits
    pit_id: str | None = None
    aggregations: FacetCounts | None = None
    suggest: _Suggestions | None = None

    @property
    def found(self) -> list[Hit]:
        """The products in the order in which they were looked for."""
        return self.hits.hits

    @property
    def total(self) -> int:
        """How many fit in all; asked for by `is_counted`."""
        return self.hits.total.value if self.hits.total else 0

    @property
    def facets(self) -> Facets:
        """The counts that were asked for."""
        return facets_of(self.aggregations or FacetCounts())

    def did_you_mean(self, text: str, synonyms: Synonyms) -> str | None:
        """The text with other words for those that no product has; None when there is nothing to say.

        A word that is known in another number, or to the synonyms, is not misspelt.
        """
        better = {
            each.text: option.text
            for each in (self.suggest or _Suggestions()).spelling
            for option in each.options[:1]
            if option.score >= _LIKE_ENOUGH
        }
        said = words(text)
        corrected = [
            better[word] if word in better and not _is_known(word, better[word], synonyms) else word for word in said
        ]
        return " ".join(corrected) if corrected != said else None


def _is_known(word: str, better: str, synonyms: Synonyms) -> bool:
    return singular(word) == singular(better) or synonyms.knows(word)


read_response = msgspec.json.Decoder(SearchResponse).decode
"""The answer in the bytes. Raises `msgspec.MsgspecError`."""
