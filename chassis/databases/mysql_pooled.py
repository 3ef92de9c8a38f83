"""A connection to MySQL as the pool sees it, and how it is opened."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiomysql
from pymysql.constants import CLIENT

from chassis.databases.mysql_commits import LOCK_LIFETIME_S
from chassis.settings import MySQLSettings

# Lock waits are shorter than OMS_MYSQL_TIMEOUT_S, so that a lock timeout is reported as such. A client that is stopped
# in the middle of a packet keeps its locks for the network timeouts.
SESSION = f"""
SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 3,
    lock_wait_timeout = 3, net_read_timeout = {LOCK_LIFETIME_S}, net_write_timeout = {LOCK_LIFETIME_S}
"""


@dataclass(frozen=True, eq=False)
class PooledConnection:
    """A connection with what the pool needs."""

    raw: aiomysql.Connection

    def is_closed(self) -> bool:
        """Whether it was closed, by this process or the server."""
        reader = self.raw._reader  # None once it is closed by this process
        return reader is None or reader.at_eof() or reader.eof_received or reader.exception() is not None

    def is_in_transaction(self) -> bool:
        """Whether its last user was cancelled inside a transaction."""
        return bool(self.raw.get_transaction_status())

    def terminate(self) -> None:
        """Close it at once."""
        self.raw.close()


async def connect(settings: MySQLSettings) -> PooledConnection:
    """Open a connection. Raises the errors of the driver, and TimeoutError."""
    async with asyncio.timeout(settings.timeout_s):  # aiomysql's own timeout covers only the TCP connection
        raw = await aiomysql.connect(
            host=settings.host,
            port=settings.port,
            user=settings.user,
            password=settings.password,
            db=settings.database,
            charset="utf8mb4",
            autocommit=True,
            init_command=SESSION,
            client_flag=CLIENT.MULTI_STATEMENTS,  # for `later`; aiomysql sets it whatever is asked for
        )
    return PooledConnection(raw)
