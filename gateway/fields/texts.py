"""Text that a client sends as an argument."""

from __future__ import annotations

from chassis.types.text import clean
from gateway.errors import BadInput

LONGEST = 200


def cleaned(text: str, argument: str) -> str:
    """`text` trimmed and in NFC: 1 to 200 characters on one line. Raises BadInput naming the argument."""
    try:
        text = clean(text)
    except ValueError as error:
        raise BadInput(f"`{argument}`: {error}") from error
    if not 1 <= len(text) <= LONGEST:
        raise BadInput(f"`{argument}` has 1 to {LONGEST} characters")
    return text
