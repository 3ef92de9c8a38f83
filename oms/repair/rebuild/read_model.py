"""`oms rebuild` and `oms rebuild undo`: fill a schema beside the live one, compare, swap."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild import live_comparison, mysql_comparison, progress, schemas
from oms.repair.rebuild.backfill import Backfill, Sources, backfill
from oms.repair.rebuild.errors import NoPreviousView, print_differences
from oms.repair.rebuild.lock import rebuild_lock
from oms.repair.rebuild.schemas import LIVE, NEXT, OLDER, PREVIOUS
from oms.repair.rebuild.swap import swap, swap_as_it_is
from oms.terminal import console, good
from orders_stream.agents import listen
from orders_stream.expired_schemas import mark_unused

CONSUMER = "orders_stream"

RESTART = """\
The layout has changed, so processes of the earlier release fail now: start `orders_stream` and the gateway of this
release."""

START_FORMER = """\
It has the layout of the earlier release and was not updated. Stop `orders_stream` and the gateway of this release and
start those of the earlier one: they continue where it ended."""


async def rebuild(*, fresh: bool) -> None:
    """Rebuild the read model and swap it with the live one, which is kept.

    Resumes an interrupted rebuild, unless `fresh`. Raises RebuildRunning, ViewDiffers and SwapTimeout.
    """
    async with rebuild_lock("read model") as connection:
        if fresh:
            await schemas.drop(connection, NEXT)
        was_former = await schemas.is_former(connection, LIVE)
        await _replace_live(connection, NEXT)
    console.print(good("the read model was rebuilt; `oms rebuild undo` reverts to the previous one"))
    if was_former:
        console.print(RESTART, soft_wrap=True)


async def undo() -> None:
    """Update the previous read model and swap it in. Raises NoPreviousView, and the errors of `rebuild`.

    One with the layout of an earlier release is swapped in as it is: only processes of that release can update it.
    """
    async with rebuild_lock("read model") as connection:
        if not await schemas.exists(connection, PREVIOUS):
            raise NoPreviousView("there is no previous read model")
        is_former = await schemas.is_former(connection, PREVIOUS)
        if is_former:
            await swap_as_it_is(connection, PREVIOUS)
        else:
            await _replace_live(connection, PREVIOUS)
    console.print(good("reverted to the previous read model; `oms rebuild undo` reverts that"))
    if is_former:
        console.print(START_FORMER, soft_wrap=True)


@asynccontextmanager
async def backfilled(connection: PoolConnection, schema: str) -> AsyncIterator[Backfill]:
    """The backfill of a schema by the handlers of the worker. Creates the schema if it is missing."""
    await schemas.make(connection, schema)
    await mark_unused(connection, schema)
    database = schemas.read_model_in(schema)
    sources = Sources(CONSUMER)
    listen(sources, database, publish=None)
    try:
        stored = schemas.offsets(await schemas.progress(connection, schema))
        async with backfill(sources, stored) as fill:
            yield fill
    finally:
        await database.close()


async def _replace_live(connection: PoolConnection, schema: str) -> None:
    await schemas.drop(connection, OLDER)
    async with backfilled(connection, schema) as fill:
        await progress.until_current(fill, "read model")
        fill.skipped.report()
        await live_comparison.copy_deletions(connection, schema)
        await mysql_comparison.check_read_model(schema, fill)
        await _print_corrections(connection, fill, schema)
        await swap(connection, fill, schema)
    await schemas.drop(connection, OLDER)


async def _print_corrections(connection: PoolConnection, fill: Backfill, schema: str) -> None:
    """Print the rows that are wrong in the live one: the rebuilt one equals MySQL."""
    with console.status("comparing with the live read model …"):
        found = await live_comparison.differences(connection, fill, schema)
    if found:
        console.print(f"{len(found)} rows of the live read model were wrong and are corrected:")
        print_differences(found)
    else:
        console.print("compared with the live read model: no differences")
