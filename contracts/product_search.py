"""What a search for products asks of the index, the same for whoever asks."""

from __future__ import annotations

from typing import Any

SORT: list[dict[str, str]] = [{"_score": "desc"}, {"sku": "asc"}]
"""The best first; equal ones by SKU, so that `search_after` has one place to go on from."""


def search_query(text: str) -> dict[str, Any]:
    """The query for products that fit `text` and are not deleted; small misspellings fit too."""
    return {
        "bool": {
            "must": {
                "multi_match": {
                    "query": text,
                    "fields": ["sku^4", "name^3", "hierarchies.name^2", "description"],
                    "fuzziness": "AUTO",
                    "operator": "and",
                    "type": "best_fields",
                }
            },
            "filter": [{"term": {"deleted": False}}],
        }
    }
