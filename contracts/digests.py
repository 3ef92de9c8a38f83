"""What a row is told by when stores are compared: one text of all its columns, and a digest of that text.

The text is made so that MySQL, MariaDB and Postgres can make the same one in SQL: `reconciliation/expressions.py` does.
Of each column it has the value, or `-` for NULL, with `|` between: text with its length in bytes before it, a time in
microseconds since 1970, a truth as 1 or 0, JSON as `contracts/json_text.py` writes it. The digest is the first 48 bits
of the text's SHA-256, which every one of these servers has (MySQL 9.6 dropped MD5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from contracts import rows
from contracts.json_text import rewritten
from contracts.rows import Row

DIGITS = 12
"""Hexadecimal digits of the SHA-256 that are the digest. Its halves are summed apart where sums are floating point."""

HALF = 16 ** (DIGITS // 2)

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Kind(StrEnum):
    """How a column's value becomes text."""

    PLAIN = "plain"
    TEXT = "text"
    JSON = "json"
    TIME = "time"
    TRUTH = "truth"


_KINDS = {
    str: Kind.TEXT,
    datetime: Kind.TIME,
    bool: Kind.TRUTH,
    int: Kind.PLAIN,
    UUID: Kind.PLAIN,
    Decimal: Kind.PLAIN,
}


@cache
def columns(row: type[Row]) -> Mapping[str, Kind]:
    """The columns of a row as the topic has it, each with its kind, in the order of the text."""
    return {name: _kind(name, kind) for name, kind in rows.columns(row).items()}


def digest(row: Row) -> int:
    """The digest of a row. Its decimals must have the scale of their columns, as they do on the topics."""
    text = "|".join(_text(kind, getattr(row, name)) for name, kind in columns(type(row)).items())
    return int(sha256(text.encode()).hexdigest()[:DIGITS], 16)


def _kind(name: str, values: type) -> Kind:
    return Kind.JSON if name in rows.JSON_COLUMNS else _KINDS[values]


def _text(kind: Kind, value: Any) -> str:
    if value is None:
        return "-"
    match kind:
        case Kind.PLAIN:
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case Kind.TIME:
            return str((value - _EPOCH) // _MICROSECOND)
        case Kind.TRUTH:
            return str(int(value))
        case Kind.JSON:
            return rewritten(value)
        case Kind.TEXT:
            return f"{len(value.encode())}:{value}"
