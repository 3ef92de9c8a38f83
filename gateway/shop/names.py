"""Searches people by the beginnings of the words in their names, ignoring case and accents.

The read model has an index of these words (`customer_by_words_of_the_name`), made by the same rules.
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = range(0x300, 0x370)
_BETWEEN_WORDS = re.compile(r"[ .,'’-]+")

WORDS_IN_SQL = (
    "array_to_tsvector(array_remove(regexp_split_to_array(lower(regexp_replace(normalize("
    "{c}.name || ' ' || {c}.last_name, NFD), '[\\u0300-\\u036f]', '', 'g')), '[ .,''’-]+'), ''))"
)
"""The words in the name of a row `c` of customer, as `words` returns them; must be written as in the index."""


def words(text: str) -> list[str]:
    """The words of a name or of a search: lower case, without accents."""
    decomposed = unicodedata.normalize("NFD", text)
    # By character: Python's `lower` of a whole word has another final sigma, unlike Postgres.
    plain = "".join(character.lower() for character in decomposed if ord(character) not in _MARKS)
    return [word for word in _BETWEEN_WORDS.split(plain) if word]


def matches(name: str, search: str) -> bool:
    """Whether each word of the search is the beginning of a word in the name."""
    found = words(name)
    return all(any(word.startswith(begin) for word in found) for begin in words(search))


def as_tsquery(search: str) -> str:
    """The search as Postgres reads it. Empty when it has no words."""
    quoted = (word.replace("\\", "\\\\") for word in words(search))
    return " & ".join(f"'{word}':*" for word in quoted)
