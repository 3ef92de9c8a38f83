"""Text input: Unicode NFC, trimmed, of limited length, without control characters.

Postgres rejects U+0000, which MySQL accepts, so a name with it would be stored and never reach the read model.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from chassis.types.schemas import component

_REJECTED = ("Cc", "Cs", "Zl", "Zp")
_BIDI_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

REJECTED_IN_PATTERN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"
"""Characters that `clean` rejects, for a set in a regular expression."""

BLANK_IN_PATTERN = (
    r" \u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e\u2000-\u200f\u202f\u205f-\u2064"
    r"\u206a-\u206f\u3000\ufeff\ufff9-\ufffb"
)
"""Characters that nobody sees, the ordinary blank first."""

A_LINE = f"^[^{REJECTED_IN_PATTERN}]*[^{REJECTED_IN_PATTERN}{BLANK_IN_PATTERN}][^{REJECTED_IN_PATTERN}]*$"
"""The pattern of what `clean_line` and `not_empty` take."""

STORABLE = r"^[^\u0000]*$"
"""The pattern of what `storable` takes."""

_LINES = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"


def clean(text: str, allowed: str = "") -> str:
    """`text` trimmed and in NFC.

    Raises ValueError for control characters other than `allowed`, lone surrogates, line separators, and bidirectional
    controls, which would change the direction of the text after a name.
    """
    if any(_is_rejected(character) and character not in allowed for character in text):
        raise ValueError("control characters are not allowed")
    return unicodedata.normalize("NFC", text).strip()


def storable(text: str) -> str:
    """`text` as it is. Raises ValueError for what a database cannot hold: U+0000 and lone surrogates."""
    if "\0" in text:
        raise ValueError("the character U+0000 is not allowed")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("must be Unicode text without lone surrogates") from error
    return text


def _is_rejected(character: str) -> bool:
    return unicodedata.category(character) in _REJECTED or character in _BIDI_CONTROLS


def clean_line(text: str) -> str:
    """`clean`, as a validator."""
    return clean(text)


def _clean_prose(text: str) -> str:
    return clean(text, allowed="\n\t")


def not_empty(text: str) -> str:
    """Raises ValueError for a text that nobody sees."""
    if all(unicodedata.category(character) in ("Cf", "Zs") for character in text):
        raise ValueError("must not be empty")
    return text


def still_within(most: int) -> Callable[[str], str]:
    """Checks the length after NFC, which can turn one character into several."""

    def check(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"must have at most {most} characters in Unicode NFC")
        return text

    return check


Line = Annotated[
    str,
    StringConstraints(max_length=200),
    AfterValidator(clean_line),
    AfterValidator(not_empty),
    AfterValidator(still_within(200)),
    WithJsonSchema(
        component(
            "Line",
            type="string",
            minLength=1,
            maxLength=200,
            pattern=A_LINE,
            description="One line, stored in Unicode NFC, trimmed, without control characters.",
        )
    ),
]
"""One line of 1 to 200 characters, such as a name or a street."""

Word = Annotated[
    str,
    StringConstraints(max_length=50),
    AfterValidator(clean_line),
    AfterValidator(not_empty),
    AfterValidator(still_within(50)),
    WithJsonSchema(
        component(
            "Word",
            type="string",
            minLength=1,
            maxLength=50,
            pattern=A_LINE,
            description="A short line, stored in Unicode NFC, trimmed, without control characters.",
        )
    ),
]
"""1 to 50 characters, such as a number or a code."""

Prose = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(_clean_prose),
    AfterValidator(still_within(2000)),
    WithJsonSchema(
        component(
            "Prose",
            type="string",
            maxLength=2000,
            pattern=_LINES,
            description="Text of any number of lines, without control characters other than tabs and line breaks.",
        )
    ),
]
"""Up to 2,000 characters on any number of lines, such as a description."""

Description = Annotated[
    str,
    StringConstraints(max_length=10_000),
    AfterValidator(_clean_prose),
    AfterValidator(still_within(10_000)),
    WithJsonSchema(
        component(
            "Description",
            type="string",
            maxLength=10_000,
            pattern=_LINES,
            description="Lines of text or HTML, without control characters other than tabs and line breaks.",
        )
    ),
]
"""Up to 10,000 characters on any number of lines: the description of a product, which shops write in HTML."""

Query = Annotated[
    str,
    Field(max_length=200),
    AfterValidator(clean_line),
    AfterValidator(not_empty),
    WithJsonSchema(component("Searched", type="string", minLength=1, maxLength=200, pattern=A_LINE)),
]
"""The text of a search."""
