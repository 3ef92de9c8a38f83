"""Digests of rows, by which databases are compared: a text of all columns, and a digest of that text.

MySQL, MariaDB and Postgres can compute the same text in SQL: see `reconciliation/expressions.py`. It has the value of
each column, or `-` for NULL, separated by `|`: text is prefixed by its length in bytes, a time is in microseconds since
1970, a boolean is 1 or 0, JSON is as `contracts/json_text.py` writes it. The digest is the first 48 bits of the text's
SHA-256, which all of these servers have (MySQL 9.6 removed MD5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any, get_args, get_type_hints
from uuid import UUID

from contracts.json_text import normalize_json_text
from contracts.rows import Row

DIGITS = 12
"""Hexadecimal digits of the digest. Its halves are summed separately where sums are floating point."""

HALF = 16 ** (DIGITS // 2)

JSON_COLUMNS = frozenset({"hierarchies", "delivery_addresses"})
"""The columns with JSON; their type in a row is text, as on the topics."""

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)

_NOT_COLUMNS = frozenset({"is_deleted", "committed_ms"})


class Kind(StrEnum):
    """How a column's value becomes text."""

    PLAIN = "plain"
    TEXT = "text"
    JSON = "json"
    TIME = "time"
    TRUTH = "truth"


@cache
def columns(row: type[Row]) -> Mapping[str, Kind]:
    """The columns of a row as the topic has it, each with its kind, in the order of the text."""
    types = get_type_hints(row)
    return {name: _kind(name, types[name]) for name in row.__struct_fields__ if name not in _NOT_COLUMNS}


def digest(row: Row) -> int:
    """The digest of a row. Its decimals must have the scale of their columns, as they do on the topics."""
    text = "|".join(_text(kind, getattr(row, name)) for name, kind in columns(type(row)).items())
    return int(sha256(text.encode()).hexdigest()[:DIGITS], 16)


def _kind(name: str, annotation: Any) -> Kind:
    types = {annotation, *get_args(annotation)} - {type(None)}
    if name in JSON_COLUMNS:
        return Kind.JSON
    if datetime in types:
        return Kind.TIME
    if bool in types:
        return Kind.TRUTH
    return Kind.PLAIN if types & {int, UUID, Decimal} else Kind.TEXT


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
