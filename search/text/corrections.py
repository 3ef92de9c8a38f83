"""Corrections of misspelt words, to words that products or synonyms have."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract_iter

_SHORTEST = 3
_LONGEST_WITH_ITS_LETTERS = 4
_SHORTEST_WITH_TWO_EDITS = 7
_SHORTEST_WITH_ANOTHER_START = 6


def correction(word: str, of_products: Iterable[str], of_synonyms: Iterable[str]) -> str | None:
    """The most similar word, if it is similar enough. Words are folded.

    Of equally similar ones, words in which no letter is another come first, then words of products.

    An edit is a letter more, less or another, or two letters exchanged: one up to six letters, two in longer words.
    Short words are often one letter away from another word (`sofa`, `soda`): they keep their first letter, no letter of
    four may be another, and of three, two may only be exchanged.
    """
    if len(word) < _SHORTEST:
        return None
    edits = 1 if len(word) < _SHORTEST_WITH_TWO_EDITS else 2
    best: tuple[float, bool, bool, int, str] | None = None
    for place, vocabulary in enumerate((of_products, of_synonyms)):
        for other, distance, _ in extract_iter(word, vocabulary, scorer=OSA.distance, score_cutoff=edits):
            if distance and _may_be(word, other):
                found = (distance, other[0] != word[0], _has_another_letter(word, other), place, other)
                best = found if best is None or found[:-1] < best[:-1] else best
    return None if best is None else best[-1]


def _may_be(word: str, other: str) -> bool:
    if len(word) == _SHORTEST and len(other) != _SHORTEST:
        return False
    if len(word) <= _LONGEST_WITH_ITS_LETTERS and _has_another_letter(word, other):
        return False
    return word[0] == other[0] or len(word) >= _SHORTEST_WITH_ANOTHER_START


def _has_another_letter(word: str, other: str) -> bool:
    return len(word) == len(other) and sorted(word) != sorted(other)
