"""Migrations of MySQL: as long as they take, one process at a time, and told how far they came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.databases.migrations import MigrationFailed, MigrationRunning, migrate_mysql
from chassis.databases.mysql import Database
from chassis.settings import mysql

NAMES = ("9001_things.sql", "9002_more.sql")


@pytest.fixture
async def hasty(servers: dict[str, str]) -> AsyncIterator[Database]:
    """The database of `orders`, each of whose other statements must be done in no time."""
    made = Database(replace(mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders"), timeout_s=0.5))
    yield made
    async with made.migrating() as connection:
        await connection.execute("DROP TABLE IF EXISTS thing")
        if await connection.fetch_all("SHOW TABLES LIKE 'schema_migration'"):
            await connection.execute("DELETE FROM schema_migration WHERE name IN (%s, %s)", NAMES)
    await made.close()


def write(folder: Path, name: str, *statements: str) -> None:
    (folder / name).write_text("".join(f"{statement};\n" for statement in statements))


async def applied(database: Database) -> list[str]:
    async with database.migrating() as connection:
        sql = "SELECT name FROM schema_migration WHERE name IN (%s, %s) ORDER BY name"
        return [row["name"] for row in await connection.fetch_all(sql, NAMES)]


async def columns(database: Database) -> list[str]:
    async with database.migrating() as connection:
        return [row["Field"] for row in await connection.fetch_all("SHOW COLUMNS FROM thing")]


MADE = "CREATE TABLE IF NOT EXISTS thing (id INT PRIMARY KEY)"


async def test_a_migration_may_take_longer_than_any_other_statement(hasty, tmp_path):
    write(tmp_path, NAMES[0], MADE, "INSERT INTO thing SELECT 1 WHERE sleep(1.2) = 0")
    await migrate_mysql(hasty, tmp_path)
    assert await applied(hasty) == [NAMES[0]]


async def test_of_two_at_once_one_migrates(hasty, tmp_path):
    write(tmp_path, NAMES[0], MADE, "INSERT INTO thing SELECT 1 WHERE sleep(0.5) = 0")
    write(tmp_path, NAMES[1], "ALTER TABLE thing ADD COLUMN name TEXT")
    found = await asyncio.gather(*(migrate_mysql(hasty, tmp_path) for _ in range(3)), return_exceptions=True)
    assert all(each is None or isinstance(each, MigrationRunning) for each in found), found
    assert await applied(hasty) == [*NAMES]
    assert await columns(hasty) == ["id", "name"]


async def test_who_finds_another_at_it_is_told_so(hasty, tmp_path):
    async with hasty.migrating() as other:
        await other.fetch_one("SELECT GET_LOCK('orders.migrations', 3)")
        with pytest.raises(MigrationRunning, match="another process is migrating"):
            await migrate_mysql(hasty, tmp_path)
        await other.fetch_one("SELECT RELEASE_LOCK('orders.migrations')")
    await migrate_mysql(hasty, tmp_path)


async def test_a_half_done_migration_says_how_far_it_came_and_goes_on(hasty, tmp_path):
    column = "ALTER TABLE thing\n    ADD COLUMN name TEXT"
    write(
        tmp_path, NAMES[0], MADE, column, "ALTER TABLE thing ADD COLUMN other NO_TYPE", "INSERT INTO thing VALUES (1)"
    )
    with pytest.raises(MigrationFailed) as failed:
        await migrate_mysql(hasty, tmp_path)
    told = str(failed.value)
    assert told.startswith("9001_things.sql: statement 3 of 4 failed (ALTER TABLE thing ADD COLUMN other NO_TYPE): ")
    assert "The 2 statements before it are applied" in told
    assert await applied(hasty) == []

    write(tmp_path, NAMES[0], MADE, column, "ALTER TABLE thing ADD COLUMN other INT")
    await migrate_mysql(hasty, tmp_path)
    assert await applied(hasty) == [NAMES[0]]
    assert await columns(hasty) == ["id", "name", "other"]


async def test_it_has_an_end_and_says_which(hasty, tmp_path, monkeypatch):
    write(tmp_path, NAMES[0], MADE, "INSERT INTO thing SELECT 1 WHERE sleep(2) = 0")
    monkeypatch.setenv("OMS_MIGRATION_TIMEOUT_S", "0.3")
    with pytest.raises(MigrationFailed, match=r"timeout after 0.3 s \(OMS_MIGRATION_TIMEOUT_S\)"):
        await migrate_mysql(hasty, tmp_path)

    monkeypatch.delenv("OMS_MIGRATION_TIMEOUT_S")
    write(tmp_path, NAMES[0], MADE)
    await migrate_mysql(hasty, tmp_path)  # which waits until the server has ended the other
    assert await applied(hasty) == [NAMES[0]]


async def test_it_waits_for_a_lock_no_longer_than_readers_can(hasty, tmp_path):
    """Behind an ALTER that waits, every reader of the table waits."""
    write(tmp_path, NAMES[0], MADE)
    write(tmp_path, NAMES[1], "ALTER TABLE thing ADD COLUMN name TEXT")
    async with hasty.migrating() as reader:
        await reader.execute(MADE)
        await reader.execute("BEGIN")
        await reader.fetch_all("SELECT * FROM thing")
        with pytest.raises(MigrationFailed, match="1205"):
            await migrate_mysql(hasty, tmp_path)
        await reader.execute("COMMIT")
    await migrate_mysql(hasty, tmp_path)
    assert await applied(hasty) == [*NAMES]
