"""The digest of a row, by which databases are compared: a hash of one text of all its columns.

MySQL, MariaDB and Postgres can build the same text in SQL: see `reconciliation/expressions.py`. It has the value of
each column, or `-` for NULL, separated by `|`: text with its length in bytes before it, a time in microseconds since
1970, a boolean as 1 or 0, JSON as `contracts/json_text.py` writes it. The digest is the first 48 bits of the text's
SHA-256, which all these servers have (MySQL 9.6 dropped MD5).
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
from contracts.json_text import normalize_json_text
from contracts.rows import Row

DIGITS = 12
"""Hexadecimal digits of a digest. Its halves are summed separately where sums are floating point."""

HALF = 16 ** (DIGITS // 2)

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Kind(StrEnum):
    """How a column's value is converted to text."""

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
    """The columns of a row, each with its kind, in the order of the text."""
    return {name: _kind(name, kind) for name, kind in rows.columns(row).items()}


def digest(row: Row) -> int:
    """The digest of a row. Decimals must have the scale of their columns, as on the topics."""
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
            return normalize_json_text(value)
        case Kind.TEXT:
            return f"{len(value.encode())}:{value}"
