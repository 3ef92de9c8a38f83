"""Searches customers by the beginnings of the words in their names, ignoring case and accents.

The read model has an index of these words (`customer_by_words_of_the_name`), made by the same rules.
"""

from __future__ import annotations

from chassis.types.names import begin, words, words_of_names

WORDS_IN_SQL = (
    "array_to_tsvector(array_remove(regexp_split_to_array(lower(regexp_replace(normalize("
    "coalesce({c}.name, '') || ' ' || coalesce({c}.last_name, '') || ' ' || coalesce({c}.company, '')"
    ", NFD), '[\\u0300-\\u036f]', '', 'g')), '[ .,''’-]+'), ''))"
)
"""The words in the names of a row `c` of customer, as `words_of_names` returns them; written as in the index."""


def matches(names: tuple[str | None, ...], search: str) -> bool:
    """Whether each word of the search is the beginning of a word in one of the names."""
    return begin(words(search), words_of_names(*names))


def as_tsquery(search: str) -> str:
    """The search as Postgres reads it. Empty when it has no words."""
    quoted = (word.replace("\\", "\\\\") for word in words(search))
    return " & ".join(f"'{word}':*" for word in quoted)
