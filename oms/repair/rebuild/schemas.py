"""The schemas of the read model: live, next and previous. A swap only renames them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aiokafka import TopicPartition

from chassis import settings
from chassis.chunks.batch import Position
from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres import Database, PoolConnection
from oms.prepare.postgres import schema_statements
from orders_stream import repository
from orders_stream.expired_schemas import mark_unused
from orders_stream.settings import MIGRATIONS

LIVE = "read_model"
NEXT = "read_model_next"
PREVIOUS = "read_model_previous"
OLDER = "read_model_older"
"""The previous one of the swap before, which is about to be dropped."""

ORDERS, FORMER_ORDERS = "sales_order", "shown_order"
"""The table of orders, and the one of earlier releases, whose layout is not migrated: it is replaced by a rebuild."""

LONG_TIMEOUT_S = 3600.0
"""Timeout of statements that read every row or drop a schema."""


class Table(NamedTuple):
    """A table of versioned rows: its primary key and all its columns, each with its type."""

    name: str
    key: str
    columns: Mapping[str, str]


def read_model_in(schema: str) -> Database:
    """The read model in this schema, opened with the account that owns it."""
    return Database(settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD", schema=schema))


async def make(connection: PoolConnection, schema: str) -> None:
    """Create the schema and its tables where they are missing."""
    await connection.execute(schema_statements(schema))
    database = read_model_in(schema)
    try:
        async with database.connection() as inside:
            await migrate_postgres(inside, MIGRATIONS)
    finally:
        await database.close()


async def drop(connection: PoolConnection, schema: str) -> None:
    """Drop the schema with everything in it."""
    await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE", timeout=LONG_TIMEOUT_S)


async def exists(connection: PoolConnection, schema: str) -> bool:
    """Whether the schema exists."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", schema))


async def is_former(connection: PoolConnection, schema: str) -> bool:
    """Whether the schema has the layout of an earlier release, which this release can neither read nor write."""
    return bool(await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f"{schema}.{FORMER_ORDERS}"))


async def put_in_place(tx: PoolConnection, schema: str) -> None:
    """Rename the schema to the live one, which becomes the previous. Only names change, so it is immediate."""
    await _rename(tx, LIVE, "read_model_swapped")
    await _rename(tx, schema, LIVE)
    if await exists(tx, PREVIOUS):
        await _rename(tx, PREVIOUS, OLDER)
    await _rename(tx, "read_model_swapped", PREVIOUS)
    await mark_unused(tx, PREVIOUS)


async def _rename(tx: PoolConnection, schema: str, name: str) -> None:
    await tx.execute(f"ALTER SCHEMA {schema} RENAME TO {name}")


async def progress(connection: PoolConnection, schema: str) -> list[Position]:
    """The position of each partition in the schema. Raises UndefinedTableError if it has no tables."""
    rows = await connection.fetch(f"SELECT topic, partition, next_offset, committed_at FROM {schema}.progress")
    return [Position(*row) for row in rows]


def offsets(positions: list[Position]) -> dict[TopicPartition, int]:
    """The positions as offsets by partition."""
    return {TopicPartition(each.topic, each.partition): each.next_offset for each in positions}


async def advance(tx: PoolConnection, schema: str, positions: list[Position]) -> None:
    """Advance the progress of the schema to at least these positions."""
    await tx.execute(f"SET LOCAL search_path = {schema}")
    await repository.advance(tx, positions)


async def copy_freshness(tx: PoolConnection, schema: str) -> None:
    """Copy the freshness of the live schema, whose rows this schema has."""
    await tx.execute(f"""
        INSERT INTO {schema}.freshness AS here SELECT * FROM {LIVE}.freshness
        ON CONFLICT (source) DO UPDATE SET fresh_until = greatest(here.fresh_until, excluded.fresh_until)
    """)


async def tables(connection: PoolConnection, schema: str) -> list[Table]:
    """Every table with the columns `version` and `deleted`; without the columns that Postgres computes."""
    rows = await connection.fetch(
        """
        SELECT c.relname AS name, min(a.attname::text) FILTER (WHERE a.attnum = i.indkey[0]) AS key,
            array_agg(a.attname::text ORDER BY a.attnum) AS columns,
            array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS types
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary AND i.indnatts = 1
        WHERE c.relnamespace = $1::text::regnamespace AND c.relkind = 'r'
        GROUP BY c.relname
        HAVING array_agg(a.attname::text) @> '{version,deleted}'
        ORDER BY c.relname
        """,
        schema,
    )
    return [Table(row["name"], row["key"], dict(zip(row["columns"], row["types"], strict=True))) for row in rows]
