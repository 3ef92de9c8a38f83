"""Products for an unfinished text: those whose name, type, categories or codes have words that begin with its words.

Synonyms count as well: `chee` finds cheeses. If nothing is found, the text is corrected.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from search.response import IndexedProduct
from search.text.diagnosis import other_readings
from search.text.query import text_query
from search.text.reading import Level, Reading, begun
from search.text.synonyms import Synonyms

Clause = dict[str, Any]

_NOT_DELETED: list[Clause] = [{"term": {"deleted": False}}]


class _Hit(msgspec.Struct):
    product: IndexedProduct = msgspec.field(name="_source")


class _Hits(msgspec.Struct):
    hits: list[_Hit]


class _Response(msgspec.Struct):
    hits: _Hits


async def suggested(
    text: str, size: int, synonyms: Synonyms, execute: Callable[[Clause], Awaitable[bytes]]
) -> list[IndexedProduct]:
    """The products, the best first. Raises what `execute` raises."""
    found = _products(await execute(_suggestions(text, size, synonyms)))
    if found:
        return found
    others = await other_readings(text, synonyms, _NOT_DELETED, execute, is_unfinished=True)
    whole = [each for each in others if each.level is Level.STRICT]
    return _products(await execute(_suggestions(whole[0].text, size, synonyms))) if whole else []


def _suggestions(text: str, size: int, synonyms: Synonyms) -> Clause:
    reading = Reading(begun(text), Level.EACH)
    return {
        "size": size,
        "sort": [{"_score": {"order": "desc"}}, {"sku": {"order": "asc"}}],
        "track_total_hits": False,
        "query": text_query(reading, synonyms, _NOT_DELETED),
    }


def _products(response: bytes) -> list[IndexedProduct]:
    return [hit.product for hit in _read(response).hits.hits]


_read = msgspec.json.Decoder(_Response).decode
