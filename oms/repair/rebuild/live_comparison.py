"""Compares a rebuilt read model with the live one, inside Postgres, while both change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild import schemas
from oms.repair.rebuild.backfill import Backfill
from oms.repair.rebuild.live_rows import LiveRows, live_rows
from oms.repair.rebuild.schemas import LIVE, LONG_TIMEOUT_S, Table

MAX_CHECKS = 10
MOST_NAMED = 1000
"""Differences that are named per table: more mean that the whole rebuild is wrong."""


class Difference(NamedTuple):
    """A row that differs from the live one, although the new one has read at least as much."""

    table: str
    key: str
    live_version: int | None
    version: int | None

    def __str__(self) -> str:
        has, here = self.live_version, self.version
        if here is None:
            return f"{self.table} {self.key}: the live one has version {has}, the new one nothing"
        if has is None:
            return f"{self.table} {self.key}: the new one has version {here}, the live one nothing"
        if has == here:
            return f"{self.table} {self.key}: version {has} differs in the new one"
        return f"{self.table} {self.key}: the live one has version {has}, the new one {here}"


async def copy_deletions(connection: PoolConnection, schema: str) -> None:
    """Copy the rows that the live one marks as deleted: compaction removes deletions from the topics in time.

    Rows are written in the order of their keys, in which every writer locks them.
    """
    for table, live in await _tables(connection, schema):
        columns = ", ".join(table.columns)
        changes = ", ".join(f"{column} = excluded.{column}" for column in table.columns)
        await connection.execute(
            f"""
            INSERT INTO {schema}.{table.name} AS here ({columns})
            SELECT {columns} FROM ({live.sql}) AS live WHERE deleted ORDER BY {table.key}
            ON CONFLICT ({table.key}) DO UPDATE SET {changes} WHERE here.version < excluded.version
            """,
            timeout=LONG_TIMEOUT_S,
        )


async def differences(connection: PoolConnection, fill: Backfill, schema: str) -> list[Difference]:
    """The rows that differ from the live ones and are not in transit.

    Rows that are missing or older in the live one are no differences: the live one lags.
    """
    tables = await _tables(connection, schema)
    found = [each for table, live in tables for each in await _compare(connection, schema, table, live, None)]
    for _ in range(MAX_CHECKS):
        if not found:
            break
        await fill.until(schemas.offsets(await schemas.progress(connection, LIVE)))
        found = [
            each
            for table, live in tables
            if (keys := [each.key for each in found if each.table == table.name])
            for each in await _compare(connection, schema, table, live, keys)
        ]
    return found


async def _tables(connection: PoolConnection, schema: str) -> list[tuple[Table, LiveRows]]:
    """The tables of the schema whose rows the live one has too."""
    tables = [(table, await live_rows(connection, schema, table)) for table in await schemas.tables(connection, schema)]
    return [(table, live) for table, live in tables if live is not None]


async def _compare(
    connection: PoolConnection, schema: str, table: Table, live_rows: LiveRows, keys: Iterable[str] | None
) -> list[Difference]:
    here, live = (", ".join(f"{side}.{column}" for column in live_rows.compared) for side in ("here", "live"))
    among = "" if keys is None else f"WHERE {table.key}::text = ANY($1::text[])"
    rows = await connection.fetch(
        f"""
        SELECT {table.key}::text, live.version, here.version
        FROM (SELECT * FROM ({live_rows.sql}) AS live {among}) AS live
        LEFT JOIN (SELECT * FROM {schema}.{table.name} {among}) AS here USING ({table.key})
        WHERE here.version IS NULL OR here.version < live.version
            OR here.version = live.version AND ROW({here}) IS DISTINCT FROM ROW({live})
        LIMIT {MOST_NAMED}
        """,
        *([] if keys is None else [list(keys)]),
        timeout=LONG_TIMEOUT_S,
    )
    return [Difference(table.name, *row) for row in rows]
