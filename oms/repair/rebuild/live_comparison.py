"""Compares a rebuilt read model with the live one, inside Postgres, while both change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild import schemas
from oms.repair.rebuild.backfill import Backfill
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
    for table in await schemas.tables(connection, schema):
        columns = ", ".join(table.columns)
        changes = ", ".join(f"{column} = excluded.{column}" for column in table.columns)
        await connection.execute(
            f"""
            INSERT INTO {schema}.{table.name} AS here ({columns})
            SELECT {columns} FROM {LIVE}.{table.name} WHERE deleted ORDER BY {table.key}
            ON CONFLICT ({table.key}) DO UPDATE SET {changes} WHERE here.version < excluded.version
            """,
            timeout=LONG_TIMEOUT_S,
        )


async def differences(connection: PoolConnection, fill: Backfill, schema: str) -> list[Difference]:
    """The rows that differ from the live ones and are not in transit.

    Rows that are missing or older in the live one are no differences: the live one lags.
    """
    tables = await schemas.tables(connection, schema)
    found = [each for table in tables for each in await _compare(connection, schema, table, None)]
    for _ in range(MAX_CHECKS):
        if not found:
            break
        await fill.until(schemas.offsets(await schemas.progress(connection, LIVE)))
        again = {table: [each.key for each in found if each.table == table.name] for table in tables}
        found = [
            each for table, keys in again.items() if keys for each in await _compare(connection, schema, table, keys)
        ]
    return found


async def _compare(
    connection: PoolConnection, schema: str, table: Table, keys: Iterable[str] | None
) -> list[Difference]:
    here, live = (", ".join(f"{side}.{column}" for column in table.columns) for side in ("here", "live"))
    among = "" if keys is None else f"WHERE {table.key}::text = ANY($1::text[])"
    rows = await connection.fetch(
        f"""
        SELECT {table.key}::text, live.version, here.version
        FROM (SELECT * FROM {LIVE}.{table.name} {among}) AS live
        LEFT JOIN (SELECT * FROM {schema}.{table.name} {among}) AS here USING ({table.key})
        WHERE here.version IS NULL OR here.version < live.version
            OR here.version = live.version AND ROW({here}) IS DISTINCT FROM ROW({live})
        LIMIT {MOST_NAMED}
        """,
        *([] if keys is None else [list(keys)]),
        timeout=LONG_TIMEOUT_S,
    )
    return [Difference(table.name, *row) for row in rows]
