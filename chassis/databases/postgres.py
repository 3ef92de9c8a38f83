"""Postgres by asyncpg: a pool that connects on demand, and one error for an outage of the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from chassis.databases.batches import Batches
from chassis.databases.connections import ConnectionPool
from chassis.databases.postgres_errors import is_unavailable
from chassis.databases.prepared import Connection
from chassis.http.errors.problems import Unavailable
from chassis.settings import PostgresSettings

PoolConnection = Connection
"""A connection of the pool. It is returned without a reset: no code here changes its session."""


class BorrowedConnection:
    """The context of a borrowed connection. A class, since a generator costs more than the rest of it."""

    def __init__(self, pool: ConnectionPool[PoolConnection]) -> None:
        self._pool = pool

    async def __aenter__(self) -> PoolConnection:
        try:
            self._connection = await self._pool.take()
        except Exception as error:
            if is_unavailable(error):
                raise Unavailable("the read model") from error
            raise
        return self._connection

    async def __aexit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        is_lost = error is not None and is_unavailable(error, is_closed=self._connection.is_closed())
        if is_lost or isinstance(error, asyncpg.InternalClientError):
            # Its next user would first wait for the server to cancel the statement.
            self._connection.terminate()
        self._pool.give_back(self._connection)
        if is_lost:
            raise Unavailable("the read model") from error


class Database:
    """A pool of connections to one database. Statements run in UTC."""

    def __init__(self, settings: PostgresSettings, session: Mapping[str, str] | None = None) -> None:
        """`session` are settings of Postgres for each session."""
        self._settings = settings
        self._session = session or {}
        self.schema = settings.schema
        self._pool: ConnectionPool[PoolConnection] = ConnectionPool(
            self._connect, settings.pool_size, settings.wait_s, settings.max_waiting
        )
        self._batches = Batches(self.connection, self._pool, settings.wait_s)

    def connection(self) -> BorrowedConnection:
        """A connection for single statements. Raises Unavailable in an outage, Busy if too many wait."""
        return BorrowedConnection(self._pool)

    @asynccontextmanager
    async def own_connection(self) -> AsyncIterator[PoolConnection]:
        """A connection outside the pool, for LISTEN. Raises what connecting does."""
        connection = await self._connect()
        try:
            yield connection
        finally:
            connection.terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PoolConnection]:
        """A transaction: committed at the end of the block, rolled back if it raises."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def fetch(self, statement: str, parameters: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of one statement. Raises as `connection` does."""
        async with self.connection() as connection:
            return await connection.fetch(statement, *parameters)

    async def fetchval(self, statement: str, parameters: Sequence[Any]) -> Any:
        """The first column of the first row. Raises as `connection` does."""
        async with self.connection() as connection:
            return await connection.fetchval(statement, *parameters)

    async def fetch_runs(self, statement: str, runs: Sequence[Sequence[Any]]) -> list[Any]:
        """The first column of the one row of each run of a statement, with its parameters. It is kept prepared.

        Raises as `connection` does.
        """
        async with self.connection() as connection:
            return await connection.fetch_runs(statement, runs)

    async def fetch_together(self, statement: str, parameters: Sequence[Any]) -> Any:
        """The first column of the one row of a statement, under load together with other runs. It is kept prepared.

        Raises as `connection` does.
        """
        return await self._batches.fetch(statement, parameters)

    async def ping(self) -> None:
        """Check that the server responds. Raises Unavailable."""
        await self.fetchval("SELECT 1", ())

    async def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    async def _connect(self) -> PoolConnection:
        settings = self._settings
        return await asyncpg.connect(
            host=settings.host,
            port=settings.port,
            user=settings.user,
            password=settings.password,
            database=settings.database,
            connection_class=Connection,
            timeout=settings.timeout_s,
            command_timeout=settings.timeout_s,
            server_settings={
                "timezone": "UTC",
                "jit": "off",
                "search_path": settings.schema,
                # A process that is paused in a transaction would keep its locks.
                "idle_in_transaction_session_timeout": f"{settings.timeout_s:.3f}s",
                **self._session,
            },
        )
