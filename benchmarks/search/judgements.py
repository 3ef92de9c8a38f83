"""Searches and suggestions that were judged by hand, and the quality of what is found: nDCG, precision and recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from pathlib import Path
from typing import TypeVar

import msgspec

AT = 10
GOOD = 2
"""The least grade of a product that must be found; those with less may be."""

_FOLDER = Path(__file__).parent

Judged = TypeVar("Judged", bound=msgspec.Struct)


class JudgedQuery(msgspec.Struct, frozen=True, rename="camel"):
    """A search text with `grades` by SKU, from 3 (exact match) to 1 (better than nothing).

    All other products must not be found. `did_you_mean` is the expected correction, where it was judged.
    """

    query: str
    about: str
    grades: dict[str, int]
    did_you_mean: str | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def good(self) -> set[str]:
        """The products that must be found."""
        return {sku for sku, grade in self.grades.items() if grade >= GOOD}


class JudgedText(msgspec.Struct, frozen=True):
    """An unfinished text with the products that must be suggested, unless they are too many, and those that may be."""

    text: str
    must: list[str]
    may: list[str]


def judged_queries() -> list[JudgedQuery]:
    """Queries over the sample catalogue, with which the search was made."""
    return _read("judged.jsonl", JudgedQuery)


def held_out_queries() -> list[JudgedQuery]:
    """Queries over the sample catalogue that were written before, and measured after, the search was made."""
    return _read("held_out.jsonl", JudgedQuery)


def department_store_queries() -> list[JudgedQuery]:
    """Queries over the department store."""
    return _read("department_store/judged.jsonl", JudgedQuery)


def judged_suggestions() -> list[JudgedText]:
    """Unfinished texts over the sample catalogue."""
    return _read("suggestions.jsonl", JudgedText)


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """nDCG@10: how close the first ten SKUs are to the best possible order, from 0 to 1; 1 if nothing is to be found.

    Source: Järvelin and Kekäläinen 2002, with the gains of Burges et al. 2005, 2^grade - 1.
    """
    best = _gain(sorted(grades.values(), reverse=True))
    return _gain([grades.get(sku, 0) for sku in found]) / best if best else float(not found)


def precision(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Precision@10: the part of the first ten SKUs that may be found; 1 if nothing is found."""
    first = found[:AT]
    return sum(sku in grades for sku in first) / len(first) if first else 1.0


def recall(found: Sequence[str], wanted: set[str]) -> float:
    """The part of the wanted SKUs that is found; 1 if none is wanted."""
    return len(wanted.intersection(found)) / len(wanted) if wanted else 1.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:AT]))


def _read(name: str, kind: type[Judged]) -> list[Judged]:
    return [msgspec.json.decode(line, type=kind) for line in (_FOLDER / name).read_bytes().splitlines()]
