"""MySQL and MariaDB by aiomysql: a pool, transactions, and one error for an outage of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import TypeVar

import pymysql

from chassis.databases import mysql_errors
from chassis.databases.connections import ConnectionPool
from chassis.databases.mysql_commits import Commit
from chassis.databases.mysql_commits import GuardFailed as GuardFailed
from chassis.databases.mysql_connection import Connection as Connection
from chassis.databases.mysql_connection import Row as Row
from chassis.databases.mysql_pooled import PooledConnection, connect
from chassis.http.errors.problems import OutcomeUnknown, Unavailable
from chassis.http.serving import disconnects
from chassis.settings import MySQLSettings

Result = TypeVar("Result")

DUPLICATE, LOCK_WAIT = 1062, 1205
"""Error numbers of the server, the first argument of pymysql's errors."""


class DatabaseMissing(Unavailable):
    """The server is there, and has no such database: it was dropped, or the server was replaced by an empty one."""

    def __init__(self, name: str) -> None:
        super().__init__("the database")
        self.detail = f"The database {name} is missing; restore it."
        self.args = (self.detail,)


class LockConflict(Unavailable):
    """The transaction was rolled back because of another one: a lock timeout or a deadlock."""


class Deadlock(LockConflict):
    """The transaction was rolled back by a deadlock: an immediate retry will most likely succeed."""


def placeholders(values: Collection[object]) -> str:
    """As many `%s` as there are values, for `IN (…)`."""
    return ", ".join(["%s"] * len(values))


_TRIES = 4


class Database:
    """A pool of connections that are opened on demand, so that a service can start before its database.

    Waiting for a connection has its own limits, so that started work has its full time: see decision 29.
    """

    def __init__(self, settings: MySQLSettings) -> None:
        self._settings = settings
        self._pool = self._connections(settings.pool_size)
        self._ping_pool = self._connections(1)

    async def admit(self) -> None:
        """Return when work that needs a connection may start. Raises Busy if too many wait, or after the timeout."""
        await self._pool.admit()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction: committed at the end of the block, rolled back if it raises.

        Raises Unavailable in an outage (see `mysql_errors.py`) and after the timeout: nothing was written. Raises
        OutcomeUnknown if COMMIT was sent and its answer did not arrive.
        """
        async with self._borrowed(self._settings.timeout_s) as connection:
            connection.begin()
            try:
                yield connection
            except Exception:
                await connection.roll_back()
                raise
            await connection.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection for single statements, each its own transaction."""
        async with self._borrowed(self._settings.timeout_s) as connection:
            yield connection

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[Connection]:
        """A connection for statements that may take hours, without a timeout."""
        async with self._borrowed(None) as connection:
            yield connection

    async def ping(self) -> None:
        """Check that the server responds, even while all connections are in use, and still has the database.

        Raises Unavailable.
        """
        name = self._settings.database
        async with self._borrowed(self._settings.timeout_s, self._ping_pool) as connection:
            await connection.execute(f"USE `{name}`" if name else "SELECT 1")

    async def ping_table(self, name: str) -> None:
        """Check as `ping` does, and that there is this table. Raises Unavailable, and ProgrammingError without it."""
        async with self._borrowed(self._settings.timeout_s, self._ping_pool) as connection:
            await connection.execute(f"SELECT 1 FROM `{name}` LIMIT 1")

    async def close(self) -> None:
        """Close all connections."""
        self._pool.close()
        self._ping_pool.close()

    @asynccontextmanager
    async def _borrowed(
        self, timeout_s: float | None, pool: ConnectionPool[PooledConnection] | None = None
    ) -> AsyncIterator[Connection]:
        """A connection; `timeout_s` starts once it is available.

        Raises Busy, ClientGone, Unavailable and OutcomeUnknown.
        """
        pool = pool or self._pool
        pooled: PooledConnection | None = None
        limit: asyncio.Timeout | None = None
        connection: Connection | None = None
        try:
            pooled = await pool.take()
            disconnects.check()
            async with asyncio.timeout(timeout_s) as limit:
                connection = Connection(pooled.raw, Commit(limit, self._settings.commit_timeout_s))
                yield connection
        except asyncio.CancelledError:
            if pooled is not None:
                pooled.terminate()  # the server rolls back, and no partly read result stays in the pool
            raise
        except Exception as error:
            has_expired = isinstance(error, TimeoutError) and (limit is None or limit.expired())
            is_unknown = connection is not None and connection.is_outcome_unknown(has_expired)
            if pooled is not None and (is_unknown or isinstance(error, TimeoutError)):
                pooled.terminate()
            if is_unknown:
                raise OutcomeUnknown("the database") from error
            if has_expired:
                raise Unavailable("the database") from error
            if name := await self._missing_database(error):
                raise DatabaseMissing(name) from error
            _raise_unavailable(error)
            raise
        finally:
            if pooled is not None:
                pool.give_back(pooled)

    async def _missing_database(self, error: Exception) -> str | None:
        """The name of this database if the error is that it is missing.

        A connection that is open may hear only that a table is, which alone is a bug: a new one hears which it is.
        """
        number = mysql_errors.number(error)
        if self._settings.database and number == mysql_errors.NO_TABLE:
            try:
                (await connect(self._settings)).terminate()
            except (pymysql.err.Error, TimeoutError) as refused:
                number = mysql_errors.number(refused)
        return self._settings.database if number == mysql_errors.UNKNOWN_DATABASE else None

    def _connections(self, size: int) -> ConnectionPool[PooledConnection]:
        settings = self._settings
        return ConnectionPool(
            lambda: connect(self._settings), size, settings.wait_s, settings.max_waiting, "the database"
        )


async def transact(database: Database, work: Callable[[Connection], Awaitable[Result]]) -> Result:
    """The result of `work` in a transaction, which is retried a few times after a deadlock.

    Raises what `work` raises, and Unavailable.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            async with database.transaction() as tx:
                return await work(tx)
        except Deadlock:
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


_UNAVAILABLE: dict[int | None, type[Unavailable]] = {
    **dict.fromkeys(mysql_errors.LOCK_TIMEOUT, LockConflict),
    **dict.fromkeys(mysql_errors.ROLLED_BACK, Deadlock),
}


def _raise_unavailable(error: Exception) -> None:
    """Raise Unavailable for an error of the driver that means an outage, and DataError for a value that is refused."""
    if not isinstance(error, pymysql.err.Error):
        return
    if mysql_errors.is_unavailable(error):
        raise _UNAVAILABLE.get(mysql_errors.number(error), Unavailable)("the database") from error
    if mysql_errors.is_bad_data(error):
        raise pymysql.err.DataError(*error.args) from error
