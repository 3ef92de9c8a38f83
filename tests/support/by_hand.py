"""Statements on MySQL that bypass the services, as an operator would run them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiomysql

from chassis import settings


@asynccontextmanager
async def mysql_client(database: str) -> AsyncIterator[aiomysql.Cursor]:
    """A client of one database, with autocommit."""
    account = settings.mysql(database, f"OMS_{database.upper()}_DB_PASSWORD", database)
    connection = await aiomysql.connect(
        host=account.host,
        port=account.port,
        user=account.user,
        password=account.password,
        db=database,
        autocommit=True,
        init_command="SET time_zone = '+00:00'",
    )
    try:
        async with connection.cursor(aiomysql.DictCursor) as cursor:
            yield cursor
    finally:
        connection.close()


async def by_hand(database: str, statement: str, values: Sequence[Any] = ()) -> int:
    """Run one statement. Returns the number of affected rows."""
    async with mysql_client(database) as cursor:
        return int(await cursor.execute(statement, values))


async def rows_by_hand(database: str, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """The rows of one query."""
    async with mysql_client(database) as cursor:
        await cursor.execute(query, values)
        return list(await cursor.fetchall())
