"""Statements that write rows of topics to Postgres: each takes many rows, and is safe to repeat and in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from contracts.rows import JSON_COLUMNS, Row, columns
from contracts.topics import Topic

_TYPES: Mapping[type, str] = {
    str: "text",
    UUID: "uuid",
    bool: "boolean",
    int: "bigint",
    Decimal: "numeric",
    datetime: "timestamptz",
}

# Amounts and JSON travel as text: asyncpg's encoding of Decimals one by one would be most of the cost of a batch.
_AS_TEXT = ("numeric", "jsonb")


class Columns:
    """The columns that the rows of a topic have in their table: those of the row, and `deleted`."""

    def __init__(self, topic: Topic[Any]) -> None:
        row: type[Row] = topic.message
        types = {name: _postgres_type(name, kind) for name, kind in columns(row).items()}
        types |= {"version": "bigint", "deleted": "boolean"}
        self._values = [_value(name, kind) for name, kind in types.items()]
        self.names = list(types)
        self.parameters = ", ".join(_array(place, kind) for place, kind in enumerate(types.values(), 1))
        """One array per column, from `$1` on."""
        self.selected = ", ".join(f"{name}::text" if kind in _AS_TEXT else name for name, kind in types.items())
        """All columns, with amounts and JSON as text."""

    def arrays(self, rows: Sequence[Row]) -> list[list[Any]]:
        """One list of values per column."""
        return [[value(row) for row in rows] for value in self._values]


class Upsert:
    """An `INSERT … ON CONFLICT` of many rows of a topic, given as one array per column and guarded by their version.

    `table` has the columns of the topic's rows and `deleted`. A deleted row stays, marked, with the version after its
    last.
    """

    def __init__(self, table: str, topic: Topic[Any]) -> None:
        columns = Columns(topic)
        self.arrays = columns.arrays
        self.sql = f"""
            INSERT INTO {table} AS here ({", ".join(columns.names)})
            SELECT * FROM unnest({columns.parameters})
            ON CONFLICT ({topic.identity}) DO UPDATE SET {assignments(columns.names, but=topic.identity)}
            WHERE here.version < excluded.version
        """


def assignments(names: Sequence[str], but: str, source: str = "excluded") -> str:
    """The `SET` of an update: all columns but the key."""
    return ", ".join(f"{name} = {source}.{name}" for name in names if name != but)


def _postgres_type(column: str, values: type) -> str:
    return "jsonb" if column in JSON_COLUMNS else _TYPES[values]


def _array(place: int, kind: str) -> str:
    return f"${place}::text[]::{kind}[]" if kind in _AS_TEXT else f"${place}::{kind}[]"


def _value(column: str, kind: str) -> Callable[[Row], Any]:
    get = attrgetter({"version": "newest_version", "deleted": "is_deleted"}.get(column, column))
    if kind not in _AS_TEXT:
        return get

    def as_text(row: Row) -> str | None:
        value = get(row)
        return None if value is None else str(value)

    return as_text
