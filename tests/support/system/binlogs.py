"""Purges or resets the binlog, as an operator or a failover would, on MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from os import environ

import pymysql

from chassis import settings
from chassis.databases.mysql import Connection, Database
from tests.support.eventually import eventually


@asynccontextmanager
async def administrator() -> AsyncIterator[Connection]:
    """A connection of the administrator."""
    account = settings.mysql(environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin"), "OMS_MYSQL_ADMIN_PASSWORD", None)
    database = Database(account)
    try:
        async with database.reading() as connection:
            yield connection
    finally:
        await database.close()


async def purge() -> None:
    """Purge the binlog except a new last file."""

    async def purged() -> None:
        async with administrator() as connection:
            with suppress(pymysql.err.MySQLError):  # only MariaDB has it, and keeps files that a replica may need
                await connection.execute("SET GLOBAL slave_connections_needed_for_purge = 0")
            await connection.execute("FLUSH BINARY LOGS")
            files = [row["Log_name"] for row in await connection.fetch_all("SHOW BINARY LOGS")]
            await connection.execute(f"PURGE BINARY LOGS TO '{files[-1]}'")
            assert len(await connection.fetch_all("SHOW BINARY LOGS")) == 1, "a reader keeps a file"

    await eventually(purged)


async def reset() -> None:
    """Reset the binlog and the GTIDs of the server."""
    async with administrator() as connection:
        try:
            await connection.execute("RESET BINARY LOGS AND GTIDS")
        except pymysql.err.ProgrammingError:  # the statement of MariaDB
            await connection.execute("RESET MASTER")


async def grow(database: str, by: int) -> None:
    """Write transactions. On MariaDB, the GTID is raised by a number at once, as that many heartbeats would do."""
    async with administrator() as connection:
        with suppress(pymysql.err.MySQLError):
            row = await connection.fetch_one("SELECT @@global.gtid_binlog_pos AS position")
            last = int((row["position"] if row else "").rpartition("-")[2] or 0)
            await connection.execute(f"SET SESSION gtid_seq_no = {last + by}")
        for _ in range(10):
            await connection.execute(f"CREATE TABLE IF NOT EXISTS `{database}`.grown (id INT)")
            await connection.execute(f"DROP TABLE `{database}`.grown")
