"""Queries with relevance grades over the sample catalogue, and the quality of a result by nDCG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from pathlib import Path

import msgspec

AT = 10


class JudgedQuery(msgspec.Struct, frozen=True):
    """A search text with `grades` by SKU, from 3 (exact match) to 1 (better than nothing); all others are 0."""

    query: str
    about: str
    grades: dict[str, int]


def judged_queries() -> list[JudgedQuery]:
    """All judged queries."""
    lines = (Path(__file__).parent / "judged.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=JudgedQuery) for line in lines]


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """nDCG@10: how close the first ten SKUs are to the best possible order, from 0 to 1.

    Source: Järvelin and Kekäläinen 2002, with the gains of Burges et al. 2005, 2^grade - 1.
    """
    best = _gain(sorted(grades.values(), reverse=True))
    return _gain([grades.get(sku, 0) for sku in found]) / best


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:AT]))
