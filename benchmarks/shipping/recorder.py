"""Records the statements of the product instead of executing them, so that a limit executes exactly these."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from chassis.databases.mysql import Connection, Database, Row

Statement = tuple[str, Sequence[Any]]
Packet = list[Statement]
"""Statements that are sent together; only the last one may be a query."""

Find = Callable[[str], list[Row]]
"""The rows that a query finds."""

BEGIN: Statement = ("BEGIN", ())
COMMIT: Statement = ("COMMIT", ())


def _nothing(_: str) -> list[Row]:
    return []


class Recorder:
    """Takes statements as a connection and as a database does, in the packets in which these would send them."""

    generated_id = 0

    def __init__(self, find: Find = _nothing) -> None:
        self._find = find
        self._queued: Packet = []
        self.packets: list[Packet] = []

    def connection(self) -> Connection:
        """What functions that take a connection are given."""
        return cast(Connection, self)

    def database(self) -> Database:
        """What functions that take a database are given."""
        return cast(Database, self)

    @property
    def statements(self) -> list[Statement]:
        """All statements, also those that wait for the next one."""
        return [each for packet in (*self.packets, self._queued) for each in packet]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction, which is committed at the end."""
        self._queued.append(BEGIN)
        yield self.connection()
        await self.commit()

    def later(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Record a statement that is sent with the next one."""
        self._queued.append((sql, parameters))

    async def fetch_all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Record a query."""
        self._send((sql, parameters))
        return self._find(sql)

    async def execute_and_commit(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Record the last statement of a transaction."""
        self._send((sql, parameters), COMMIT)

    async def commit(self) -> None:
        """Record a commit, unless the last statement was sent with it."""
        if self._queued or self.packets[-1][-1] != COMMIT:
            self._send(COMMIT)

    def _send(self, *statements: Statement) -> None:
        self.packets.append([*self._queued, *statements])
        self._queued = []
