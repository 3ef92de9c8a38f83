"""An external MySQL server for the tests: it must have none of the databases before, and has none after."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiomysql

from chassis import addresses
from chassis.addresses import STORE_PORTS, store_process
from oms.prepare.mysql import CDC, RECONCILE, SERVICES

STORES = tuple(map(store_process, STORE_PORTS))
ACCOUNTS = (*SERVICES, *STORES, CDC, RECONCILE)
DATABASES = (*SERVICES, "stores", *STORES)


async def refuse_if_in_use(environ: Mapping[str, str]) -> None:
    """Raises RuntimeError if the server has one of the databases: it may be a live system."""
    async with _admin(environ) as cursor:
        await cursor.execute("SHOW DATABASES")
        present = {row[0] for row in await cursor.fetchall()} & set(DATABASES)
    if present:
        raise RuntimeError(f"the MySQL server has the databases {sorted(present)} already: give the tests an empty one")


async def drop_all(environ: Mapping[str, str]) -> None:
    """Drop the databases and accounts that the tests created."""
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
