"""A table of the read model in Postgres, as a view to compare."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.databases.postgres import Database, PoolConnection
from contracts.rows import Row, columns
from reconciliation.expressions import postgres_digests
from reconciliation.order_lines import DERIVED_COLUMNS, derived_columns, read_lines
from reconciliation.rows import Digest, Range, RowState, Values, comparable
from reconciliation.tables import Table

FreshUntil = Callable[[str], Awaitable[datetime | None]]
"""The freshness of a read model from the database of a service, by the name of that database."""


async def fresh_until_of(connection: PoolConnection, source: str) -> datetime | None:
    """Until when the read model has all that the database `source` had committed; None before the first heartbeat."""
    found: datetime | None = await connection.fetchval("SELECT fresh_until FROM freshness WHERE source = $1", source)
    return found


class ReadModelTable:
    """One table, read in ranges of its primary key; of an order with its lines.

    `fresh_until` replaces the freshness that the schema has: one that is being filled gets no heartbeats.
    """

    def __init__(self, database: Database, table: Table, fresh_until: FreshUntil | None = None) -> None:
        assert table.projection is not None, "every table that is compared here has one"
        self.name = table.projection
        self._database, self._key, self.columns, self._lines = database, table.key, table.columns, table.lines
        self._digests = postgres_digests(self.columns, table.lines)
        self._select = ", ".join([*self.columns, "deleted", *(DERIVED_COLUMNS if table.lines else ())])
        self._source = table.database
        self._elsewhere = table.searched_columns.keys() - table.columns.keys()
        self._fresh_until = fresh_until or self._freshness
        row: type[Row] = table.topic.message
        self._parsed: Callable[[str], Any] = columns(row)[table.key]

    async def fresh_until(self) -> datetime | None:
        """See `View`."""
        return await self._fresh_until(self._source)

    async def _freshness(self, source: str) -> datetime | None:
        async with self._database.connection() as connection:
            return await fresh_until_of(connection, source)

    async def key_at(self, within: Range, rows: int) -> str | None:
        """See `RowSet`."""
        where, values = self._within(within)
        sql = f"SELECT {self._key} FROM {self.name} WHERE {where} ORDER BY {self._key} OFFSET {rows - 1} LIMIT 1"
        async with self._database.connection() as connection:
            found = await connection.fetchval(sql, *values)
        return None if found is None else str(found)

    async def digest(self, within: Range) -> Digest:
        """See `RowSet`."""
        where, values = self._within(within)
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                f"SELECT {self._digests} FROM {self.name} WHERE {where} AND NOT deleted", *values
            )
        assert row is not None, "an aggregate has one row"
        return Digest(row["row_count"], int(row["total"] or 0))

    async def rows(self, within: Range) -> dict[str, RowState]:
        """See `RowSet`."""
        where, values = self._within(within)
        return await self._states(f"{where} AND NOT deleted", values)

    async def rows_of(self, keys: Sequence[str]) -> dict[str, RowState]:
        """See `RowSet`."""
        possible = [key for each in keys if (key := self.key_of(each)) is not None]
        return await self._states(f"{self._key} = ANY($1)", [possible])

    def expected(self, row: RowState) -> Values:
        """The columns of MySQL, unchanged; without those that only the search index has."""
        assert row.values is not None
        return {name: value for name, value in row.values.items() if name not in self._elsewhere}

    def key_of(self, text: str) -> Any:
        """The key as a value of the column; None when the column cannot have it."""
        try:
            return self._parsed(text)
        except ValueError:
            return None

    async def _states(self, where: str, values: Sequence[Any]) -> dict[str, RowState]:
        async with self._database.connection() as connection:
            rows = await connection.fetch(f"SELECT {self._select} FROM {self.name} WHERE {where}", *values)
        return {str(row[self._key]): self._state(dict(row)) for row in rows}

    def _state(self, row: Mapping[str, Any]) -> RowState:
        columns = {name: comparable(kind, row[name]) for name, kind in self.columns.items()}
        if self._lines is None:
            return RowState(row["version"], None if row["deleted"] else columns)
        lines = read_lines(row["lines"])
        columns |= derived_columns(self._lines, row, lines)
        seen = max((line["version"] for line in lines), default=0)
        return RowState(row["version"], None if row["deleted"] else columns, seen)

    def _within(self, within: Range) -> tuple[str, list[Any]]:
        given = [(sign, key) for sign, key in zip((">", "<="), within, strict=True) if key is not None]
        where = " AND ".join(f"{self._key} {sign} ${number}" for number, (sign, _) in enumerate(given, 1))
        return where or "TRUE", [self._parsed(key) for _, key in given]
