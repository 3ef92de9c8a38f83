"""A table of a service's replica in MySQL, as a view to compare; it has some of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, get_args, get_type_hints

from chassis.databases.mysql import Connection, Database
from contracts.digests import Kind
from reconciliation.expressions import mysql_digests
from reconciliation.mysql_table import MySQLTable
from reconciliation.rows import Digest, Range, RowState, Values, comparable
from reconciliation.tables import Replica, Table

# Not JSON_UNQUOTE: MariaDB's replaces each character beyond the BMP by a question mark.
_OF_DETAILS = "JSON_VALUE(details, '$.{0}') AS `{0}`"


class ReplicaTable(MySQLTable):
    """One table of the replica. Columns have their original names, also those inside its JSON."""

    def __init__(self, database: Database, table: Table, replica: Replica) -> None:
        super().__init__(database, table)
        self.name = replica.table
        wanted = {*replica.columns, *replica.documented}
        self.columns = {name: kind for name, kind in table.columns.items() if name in wanted}
        fields = [f"`{name}`" for name in replica.columns] + [_OF_DETAILS.format(name) for name in replica.documented]
        self._from = (
            f"FROM (SELECT {', '.join(fields)}, deleted FROM `{replica.database}`.`{replica.table}`) AS replica"
        )
        self._select = f"SELECT {', '.join(f'`{name}`' for name in self.columns)}, deleted {self._from}"
        types = get_type_hints(table.topic.message)
        self._decimals = {name for name in self.columns if Decimal in (types[name], *get_args(types[name]))}

    async def fresh_until(self) -> datetime | None:
        """See `View`. Always None: the replica has no freshness."""
        return None

    async def digest(self, within: Range) -> Digest:
        """See `RowSet`."""
        where, values = self._within(within)
        sql = f"SELECT {mysql_digests(self.columns)} {self._from} WHERE {where} AND NOT deleted"
        async with self._database.reading() as connection:
            row = await connection.fetch_one(sql, values)
        assert row is not None, "an aggregate has one row"
        return Digest(row["row_count"], int(row["total"] or 0))

    async def rows(self, within: Range) -> dict[str, RowState]:
        """See `RowSet`."""
        return {key: seen for key, seen in (await super().rows(within)).items() if seen.values is not None}

    def expected(self, row: RowState) -> Values:
        """The columns that the replica has."""
        assert row.values is not None
        return {name: row.values[name] for name in self.columns}

    async def _states(self, connection: Connection, where: str, values: Sequence[Any]) -> dict[str, RowState]:
        found: dict[str, RowState] = {}
        for row in await connection.fetch_all(f"{self._select} WHERE {where}", values):
            columns = {name: self._value(name, kind, row[name]) for name, kind in self.columns.items()}
            found[row[self._identity]] = RowState(row["version"], None if row["deleted"] else columns)
        return found

    def _value(self, name: str, kind: Kind, value: Any) -> Any:
        """The value in comparable form: JSON has decimals as text."""
        return Decimal(value) if name in self._decimals and isinstance(value, str) else comparable(kind, value)
