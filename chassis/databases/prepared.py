"""A connection to Postgres that keeps statements prepared, within a number of bytes of SQL.

asyncpg keeps a number of statements, whatever their length. But Postgres keeps a plan of each statement, which takes 50
times the memory of its SQL, and 180 times for one with many joins.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

KEPT_BYTES = 262_144
"""The length of all statements that one connection keeps prepared; Postgres then takes 13 to 45 MB for them."""


class Connection(asyncpg.Connection):
    """A connection with its prepared statements."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: OrderedDict[str, PreparedStatement[asyncpg.Record]] = OrderedDict()
        self.kept_bytes = 0

    async def prepared(self, statement: str) -> PreparedStatement[asyncpg.Record]:
        """The statement, prepared and kept. The least recently used ones make room. Raises what Postgres raises."""
        found = self._kept.get(statement)
        if found is not None:
            self._kept.move_to_end(statement)
            return found
        # First, since asyncpg closes dropped statements when it prepares another.
        self.kept_bytes += len(statement)
        while self._kept and self.kept_bytes > KEPT_BYTES:
            self.discard(next(iter(self._kept)))
        try:
            found = self._kept[statement] = await self.prepare(statement)
        except BaseException:
            self.kept_bytes -= len(statement)
            raise
        return found

    async def fetch_runs(self, statement: str, runs: Sequence[Sequence[Any]]) -> list[Any]:
        """The first column of the one row of each run of a statement, with its parameters; in one round trip.

        Raises what Postgres raises, and TimeoutError.
        """
        prepared = await self.prepared(statement)
        try:
            if len(runs) == 1:
                return [await prepared.fetchval(*runs[0])]
            return [row[0] for row in await prepared.fetchmany(runs)]
        except (
            asyncpg.InvalidCachedStatementError,
            asyncpg.InvalidSQLStatementNameError,
        ):  # Postgres has another, or none
            self.discard(statement)
            raise

    def discard(self, statement: str) -> None:
        """Keep this statement no longer."""
        if self._kept.pop(statement, None) is not None:
            self.kept_bytes -= len(statement)
