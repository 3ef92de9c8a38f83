"""A request's share of the connections to the read model: one request of many statements leaves some to others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from asyncpg import Record

MAX_CONNECTIONS = 3
"""The number of connections that the executor uses for one request."""


class Reader(Protocol):
    """What runs statements on the read model."""

    async def fetch(self, statement: str, parameters: Sequence[Any]) -> list[Record]:
        """The rows of one statement."""

    async def fetchval(self, statement: str, parameters: Sequence[Any]) -> Any:
        """The first column of the first row."""


class Share:
    """The statements of one request, of which MAX_CONNECTIONS run at once. The others wait without a time limit."""

    def __init__(self, read_model: Reader) -> None:
        self._read_model = read_model
        self._free = asyncio.Semaphore(MAX_CONNECTIONS)

    async def fetch(self, statement: str, parameters: Sequence[Any]) -> list[Record]:
        """The rows of one statement. Raises as `Database.fetch`."""
        async with self._free:
            return await self._read_model.fetch(statement, parameters)

    async def fetchval(self, statement: str, parameters: Sequence[Any]) -> Any:
        """The first column of the first row. Raises as `Database.fetchval`."""
        async with self._free:
            return await self._read_model.fetchval(statement, parameters)
