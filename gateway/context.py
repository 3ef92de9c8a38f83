"""What the resolvers of one request have at hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from elasticsearch import AsyncElasticsearch
from strawberry.fastapi import BaseContext

from chassis.postgres import Database, PoolConnection
from gateway.order_statements import Statement

if TYPE_CHECKING:
    from gateway.loaders import Loaders
    from gateway.operations import Operations


_ending: set[asyncio.Task[object]] = set()
"""What was given up and has not ended yet: the loop itself would let go of it."""


class ReadModel:
    """The read model, for one request: what it has asked for can be given up with it, in whichever task it runs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking: set[asyncio.Task[object]] = set()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[PoolConnection]:
        """A connection for single statements. Raises Unavailable when the server is away or too busy."""
        task = asyncio.current_task()
        assert task is not None
        self._asking.add(task)
        try:
            async with self._database.connection() as connection:
                yield connection
        finally:
            self._asking.discard(task)

    def give_up(self) -> None:
        """Let no statement go on: those of a request that was answered have ended by themselves."""
        for task in self._asking:
            task.cancel()
            _ending.add(task)
            task.add_done_callback(_ending.discard)


class Context(BaseContext):
    """One request's stores, and what it has loaded from them already."""

    def __init__(
        self,
        database: Database,
        search: AsyncElasticsearch,
        new_loaders: Callable[[ReadModel], Loaders],
        operations: Operations,
    ) -> None:
        super().__init__()
        self.read_model = ReadModel(database)
        self.search = search
        self.loaders = new_loaders(self.read_model)
        self.operations = operations

    def give_up(self) -> None:
        """Let nothing that was asked for go on."""
        self.read_model.give_up()

    async def count(self, statement: Statement) -> int:
        """What a statement that counts has found."""
        sql, parameters = statement
        async with self.read_model.connection() as read_model:
            return int(await read_model.fetchval(sql, *parameters))
