"""The orders that lists can have, each by one column and then by id, with the cursors of their entries.

The cursors are written in Python for rows, and in SQL for statements that build the JSON of an answer. Both are equal,
so that a list can be read on either path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from asyncpg import Record

from chassis.rest import cursors
from chassis.rest.cursors import InvalidCursor
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters
from gateway.fields.scalars import read_decimal, read_integer, read_stored, read_uuid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Keyset:
    """The order of a list: by `column`, then by `id_column`. Cursors carry `tag`.

    The column has times, decimals, integers or texts; the id is a UUID or a text.
    """

    tag: str
    column: str
    id_column: str
    is_descending: bool = True
    kind: Literal["time", "decimal", "integer", "text"] = "time"
    read_id: Callable[[Any], Any] = read_uuid

    def cursor(self, row: Record | Mapping[str, Any]) -> str:
        """The cursor of a row."""
        return cursors.encode([self.tag, self._written(row[self.column]), str(row[self.id_column])])

    def _written(self, value: Any) -> str | int:
        match self.kind:
            case "time":
                microseconds: int = (value - _EPOCH) // _MICROSECOND
                return microseconds
            case "decimal":
                return f"{value:f}"
            case "integer":
                return int(value)
            case "text":
                return str(value)

    def cursor_sql(self, alias: str) -> str:
        """The SQL of the same cursor."""
        column = f"{alias}.{self.column}"
        keys = {
            "time": f"(extract(epoch FROM {column}) * 1000000)::bigint",
            "decimal": f"'\"' || {column} || '\"'",
            "integer": column,
            "text": f"to_json({column})::text",
        }
        entry_id = f"{alias}.{self.id_column}"
        # A UUID needs no escapes.
        entry_id = f"'\"' || {entry_id} || '\"'" if self.read_id is read_uuid else f"to_json({entry_id})::text"
        text = f"'[\"{self.tag}\",' || {keys[self.kind]} || ',' || {entry_id} || ']'"
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

    def place(self, cursor: str) -> tuple[datetime | Decimal | int | str, Any]:
        """The column's value and the id in a cursor. Raises InvalidCursor."""
        tag, key, entry_id = cursors.decode(cursor, 3)
        if tag != self.tag or (self.kind in ("time", "integer") and type(key) is not int):
            raise InvalidCursor(cursor)
        try:
            return self._read(key), self.read_id(entry_id)
        except Exception as error:  # any error means a malformed cursor
            raise InvalidCursor(cursor) from error

    def _read(self, key: Any) -> datetime | Decimal | int | str:
        match self.kind:
            case "time":
                moment: datetime = _EPOCH + key * _MICROSECOND
                return moment
            case "decimal":
                return read_decimal(key)
            case "integer":
                return read_integer(key)
            case "text":
                return read_stored(key)

    def _key(self, cursor: str) -> datetime | Decimal | int | str:
        return self.place(cursor)[0]

    def _id(self, cursor: str) -> Any:
        return self.place(cursor)[1]
