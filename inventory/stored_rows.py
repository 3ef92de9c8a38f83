"""Rows of the contracts as MySQL has them: columns to write, and rows that were read. Times are stored in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from chassis.databases.mysql import Connection, placeholders
from chassis.databases.mysql_upserts import overwrite_later
from contracts.rows import Row, columns

AnyRow = TypeVar("AnyRow", bound=Row)


@cache
def column_names(row: type[Row], key: str) -> tuple[str, ...]:
    """The columns of a row's table: its key first, its version last."""
    return (key, *(name for name in columns(row) if name not in (key, "version")), "version")


def select(row: type[Row], key: str) -> str:
    """The columns of a row's table, to be read by `read_row`."""
    return ", ".join(f"`{name}`" for name in column_names(row, key))


@cache
def _kinds(row: type[Row]) -> tuple[tuple[str, type], ...]:
    return tuple((name, kind) for name, kind in columns(row).items() if kind in (UUID, datetime, bool))


def read_row(row: type[AnyRow], stored: dict[str, Any]) -> AnyRow:
    """A row that was read. Columns that the row does not have must not be there."""
    for name, kind in _kinds(row):
        value = stored[name]
        if value is None:
            continue
        if kind is UUID:
            stored[name] = UUID(value)
        elif kind is datetime:
            stored[name] = value.replace(tzinfo=UTC)
        else:
            stored[name] = bool(value)
    return row(**stored)


def write_rows_later(tx: Connection, table: str, key: str, rows: Sequence[Row]) -> None:
    """Write rows whose availability is locked, in the same round trip as the next statement or the commit.

    Rows that exist get the version after the stored one.
    """
    if rows:
        names = column_names(type(rows[0]), key)
        quoted = [f"`{name}`" if name == "lines" else name for name in names]
        overwrite_later(tx, table, quoted, [[_stored(getattr(row, name)) for name in names] for row in rows])


def insert_rows_later(tx: Connection, table: str, key: str, rows: Sequence[Row]) -> None:
    """Insert new rows, in the same round trip as the next statement or the commit."""
    if rows:
        names = column_names(type(rows[0]), key)
        values = ", ".join([f"({placeholders(names)})"] * len(rows))
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES {values}"
        tx.later(sql, [_stored(getattr(row, name)) for row in rows for name in names])


def _stored(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
