"""SQL that puts JSON together: pieces of text that are known, and expressions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

BROKEN = "\x01"
"""Stands where a non-null field has no value. Strings in JSON escape it, so an answer that has it is none."""

BROKEN_SQL = "E'\\x01'"

NULL_SQL = "'null'"


class Known(str):
    """JSON that is the same in every answer."""

    __slots__ = ()


class Expression(str):
    """The SQL of a text expression that is never NULL."""

    __slots__ = ()


Piece = Known | Expression


def joined(pieces: Sequence[Piece]) -> str:
    """The SQL of all pieces one behind the other."""
    merged: list[Piece] = []
    for piece in pieces:
        if merged and isinstance(piece, Known) and isinstance(merged[-1], Known):
            merged[-1] = Known(merged[-1] + piece)
        else:
            merged.append(piece)
    return " || ".join(quoted(piece) if isinstance(piece, Known) else piece for piece in merged)


def json_object(members: Iterable[tuple[str, Sequence[Piece]]]) -> list[Piece]:
    """An object with the JSON of each member, by its key."""
    pieces: list[Piece] = [Known("{")]
    for number, (key, value) in enumerate(members):
        pieces += [Known(f'{"," if number else ""}"{key}":'), *value]
    return [*pieces, Known("}")]


def json_list(elements: str) -> list[Piece]:
    """A list whose elements, with commas between them, are the value of some SQL; NULL when there are none."""
    return [Known("["), Expression(f"coalesce({elements}, '')"), Known("]")]


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
