"""Text as it may enter the system: Unicode NFC, trimmed, bounded, no control characters.

Postgres refuses U+0000 that MySQL takes, so a name with one would be stored and never shown: refused at the door.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from chassis.types.schemas import component

_REFUSED = ("Cc", "Cs", "Zl", "Zp")
_TURNS_TEXT_ROUND = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

_REFUSED_IN_PATTERN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_BLANK_IN_PATTERN = (
    r" \u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e\u2000-\u200f\u202f\u205f-\u2064"
    r"\u206a-\u206f\u3000\ufeff\ufff9-\ufffb"
)
_A_LINE = f"^[^{_REFUSED_IN_PATTERN}]*[^{_REFUSED_IN_PATTERN}{_BLANK_IN_PATTERN}][^{_REFUSED_IN_PATTERN}]*$"
_LINES = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"


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
    WithJsonSchema(
        component(
            "Line",
            type="string",
            minLength=1,
            maxLength=200,
            pattern=_A_LINE,
            description="A name, a street: one line, kept in Unicode NFC, trimmed, without control characters.",
        )
    ),
]
"""A name, a street: one line of 1 to 200 characters."""

Word = Annotated[
    str,
    StringConstraints(max_length=50),
    AfterValidator(_clean_line),
    AfterValidator(_not_empty),
    AfterValidator(_still_within(50)),
    WithJsonSchema(
        component(
            "Word",
            type="string",
            minLength=1,
            maxLength=50,
            pattern=_A_LINE,
            description="A number, a code: a short line, kept in Unicode NFC, trimmed, without control characters.",
        )
    ),
]
"""A number, a code: 1 to 50 characters."""

Prose = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(_clean_prose),
    AfterValidator(_still_within(2000)),
    WithJsonSchema(
        component(
            "Prose",
            type="string",
            maxLength=2000,
            pattern=_LINES,
            description="A description, on as many lines as it takes; no control characters but tabs and line ends.",
        )
    ),
]
"""A description: up to 2,000 characters, on as many lines as it takes."""

Query = Annotated[
    str,
    Field(max_length=200),
    AfterValidator(_clean_line),
    AfterValidator(_not_empty),
    WithJsonSchema(component("Searched", type="string", minLength=1, maxLength=200, pattern=_A_LINE)),
]
"""What somebody searches for."""
