"""MySQL and MariaDB by aiomysql: a pool, transactions, and one error for an outage of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiomysql
import pymysql

from chassis.databases import mysql_errors
from chassis.databases.connections import ConnectionPool
from chassis.databases.mysql_commits import Commit
from chassis.databases.mysql_pooled import PooledConnection, connect
from chassis.http import disconnects
from chassis.http.problems import OutcomeUnknown, Unavailable
from chassis.settings import MySQLSettings

Row = dict[str, Any]

Result = TypeVar("Result")

DUPLICATE, LOCK_WAIT = 1062, 1205
"""Error numbers of the server, the first argument of pymysql's errors."""


class LockConflict(Unavailable):
    """The transaction was rolled back because of another one: a lock timeout or a deadlock."""


class Deadlock(LockConflict):
    """The transaction was rolled back by a deadlock: an immediate retry will most likely succeed."""


def placeholders(values: Collection[object]) -> str:
    """As many `%s` as there are values, for `IN (…)`."""
    return ", ".join(["%s"] * len(values))


class Connection:
    """A connection of the pool while it is in use. Parameters are `%s`."""

    def __init__(self, raw: aiomysql.Connection, commit: Commit) -> None:
        self._raw = raw
        self._commit = commit
        self._queued: list[str] = []
        self._inserts_at: int | None = None
        self._generated_id = 0
        self._has_failed_early = False
        self._is_committed = False

    @property
    def server_version(self) -> str:
        """The version that the server sent when the connection was opened."""
        return str(self._raw.get_server_info())

    def begin(self) -> None:
        """Begin a transaction, together with the first statement."""
        self._queued.append(_BEGIN)

    def later(self, sql: str, parameters: Sequence[Any] | Row = ()) -> None:
        """Send this statement together with the next one, in one round trip.

        The server executes them in order up to the first that fails, so an error of this one is raised by the next.
        """
        self._queued.append(aiomysql.Cursor(self._raw).mogrify(sql, parameters))

    def insert_later(self, sql: str, parameters: Sequence[Any] | Row = ()) -> None:
        """Like `later` for an INSERT of one row, whose AUTO_INCREMENT value is `generated_id` once it is executed.

        Until then, statements have it as `LAST_INSERT_ID()`.
        """
        self._inserts_at = len(self._queued)
        self.later(sql, parameters)

    @property
    def generated_id(self) -> int:
        """The AUTO_INCREMENT value of the last `insert_later` that was executed."""
        return self._generated_id

    @property
    def is_outcome_unknown(self) -> bool:
        """Whether COMMIT was sent, and the server has not said whether it has written the transaction."""
        return self._commit.is_unknown

    @property
    def has_failed_early(self) -> bool:
        """Whether an error that was raised is one of a statement that was queued by `later`."""
        return self._has_failed_early

    async def execute(self, sql: str, parameters: Sequence[Any] | Row = ()) -> int:
        """Execute one statement. Returns the number of matched rows."""
        cursor = aiomysql.Cursor(self._raw)
        await self._send(cursor, cursor.mogrify(sql, parameters))
        return int(cursor.rowcount)

    async def insert(self, sql: str, parameters: Sequence[Any] | Row = ()) -> int:
        """Execute an INSERT of one row. Returns its AUTO_INCREMENT value."""
        cursor = aiomysql.Cursor(self._raw)
        await self._send(cursor, cursor.mogrify(sql, parameters))
        return int(cursor.lastrowid)

    async def execute_and_commit(self, sql: str, parameters: Sequence[Any] | Row = ()) -> None:
        """Execute the last statement of the transaction, and commit in the same round trip."""
        cursor = aiomysql.Cursor(self._raw)
        await self._send(cursor, cursor.mogrify(sql, parameters), _COMMIT)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> int:
        """Execute one INSERT with many rows. All its values must be `%s`."""
        await self._send(aiomysql.Cursor(self._raw))
        async with self._raw.cursor() as cursor:
            return int(await cursor.executemany(sql, rows) or 0)

    async def fetch_all(self, sql: str, parameters: Sequence[Any] | Row = ()) -> list[Row]:
        """All rows of a query, each a dict by column."""
        cursor = aiomysql.DictCursor(self._raw)
        await self._send(cursor, cursor.mogrify(sql, parameters))
        return list(await cursor.fetchall())

    async def fetch_one(self, sql: str, parameters: Sequence[Any] | Row = ()) -> Row | None:
        """The first row of a query, or None."""
        rows = await self.fetch_all(sql, parameters)
        return rows[0] if rows else None

    async def commit(self) -> None:
        """Commit, together with queued statements; does nothing if no statement was executed, or all are committed."""
        if self._queued != [_BEGIN] and not self._is_committed:
            await self._send(aiomysql.Cursor(self._raw), _COMMIT)

    async def roll_back(self) -> None:
        """Roll back, or close the connection, so that the server does."""
        try:
            await self._raw.rollback()
        except Exception:
            self._raw.close()

    async def _send(self, cursor: aiomysql.Cursor, *statements: str) -> None:
        """Send queued statements and these, and move the cursor to the last result. Only the last may be COMMIT."""
        queued, inserts_at = len(self._queued), self._inserts_at
        together = [*self._queued, *statements]
        self._queued.clear()
        self._inserts_at = None
        is_commit = together[-1:] == [_COMMIT] and not self._raw.closed
        if is_commit:
            self._commit.begin()
        for number in range(len(together)):
            try:
                await (cursor.nextset() if number else cursor.execute(";".join(together)))
            except pymysql.err.Error as error:
                self._has_failed_early = number < queued
                if is_commit:
                    self._commit.failed(error, is_own=number == len(together) - 1)
                raise
            if number == inserts_at:
                self._generated_id = int(cursor.lastrowid)
        if is_commit:
            self._commit.succeeded()
            self._is_committed = True


_BEGIN, _COMMIT = "BEGIN", "COMMIT"

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
        """Check that the server responds, even while all connections are in use. Raises Unavailable."""
        async with self._borrowed(self._settings.timeout_s, self._ping_pool) as connection:
            await connection.execute("SELECT 1")

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
            is_unknown = connection is not None and connection.is_outcome_unknown
            if pooled is not None and (is_unknown or isinstance(error, TimeoutError)):
                pooled.terminate()
            if is_unknown:
                raise OutcomeUnknown("the database") from error
            if has_expired:
                raise Unavailable("the database") from error
            _raise_unavailable(error)
            raise
        finally:
            if pooled is not None:
                pool.give_back(pooled)

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
