"""Bring a database to its newest schema: numbered SQL files, each applied once, one process at a time.

Files are plain statements ended by `;` at a line's end. MySQL commits each DDL statement by itself, so a file that was
cut short there is begun again: its statements are written to be repeatable (`IF NOT EXISTS`), and an ALTER TABLE, which
has no such words on MySQL, is passed where its columns and keys are there already: one ALTER does all or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymysql

from chassis import mysql
from chassis.logs import logger
from chassis.postgres import PoolConnection

log = logger(__name__)

_MYSQL_LEDGER = """
CREATE TABLE schema_migration (
    name VARCHAR(100) CHARACTER SET ascii NOT NULL PRIMARY KEY,
    applied_at DATETIME(3) NOT NULL
)
"""
_POSTGRES_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
"""
_POSTGRES_LOCK = 0x0AD5
"""Any number will do, as long as every process that migrates takes the same."""

_MOST_S = 3600
"""For one file: an index on a big table takes longer than any other statement may."""


_DONE_ALREADY = (1060, 1061, 1091)
"""MySQL's numbers for a column or a key that is there already, and for a key to be dropped that is there no more."""


class MigrationRunning(Exception):
    """Another process is at it; try again."""


def files(folder: Path) -> Sequence[Path]:
    """The migrations in `folder`, in order."""
    return sorted(folder.glob("[0-9]*.sql"))


def statements(script: str) -> list[str]:
    """The statements of a script, without their closing semicolons and without comment lines."""
    text = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("--"))
    return [statement.strip() for statement in f"{text}\n".split(";\n") if statement.strip()]


async def migrate_mysql(database: mysql.Database, *folders: Path) -> None:
    """Apply what is missing, folder by folder. A named lock lets one process do so at a time.

    Raises MigrationRunning for the others.
    """
    async with database.reading() as connection:
        lock = await connection.fetch_one("SELECT GET_LOCK(CONCAT(DATABASE(), '.migrations'), 3) AS is_ours")
        if lock is None or not lock["is_ours"]:
            raise MigrationRunning(f"another process migrates {folders[-1].parent.name} at the moment")
        try:
            if not await connection.fetch_all("SHOW TABLES LIKE 'schema_migration'"):
                await connection.execute(_MYSQL_LEDGER)
            applied = {row["name"] for row in await connection.fetch_all("SELECT name FROM schema_migration")}
            for file in [file for folder in folders for file in files(folder)]:
                if file.name not in applied:
                    for statement in statements(file.read_text()):
                        await _apply(connection, statement)
                    await connection.execute("INSERT INTO schema_migration VALUES (%s, UTC_TIMESTAMP(3))", [file.name])
                    log.info("migrated", file=file.name)
        finally:
            await connection.execute("DO RELEASE_LOCK(CONCAT(DATABASE(), '.migrations'))")


async def _apply(connection: mysql.Connection, statement: str) -> None:
    try:
        await connection.execute(statement)
    except pymysql.err.OperationalError as error:
        if not statement.startswith("ALTER TABLE") or error.args[0] not in _DONE_ALREADY:
            raise
        log.info("done already", statement=statement.partition("\n")[0], reason=error.args[1])


async def wait_for_migrations(tx: PoolConnection) -> None:
    """Return when no process migrates a schema of this Postgres database; none begins to until the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", _POSTGRES_LOCK)


async def migrate_postgres(connection: PoolConnection, folder: Path) -> None:
    """Apply what is missing, all in one transaction."""
    async with connection.transaction():
        await wait_for_migrations(connection)
        await connection.execute(_POSTGRES_LEDGER)
        applied = {row["name"] for row in await connection.fetch("SELECT name FROM schema_migration")}
        for file in files(folder):
            if file.name not in applied:
                await connection.execute(file.read_text(), timeout=_MOST_S)
                await connection.execute("INSERT INTO schema_migration (name) VALUES ($1)", file.name)
                log.info("migrated", file=file.name)
