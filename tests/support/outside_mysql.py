"""A MySQL server that somebody points the tests at: it must hold nothing of ours before, and holds nothing after."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiomysql

from chassis import addresses

DATABASES = ("customers", "products", "orders")
ACCOUNTS = (*DATABASES, "oms_cdc", "oms_reconcile")


async def refuse_if_in_use(environ: Mapping[str, str]) -> None:
    """Raises RuntimeError when the server has one of our databases: it may be somebody's live system."""
    async with _admin(environ) as cursor:
        await cursor.execute("SHOW DATABASES")
        present = {row[0] for row in await cursor.fetchall()} & set(DATABASES)
    if present:
        raise RuntimeError(f"the MySQL server has the databases {sorted(present)} already: give the tests an empty one")


async def drop_all(environ: Mapping[str, str]) -> None:
    """Remove the databases and accounts that the tests made."""
    async with _admin(environ) as cursor:
        for name in DATABASES:
            await cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
        for name in ACCOUNTS:
            await cursor.execute(f"DROP USER IF EXISTS `{name}`@'%'")


@asynccontextmanager
async def _admin(environ: Mapping[str, str]) -> AsyncIterator[aiomysql.Cursor]:
    connection = await aiomysql.connect(
        host=addresses.host("mysql", environ),
        port=addresses.port("mysql", environ),
        user=environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin"),
        password=environ["OMS_MYSQL_ADMIN_PASSWORD"],
        autocommit=True,
    )
    try:
        async with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
