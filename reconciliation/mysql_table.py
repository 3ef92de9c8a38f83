"""A captured table in MySQL, the source of every comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chassis.databases.mysql import Connection, Database, placeholders
from contracts.digests import Kind
from reconciliation.expressions import mysql_digests
from reconciliation.order_lines import with_lines
from reconciliation.rows import Digest, Range, RowState, comparable
from reconciliation.tables import Lines, Table

_STOCKED = """FROM (
    SELECT product.*, COALESCE(stock.available_at, '[]') AS available_at,
        COALESCE(stock.version, 0) AS availability_version
    FROM products.products AS product LEFT JOIN products.replica_sku_availability AS stock ON stock.sku = product.sku
) AS products"""
"""Products with their stock, which the search index shows."""

_LONGEST = 64
"""Characters of the longest key that is ASCII, in any table."""


class MySQLTable:
    """One table, read in ranges of its primary key."""

    name = "MySQL"

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table
        self._key, self.columns = f"`{table.key}`", table.searched_columns or table.columns
        self._from = _STOCKED if table.is_searched else f"FROM `{table.database}`.`{table.name}`"
        self._select = f"SELECT {', '.join(f'`{name}`' for name in self.columns)} {self._from}"
        self._identity = table.key

    async def now(self) -> datetime:
        """See `Source`."""
        async with self._database.reading() as connection:
            row = await connection.fetch_one("SELECT UTC_TIMESTAMP(6) AS now")
        assert row is not None, "this statement always has one row"
        now: datetime = row["now"]
        return now.replace(tzinfo=UTC)

    async def key_at(self, within: Range, rows: int) -> str | None:
        """See `RowSet`."""
        where, values = self._within(within)
        sql = f"SELECT {self._key} AS found {self._from} WHERE {where} ORDER BY {self._key} LIMIT 1 OFFSET %s"
        async with self._database.reading() as connection:
            row = await connection.fetch_one(sql, [*values, rows - 1])
        return row["found"] if row else None

    async def digest(self, within: Range) -> Digest:
        """See `RowSet`."""
        return await self.digest_of(within, self.columns)

    async def digest_of(self, within: Range, columns: Mapping[str, Kind]) -> Digest:
        """See `Source`."""
        where, values = self._within(within)
        sql = f"SELECT {mysql_digests(columns, self._table)} {self._from} WHERE {where}"
        async with self._database.reading() as connection:
            row = await connection.fetch_one(sql, values)
        assert row is not None, "an aggregate has one row"
        return Digest(row["row_count"], int(row["total"] or 0))

    async def rows(self, within: Range) -> dict[str, RowState]:
        """See `RowSet`."""
        where, values = self._within(within)
        async with self._database.reading() as connection:
            return await self._states(connection, where, values)

    async def rows_of(self, keys: Sequence[str]) -> dict[str, RowState]:
        """See `RowSet`."""
        keys = [key for key in keys if self._table.can_have(key)]
        async with self._database.reading() as connection:
            return await self._states(connection, f"{self._key} IN ({placeholders(keys)})", keys) if keys else {}

    async def _states(self, connection: Connection, where: str, values: Sequence[Any]) -> dict[str, RowState]:
        found: dict[str, RowState] = {}
        for row in await connection.fetch_all(f"{self._select} WHERE {where}", values):
            columns = {name: comparable(kind, row[name]) for name, kind in self.columns.items()}
            found[row[self._identity]] = RowState(row["version"], columns)
        if lines := self._table.lines:
            found = with_lines(found, lines, await self._lines(connection, lines, where, values))
        return found

    async def _lines(
        self, connection: Connection, lines: Lines, where: str, values: Sequence[Any]
    ) -> Sequence[Mapping[str, Any]]:
        table = f"`{self._table.database}`.`{lines.topic.name}`"
        sql = f"SELECT line.* {self._from} JOIN {table} AS line USING (order_id, lines_version) WHERE {where}"
        return await connection.fetch_all(sql, values)

    def _within(self, within: Range) -> tuple[str, list[str]]:
        conditions = [(f"{self._key} > %s", within.after), (f"{self._key} <= %s", within.until)]
        given = [(condition, key) for condition, key in conditions if key is not None]
        return " AND ".join(condition for condition, _ in given) or "TRUE", [
            key if self._table.can_have(key) else _sort_key(key) for _, key in given
        ]


def _sort_key(key: str) -> str:
    """The ASCII key that sorts like this one: characters beyond ASCII sort after all ASCII ones, in every database."""
    first = next((number for number, letter in enumerate(key) if not letter.isascii()), None)
    return key if first is None else key[:first].ljust(_LONGEST, "\x7f")
