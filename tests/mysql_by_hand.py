"""Statements on MySQL by a client of its own, past our services."""

from __future__ import annotations

from typing import Any

import aiomysql

from chassis import settings


async def by_hand(database: str, statement: str, *values: Any) -> int:
    """Run one statement with the service's account; how many rows it changed."""
    account = settings.mysql(database, f"OMS_{database.upper()}_DB_PASSWORD", database)
    connection = await aiomysql.connect(
        host=account.host,
        port=account.port,
        user=account.user,
        password=account.password,
        db=database,
        autocommit=True,
    )
    try:
        async with connection.cursor() as cursor:
            return int(await cursor.execute(statement, values))
    finally:
        connection.close()
