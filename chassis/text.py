"""Text as it may enter the system: Unicode NFC, trimmed, bounded, no control characters.

Postgres refuses U+0000 that MySQL takes, so a name with one would be stored and never shown: refused at the door.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

_REFUSED = ("Cc", "Cs", "Zl", "Zp")
_TURNS_TEXT_ROUND = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def clean(text: str, allowed: str = "") -> str:
    """`text` trimmed and in NFC.

    Raises ValueError for control characters other than `allowed`, for lone surrogates, line separators, and marks that
    turn the direction of what follows: a name with one would write over its neighbours.
    """
    if any(_is_refused(character) and character not in allowed for character in text):
        raise ValueError("control characters are not allowed")
    return unicodedata.normalize("NFC", text).strip()


def _is_refused(character: str) -> bool:
    return unicodedata.category(character) in _REFUSED or character in _TURNS_TEXT_ROUND


def _clean_line(text: str) -> str:
    return clean(text)


def _clean_prose(text: str) -> str:
    return clean(text, allowed="\n\t")


def _not_empty(text: str) -> str:
    if all(unicodedata.category(character) in ("Cf", "Zs") for character in text):
        raise ValueError("must not be empty")
    return text


def _still_within(most: int) -> Callable[[str], str]:
    """NFC makes some characters two or three, so what fits a column before may not fit after."""

    def check(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"must have at most {most} characters in Unicode NFC")
        return text

    return check


Line = Annotated[
    str,
    StringConstraints(max_length=200),
    AfterValidator(_clean_line),
    AfterValidator(_not_empty),
    AfterValidator(_still_within(200)),
]
"""A name, a street: one line of 1 to 200 characters."""

Word = Annotated[
    str,
    StringConstraints(max_length=50),
    AfterValidator(_clean_line),
    AfterValidator(_not_empty),
    AfterValidator(_still_within(50)),
]
"""A number, a code: 1 to 50 characters."""

Prose = Annotated[
    str, StringConstraints(max_length=2000), AfterValidator(_clean_prose), AfterValidator(_still_within(2000))
]
"""A description: up to 2,000 characters, on as many lines as it takes."""

Query = Annotated[str, Field(max_length=200), AfterValidator(_clean_line), AfterValidator(_not_empty)]
"""What somebody searches for."""
