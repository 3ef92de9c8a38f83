"""The rows of contracts as columns of MySQL, and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from chassis.databases.mysql import Row as Columns
from chassis.databases.mysql_times import aware, stored
from contracts.rows import Row, columns

R = TypeVar("R", bound=Row)


def read_row(kind: type[R], found: Columns) -> R:
    """The row of a contract, of its columns."""
    return kind(**{name: _read(of, found[name]) for name, of in columns(kind).items()})


def values(row: Row) -> list[object]:
    """The values of the columns of a row, in the order of the contract."""
    return [_column(getattr(row, name)) for name in columns(type(row))]


def _read(kind: type, value: Any) -> Any:
    if value is None:
        return None
    return UUID(value) if kind is UUID else aware(value) if kind is datetime else value


def _column(value: object) -> object:
    if isinstance(value, datetime):
        return stored(value)
    return str(value) if isinstance(value, UUID) else value
