"""Finishes, in the background, to copy changes of categories to their products: also those that a crash interrupted."""

from __future__ import annotations

import asyncio

from chassis.databases.mysql import Connection, Database, transact
from chassis.logs import logger
from chassis.tasks import end
from products.categories import copies, tree

log = logger(__name__)

EVERY_S = 5.0
"""How often to look for what another process left."""


class CategoryChanges:
    """The background task of one process. Several processes take turns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start, once the tables exist."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Look for changes now."""
        self._woken.set()

    async def close(self) -> None:
        """Stop. A chunk that is being copied is rolled back, and copied later."""
        await end(self._task)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._finish()
            except Exception as error:  # the database is unavailable: retried
                log.warning("changes of categories not copied", reason=repr(error))
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._woken.wait()
            except TimeoutError:
                pass

    async def _finish(self) -> None:
        total = 0
        while await self._is_pending():
            total += await transact(self._database, _copy_chunk)
        if total:
            log.info("changes of categories copied", products=total)

    async def _is_pending(self) -> bool:
        async with self._database.reading() as connection:
            return await connection.fetch_one("SELECT slug FROM category_change LIMIT 1") is not None


async def _copy_chunk(tx: Connection) -> int:
    await tree.lock(tx)
    return await copies.copy_changes(tx, copies.CHUNK)
