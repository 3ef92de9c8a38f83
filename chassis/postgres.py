"""Postgres by asyncpg: a pool that opens when it is first used, and one error for a server that is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import asyncpg.pool

from chassis.problems import Busy, Unavailable
from chassis.settings import PostgresSettings

PoolConnection = asyncpg.pool.PoolConnectionProxy
"""What a pool lends; it has all methods of a connection."""

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    TimeoutError,
    OSError,
)
"""Away, restarting, out of connections, not prepared yet: try again later."""


class _Connection(asyncpg.Connection):
    """A connection that is given back as it is: nobody here leaves anything behind in its session."""

    def get_reset_query(self) -> str:
        """None: asyncpg's own would be one more round trip for each time that a connection is borrowed."""
        return ""


class Database:
    """A pool of connections to one database. Statements run in UTC."""

    def __init__(self, settings: PostgresSettings) -> None:
        self._settings = settings
        self.schema = settings.schema
        self._pool: asyncpg.Pool | None = None
        self._turns = asyncio.Semaphore(settings.pool_size)
        self._waiting = 0
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[PoolConnection]:
        """A connection for single statements. Raises Unavailable when the server is away, Busy when too many wait."""
        try:
            pool = await self._opened()
            async with self._turn(), pool.acquire(timeout=self._settings.timeout_s) as connection:
                try:
                    yield connection
                except LOST:
                    # Giving it back would first wait for the server to cancel the statement, as long again.
                    connection.terminate()
                    raise
        except LOST as error:
            raise Unavailable("the read model") from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PoolConnection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def ping(self) -> None:
        """Return when the server answers. Raises Unavailable."""
        async with self.connection() as connection:
            await connection.fetchval("SELECT 1")

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """The right to one connection of the pool. Who would wait long is told at once, and waits where it is known."""
        if self._turns.locked():
            await self._wait_for_turn()
        else:
            await self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release()

    async def _wait_for_turn(self) -> None:
        if self._waiting >= self._settings.most_waiting:
            raise Busy("the read model")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._settings.wait_s):
                await self._turns.acquire()
        except TimeoutError as error:
            raise Busy("the read model") from error
        finally:
            self._waiting -= 1

    async def _opened(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                settings = self._settings
                self._pool = await asyncpg.create_pool(
                    connection_class=_Connection,
                    min_size=0,
                    max_size=settings.pool_size,
                    host=settings.host,
                    port=settings.port,
                    user=settings.user,
                    password=settings.password,
                    database=settings.database,
                    timeout=settings.timeout_s,
                    command_timeout=settings.timeout_s,
                    server_settings={
                        "timezone": "UTC",
                        "jit": "off",
                        "search_path": settings.schema,
                        # A process that stands still in a transaction would keep its locks from all others.
                        "idle_in_transaction_session_timeout": f"{settings.timeout_s:.3f}s",
                    },
                )
            return self._pool
