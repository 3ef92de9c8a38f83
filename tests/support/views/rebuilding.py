"""A live read model of the test's own, filled by the handlers of the worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild import mysql_comparison, schemas
from oms.repair.rebuild.backfill import Backfill, Sources, backfill
from oms.repair.rebuild.schemas import LIVE, NEXT, OLDER, PREVIOUS
from orders_stream.agents import listen


@asynccontextmanager
async def lone_read_model(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PoolConnection]:
    """A connection to the live read model, which is empty, and alone.

    What other tests have put on the topics is in no MySQL table; tests/end_to_end/ has the comparison with MySQL.
    """

    async def agrees(schema: str, fill: Backfill) -> None:
        return

    monkeypatch.setattr(mysql_comparison, "check_read_model", agrees)
    database = schemas.read_model_in(LIVE)
    async with database.connection() as connection:
        for schema in (NEXT, PREVIOUS, OLDER):
            await schemas.drop(connection, schema)
        await schemas.drop(connection, LIVE)
        await schemas.make(connection, LIVE)
        yield connection
        if await schemas.is_former(connection, LIVE):
            await schemas.drop(connection, LIVE)
            await schemas.make(connection, LIVE)
    await database.close()


@asynccontextmanager
async def fill_of(schema: str, sources: Sources | None = None) -> AsyncIterator[Backfill]:
    """The schema, filled from where it is on, by the handlers of the worker."""
    database = schemas.read_model_in(schema)
    sources = sources or Sources("orders_stream")
    listen(sources, database, publish=None)
    try:
        async with database.connection() as connection:
            stored = schemas.offsets(await schemas.progress(connection, schema))
        async with backfill(sources, stored) as fill:
            yield fill
    finally:
        await database.close()


async def bring_up_to_date(schema: str) -> None:
    """Read all that the topics hold, as the worker does."""
    async with fill_of(schema) as fill:
        await fill.until(await fill.ends())
