"""Rows that may be there already, written by the server at hand. On MySQL what is deprecated would be an error here."""

from __future__ import annotations

import pytest

from chassis.databases.mysql import Database
from chassis.databases.mysql_upserts import write_newer

COLUMNS = ("id", "name", "version")


@pytest.fixture
async def things(own_database: Database):
    async with own_database.reading() as connection:
        await connection.execute("CREATE TABLE thing (id INT PRIMARY KEY, name VARCHAR(10), version BIGINT NOT NULL)")
        yield own_database
        await connection.execute("DROP TABLE thing")


async def written(things: Database, *rows: tuple[int, str | None, int]) -> dict[int, tuple[str | None, int]]:
    async with things.transaction() as tx:
        await write_newer(tx, "thing", COLUMNS, rows)
        assert await tx.fetch_all("SHOW WARNINGS") == []
    async with things.reading() as connection:
        there = await connection.fetch_all("SELECT * FROM thing")
    return {row["id"]: (row["name"], row["version"]) for row in there}


async def test_newer_rows_are_written_and_others_stay(things):
    await written(things, (1, "one", 5), (2, "two", 5), (3, "three", 5))
    now = await written(things, (1, "older", 4), (2, "same", 5), (3, None, 6), (4, "four", 1))
    assert now == {1: ("one", 5), 2: ("two", 5), 3: (None, 6), 4: ("four", 1)}


async def test_of_one_key_twice_the_newest_stays(things):
    assert await written(things, (1, "b", 2), (1, "c", 3), (1, "a", 1)) == {1: ("c", 3)}


async def test_more_rows_than_one_statement_takes(things):
    assert len(await written(things, *[(n, "n", 1) for n in range(1201)])) == 1201
