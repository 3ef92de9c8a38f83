"""`oms rebuild` and its undoing: fill a schema beside the live one, compare, swap."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild import against_mysql, bar, comparing, schemas
from oms.repair.rebuild.alone import alone
from oms.repair.rebuild.filling import Filling, Sources, filling
from oms.repair.rebuild.outcomes import NothingToUndo, tell
from oms.repair.rebuild.schemas import NEXT, OLDER, PREVIOUS
from oms.repair.rebuild.swap import swap
from oms.terminal import console, good
from orders_stream.agents import listen
from orders_stream.expired_schemas import mark_unused

CONSUMER = "orders_stream"


async def rebuild(*, fresh: bool) -> None:
    """Fill a read model anew and put it in the place of the live one, which is kept.

    What an interrupted rebuild has done is gone on from, unless `fresh`. Raises RebuildRunning, Differs, NotSwapped.
    """
    async with alone("read model") as connection:
        if fresh:
            await schemas.drop(connection, NEXT)
        await _bring_in(connection, NEXT)
    console.print(good("the read model was made anew and is in place; `oms rebuild undo` takes it back"))


async def undo() -> None:
    """Put the previous read model in place again, once it is current. Raises NothingToUndo, and as `rebuild` does."""
    async with alone("read model") as connection:
        if not await schemas.exists(connection, PREVIOUS):
            raise NothingToUndo("there is no read model from before a rebuild")
        await _bring_in(connection, PREVIOUS)
    console.print(good("the previous read model is in place again; `oms rebuild undo` takes that back"))


@asynccontextmanager
async def filled(connection: PoolConnection, schema: str) -> AsyncIterator[Filling]:
    """The schema, made if it is missing, while it is filled by the handlers of the worker, from where it is on."""
    await schemas.make(connection, schema)
    await mark_unused(connection, schema)
    database = schemas.read_model_in(schema)
    sources = Sources(CONSUMER)
    listen(sources, database, publish=None)
    try:
        stored = schemas.offsets(await schemas.progress(connection, schema))
        async with filling(sources, stored) as fill:
            yield fill
    finally:
        await database.close()


async def _bring_in(connection: PoolConnection, schema: str) -> None:
    await schemas.drop(connection, OLDER)
    async with filled(connection, schema) as fill:
        await bar.until_current(fill, "read model")
        fill.passed_over.tell()
        await comparing.remember_deletions(connection, schema)
        await against_mysql.check_read_model(schema)
        await _tell_what_is_put_right(connection, fill, schema)
        await swap(connection, fill, schema)
    await schemas.drop(connection, OLDER)


async def _tell_what_is_put_right(connection: PoolConnection, fill: Filling, schema: str) -> None:
    """Where the live one says something else than MySQL and the new one: that is what a rebuild is for."""
    with console.status("comparing with the live one …"):
        found = await comparing.differences(connection, fill, schema)
    if found:
        console.print(f"the live one has {len(found)} rows wrong, which are right in the new one:")
        tell(found)
    else:
        console.print("compared with the live one: nothing differs")
