"""The orders that lists can have, each by one column and then by id, with the cursors of their entries.

The cursors are written in Python for rows, and in SQL for statements that build the JSON of an answer. Both are equal,
so that a list can be read on either path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis.rest import cursors
from chassis.rest.cursors import InvalidCursor
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters
from gateway.fields.scalars import read_decimal, read_uuid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Keyset:
    """The order of a list: by `column`, then by `id_column`. Cursors carry `tag`."""

    tag: str
    column: str
    id_column: str
    is_descending: bool = True
    is_time: bool = True

    def cursor(self, row: Record | Mapping[str, Any]) -> str:
        """The cursor of a row."""
        value = row[self.column]
        key = (value - _EPOCH) // _MICROSECOND if self.is_time else f"{value:f}"
        return cursors.encode([self.tag, key, str(row[self.id_column])])

    def cursor_sql(self, alias: str) -> str:
        """The SQL of the same cursor."""
        column = f"{alias}.{self.column}"
        key = f"(extract(epoch FROM {column}) * 1000000)::bigint" if self.is_time else f"'\"' || {column} || '\"'"
        text = f"'[\"{self.tag}\",' || {key} || ',\"' || {alias}.{self.id_column} || '\"]'"
        base64 = f"encode(convert_to({text}, 'UTF8'), 'base64')"
        return f"rtrim(translate({base64}, E'+/\\n', '-_'), '=')"

    def conditions(self, page: Page, parameters: Parameters, alias: str) -> list[str]:
        """The conditions of the entries between the page's cursors. Raises InvalidCursor."""
        return [
            f"({alias}.{self.column}, {alias}.{self.id_column}) {'<' if is_below else '>'} "
            f"({parameters.bind(cursor, self._key)}, {parameters.bind(cursor, self._id)})"
            for cursor, is_below in ((page.after, self.is_descending), (page.before, not self.is_descending))
            if cursor is not None
        ]

    def order_by(self, page: Page, alias: str) -> str:
        """The order in which the page is read."""
        direction = "DESC" if self.is_descending != page.is_backwards else "ASC"
        return f"{alias}.{self.column} {direction}, {alias}.{self.id_column} {direction}"

    def place(self, cursor: str) -> tuple[datetime | Decimal, UUID]:
        """The column's value and the id in a cursor. Raises InvalidCursor."""
        tag, key, entry_id = cursors.decode(cursor, 3)
        if tag != self.tag or (self.is_time and type(key) is not int):
            raise InvalidCursor(cursor)
        try:
            return _EPOCH + key * _MICROSECOND if self.is_time else read_decimal(key), read_uuid(entry_id)
        except Exception as error:  # any error means a malformed cursor
            raise InvalidCursor(cursor) from error

    def _key(self, cursor: str) -> datetime | Decimal:
        return self.place(cursor)[0]

    def _id(self, cursor: str) -> UUID:
        return self.place(cursor)[1]
