"""What a search for products asks of the index, the same for whoever asks."""

from __future__ import annotations

from typing import Any

SORT: list[dict[str, str]] = [{"_score": "desc"}, {"sku": "asc"}]
"""The best first; equal ones by SKU, so that `search_after` has one place to go on from."""

_FIELDS = ["name^3", "description", "hierarchies.name", "hierarchies.description"]


def search_query(text: str) -> dict[str, Any]:
    """The query for products that `text` fits and that are not deleted: words, misspelt words, the start of a SKU."""
    words = {
        "query": text,
        "fields": _FIELDS,
        "fuzziness": "AUTO",
        "prefix_length": 1,
        "minimum_should_match": "2<75%",
        "tie_breaker": 0.3,
    }
    return {
        "bool": {
            "should": [
                {"multi_match": words},
                {"term": {"sku.lower": {"value": text, "boost": 20}}},
                {"prefix": {"sku.lower": {"value": text, "boost": 5}}},
            ],
            "minimum_should_match": 1,
            "filter": [{"term": {"deleted": False}}],
        }
    }
