"""Migrates a database to its newest schema: numbered SQL files, each applied once, by one process at a time.

Files are plain statements that end with `;` at the end of a line. MySQL commits each DDL statement by itself, so an
interrupted file is started again: its statements are repeatable (`IF NOT EXISTS`), and an ALTER TABLE, which has no
such clause on MySQL, is skipped if its columns and keys exist already, since one ALTER is atomic.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pymysql

from chassis.databases import mysql
from chassis.databases.postgres import PoolConnection
from chassis.logs import logger
from chassis.settings import seconds

log = logger(__name__)

LEDGER = "schema_migration"
"""The table of the files that are applied."""

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
"""Any number, the same in every process that migrates."""

TIMEOUT_S = 3600.0
"""For one file: an index on a large table takes longer than other statements may."""


_DONE_ALREADY = (1060, 1061, 1091)
"""MySQL's error numbers for a column or key that exists already, and for a key to be dropped that does not exist."""

_UNKNOWN_COLUMN = 1054
"""MySQL's error number for a column to be renamed that does not exist."""


class MigrationRunning(Exception):
    """Another process is migrating; retry."""


class MigrationFailed(Exception):
    """A file failed. Its applied statements stay, and the next attempt starts the file again."""


def files(folder: Path) -> Sequence[Path]:
    """The migrations in `folder`, in order."""
    return sorted(folder.glob("[0-9]*.sql"))


def statements(script: str) -> list[str]:
    """The statements of a script, without their closing semicolons and without comment lines."""
    text = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("--"))
    return [statement.strip() for statement in f"{text}\n".split(";\n") if statement.strip()]


async def migrate_mysql(database: mysql.Database, *folders: Path) -> None:
    """Apply missing files, folder by folder. A named lock admits one process at a time.

    Raises MigrationRunning in the others, MigrationFailed with the progress. Each file has `OMS_MIGRATION_TIMEOUT_S`.
    """
    async with database.migrating() as connection:
        lock = await connection.fetch_one("SELECT GET_LOCK(CONCAT(DATABASE(), '.migrations'), 3) AS is_ours")
        if lock is None or not lock["is_ours"]:
            # The lock belongs to the session, which ends only after its current statement.
            raise MigrationRunning(
                f"{folders[-1].parent.name}: another process is migrating, or a statement of one is still running;"
                " see SHOW PROCESSLIST"
            )
        try:
            if not await connection.fetch_all("SHOW TABLES LIKE 'schema_migration'"):
                await connection.execute(_MYSQL_LEDGER)
            applied = {row["name"] for row in await connection.fetch_all("SELECT name FROM schema_migration")}
            for file in [file for folder in folders for file in files(folder)]:
                if file.name not in applied:
                    await _apply_file(connection, file.name, statements(file.read_text()))
                    await connection.execute("INSERT INTO schema_migration VALUES (%s, UTC_TIMESTAMP(3))", [file.name])
                    log.info("migration applied", file=file.name)
        finally:
            with suppress(pymysql.err.Error):  # a lost connection has released the lock
                await connection.execute("DO RELEASE_LOCK(CONCAT(DATABASE(), '.migrations'))")


async def _apply_file(connection: mysql.Connection, name: str, parts: Sequence[str]) -> None:
    timeout_s = seconds("OMS_MIGRATION_TIMEOUT_S", TIMEOUT_S)
    done = 0
    try:
        async with asyncio.timeout(timeout_s):
            for statement in parts:
                log.info(
                    "migration statement started",
                    file=name,
                    step=f"{done + 1} of {len(parts)}",
                    statement=_head(statement),
                )
                await _apply(connection, statement)
                done += 1
    except (pymysql.err.Error, TimeoutError) as error:
        why = f"{type(error).__name__}: {error}"
        if isinstance(error, TimeoutError):
            why = f"timeout after {timeout_s:g} s (OMS_MIGRATION_TIMEOUT_S); the statement may still be running"
        raise MigrationFailed(
            f"{name}: statement {done + 1} of {len(parts)} failed ({_head(parts[done])}): {why}."
            f" The {done} statements before it are applied; the next attempt starts the file again and skips them."
        ) from error


async def _apply(connection: mysql.Connection, statement: str) -> None:
    try:
        await connection.execute(statement)
    except pymysql.err.OperationalError as error:
        if not statement.startswith("ALTER TABLE") or not _is_done_already(statement, error.args[0]):
            raise
        log.info("migration statement already applied", statement=_head(statement), reason=error.args[1])


def _is_done_already(statement: str, error: int) -> bool:
    return error in _DONE_ALREADY or (error == _UNKNOWN_COLUMN and " RENAME COLUMN " in statement)


def _head(statement: str) -> str:
    return statement.partition("\n")[0]


async def wait_for_migrations(tx: PoolConnection) -> None:
    """Wait until no process migrates a schema of this Postgres database, and lock out others for this transaction."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", _POSTGRES_LOCK)


async def migrate_postgres(connection: PoolConnection, folder: Path) -> None:
    """Apply missing files in one transaction."""
    async with connection.transaction():
        await wait_for_migrations(connection)
        await connection.execute(_POSTGRES_LEDGER)
        applied = {row["name"] for row in await connection.fetch("SELECT name FROM schema_migration")}
        for file in files(folder):
            if file.name not in applied:
                await connection.execute(file.read_text(), timeout=seconds("OMS_MIGRATION_TIMEOUT_S", TIMEOUT_S))
                await connection.execute("INSERT INTO schema_migration (name) VALUES ($1)", file.name)
                log.info("migration applied", file=file.name)
