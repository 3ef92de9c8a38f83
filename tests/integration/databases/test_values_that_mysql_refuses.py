"""A value that no column takes is not taken for trouble with the server, which would be waited for for ever."""

from __future__ import annotations

import pymysql
import pytest

from chassis.databases.mysql import Database

TABLE = """
CREATE TEMPORARY TABLE refused (moment DATETIME(3), number INT, word VARCHAR(3), details JSON, CHECK (number < 9))
"""


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO refused (moment) VALUES ('not a time')",
        "INSERT INTO refused (number) VALUES ('seven')",
        "INSERT INTO refused (number) VALUES (99999999999)",
        "INSERT INTO refused (number) VALUES (9)",
        "INSERT INTO refused (word) VALUES ('four')",
        "INSERT INTO refused (details) VALUES ('{')",
        "INSERT INTO refused (number) VALUES (9223372036854775807 + 1)",
        "INSERT INTO refused (word) VALUES (_utf8mb4 0xFF)",
    ],
)
async def test_it_is_an_error_of_the_data(own_database: Database, statement: str) -> None:
    async def write() -> None:
        async with own_database.transaction() as tx:
            await tx.execute(TABLE)
            await tx.execute(statement)

    with pytest.raises(pymysql.err.DataError):
        await write()
