"""A connection to MySQL while it is in use: statements, several in one packet, and how a transaction is committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiomysql
import pymysql

from chassis.databases import mysql_errors
from chassis.databases.mysql_commits import BEGIN, ROLLBACK, Commit, Ending, GuardFailed, Packet

Row = dict[str, Any]


class Connection:
    """A connection of the pool while it is in use. Parameters are `%s`."""

    def __init__(self, raw: aiomysql.Connection, commit: Commit) -> None:
        self._raw = raw
        self._commit = commit
        self._queued: list[str] = []
        self._inserts_at: int | None = None
        self._generated_id = 0
        self._has_failed_elsewhere = False
        self._ending = Ending()
        self._rows_after: list[Row] = []
        self._has_sent = False
        self._is_committed = False

    @property
    def server_version(self) -> str:
        """The version that the server sent when the connection was opened."""
        return str(self._raw.get_server_info())

    def begin(self) -> None:
        """Begin a transaction, together with the first statement."""
        self._queued.extend(BEGIN)

    def later(self, sql: str, parameters: Sequence[Any] | Row = ()) -> None:
        """Send this statement together with the next one, in one round trip.

        The server executes them in order up to the first that fails, so an error of this one is raised by the next.
        """
        self._queued.append(self._rendered(sql, parameters))

    def insert_later(self, sql: str, parameters: Sequence[Any] | Row = ()) -> None:
        """Like `later` for an INSERT of one row, whose AUTO_INCREMENT value is `generated_id` once it is executed.

        Until then, statements have it as `LAST_INSERT_ID()`.
        """
        self._inserts_at = len(self._queued)
        self.later(sql, parameters)

    def before_commit(self, sql: str, parameters: Sequence[Any] | Row = (), *, changes: int | None = None) -> None:
        """Execute this statement last: in the packet of COMMIT, directly before it, however the transaction ends.

        For a row that many transactions change: its lock is held only while the server itself works. There is one such
        statement in a transaction. With `changes`, it must change so many rows; otherwise the commit raises
        GuardFailed, and nothing is written.
        """
        self._ending.last, self._ending.changes = self._rendered(sql, parameters), changes

    def after_commit(self, sql: str, parameters: Sequence[Any] | Row = ()) -> None:
        """Execute this query in the same packet after COMMIT, when locks are released: see `rows_after_commit`."""
        self._ending.query = self._rendered(sql, parameters)

    @property
    def rows_after_commit(self) -> list[Row]:
        """The rows of the query after COMMIT; none if it failed, which does not undo the commit."""
        return self._rows_after

    @property
    def generated_id(self) -> int:
        """The AUTO_INCREMENT value of the last `insert_later` that was executed."""
        return self._generated_id

    def is_outcome_unknown(self, has_expired: bool) -> bool:
        """Whether COMMIT was sent, and the server has not said whether it has written the transaction.

        If the time was over only afterwards, the caller has not heard it, either.
        """
        return self._commit.is_unknown or (has_expired and self._is_committed)

    @property
    def has_failed_elsewhere(self) -> bool:
        """Whether an error is that of another statement than the one that was executed: of a queued or the last one."""
        return self._has_failed_elsewhere

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
        await self._send(cursor, cursor.mogrify(sql, parameters), commits=True)

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
        is_empty = self._queued == [*BEGIN] and self._ending.last is None
        if not is_empty and not self._is_committed:
            await self._send(aiomysql.Cursor(self._raw), commits=True)

    async def roll_back(self) -> None:
        """Roll back, or close the connection, so that the server does."""
        if self._is_committed or not self._has_sent:
            return
        self._queued, self._inserts_at = [*ROLLBACK], None
        try:
            await self._send(aiomysql.Cursor(self._raw))
        except Exception:
            self._raw.close()

    def _rendered(self, sql: str, parameters: Sequence[Any] | Row) -> str:
        return str(aiomysql.Cursor(self._raw).mogrify(sql, parameters))

    async def _send(self, cursor: aiomysql.Cursor, *statements: str, commits: bool = False) -> None:
        """Send queued statements, these and, if it commits, the ending, and move the cursor to the last result."""
        packet = Packet(self._queued, statements, self._ending.statements() if commits else (), self._inserts_at)
        self._queued, self._inserts_at, self._has_sent = [], None, True
        is_commit = commits and not self._raw.closed
        if is_commit:
            self._commit.begin()
        for number in range(len(packet.statements)):
            try:
                await (cursor.nextset() if number else cursor.execute(";".join(packet.statements)))
            except pymysql.err.Error as error:
                if number > packet.commit_at:
                    return
                self._has_failed_elsewhere = not packet.is_own(number)
                if is_commit:
                    self._commit.failed(error, is_own=number == packet.commit_at)
                if number == packet.commit_at - 1 and mysql_errors.is_guard(error):
                    raise GuardFailed() from error
                raise
            if number == packet.inserts_at:
                self._generated_id = int(cursor.lastrowid)
            if number == packet.commit_at:
                self._commit.succeeded()
                self._is_committed = True
        if self._ending.query is not None and self._is_committed:
            self._rows_after = await _rows(cursor)


async def _rows(cursor: aiomysql.Cursor) -> list[Row]:
    names = [each[0] for each in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in await cursor.fetchall()]
