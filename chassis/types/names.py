"""The words of names, by which people are found: in lower case, without accents."""

from __future__ import annotations

import re
import unicodedata

_MARKS = range(0x300, 0x370)
_BETWEEN_WORDS = re.compile(r"[ .,'’-]+")


def words(text: str) -> list[str]:
    """The words of a name or of a search: lower case, without accents."""
    decomposed = unicodedata.normalize("NFD", text)
    # By character: Python's `lower` of a whole word has another final sigma, unlike Postgres.
    plain = "".join(character.lower() for character in decomposed if ord(character) not in _MARKS)
    return [word for word in _BETWEEN_WORDS.split(plain) if word]


def words_of_names(*names: str | None) -> list[str]:
    """The words of a person's or company's names, of which some may be missing."""
    return words(" ".join(name or "" for name in names))


def begin(searched: list[str], found: list[str]) -> bool:
    """Whether each searched word is the beginning of a found one."""
    return all(any(word.startswith(beginning) for word in found) for beginning in searched)
