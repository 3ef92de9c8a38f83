"""SQL that builds JSON from constant text and expressions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

BROKEN = "\x01"
"""Marks a non-null field without a value. JSON escapes it in strings, so no valid answer contains it."""

BROKEN_SQL = "E'\\x01'"

NULL_SQL = "'null'"


class Constant(str):
    """JSON that is the same in every answer."""

    __slots__ = ()


class Expression(str):
    """The SQL of a text expression that is never NULL."""

    __slots__ = ()


Piece = Constant | Expression


def joined(pieces: Sequence[Piece]) -> str:
    """The SQL that concatenates the pieces."""
    merged: list[Piece] = []
    for piece in pieces:
        if merged and isinstance(piece, Constant) and isinstance(merged[-1], Constant):
            merged[-1] = Constant(merged[-1] + piece)
        else:
            merged.append(piece)
    return " || ".join(quoted(piece) if isinstance(piece, Constant) else piece for piece in merged)


def json_object(members: Iterable[tuple[str, Sequence[Piece]]]) -> list[Piece]:
    """An object with the JSON of each member, by its key."""
    pieces: list[Piece] = [Constant("{")]
    for number, (key, value) in enumerate(members):
        pieces += [Constant(f'{"," if number else ""}"{key}":'), *value]
    return [*pieces, Constant("}")]


def json_list(elements: str) -> list[Piece]:
    """A list from the SQL of its elements, joined by commas; NULL when there are none."""
    return [Constant("["), Expression(f"coalesce({elements}, '')"), Constant("]")]


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
