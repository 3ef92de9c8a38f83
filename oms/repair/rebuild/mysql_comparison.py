"""Compares a rebuilt view with MySQL, while both change; waits for changes that are in transit."""

from __future__ import annotations

from datetime import datetime

from chassis.databases.postgres import Database
from contracts.products import SEARCH_INDEX
from oms.repair.rebuild import schemas
from oms.repair.rebuild.backfill import Backfill
from oms.repair.rebuild.errors import ViewDiffers, print_differences
from oms.repair.rebuild.schemas import LIVE
from oms.terminal import console
from reconciliation.comparing import compare
from reconciliation.databases import READ_MODEL, SEARCH, open_databases
from reconciliation.read_model_table import FreshUntil, fresh_until_of
from reconciliation.rows import Difference
from reconciliation.tables import TABLES


async def check_read_model(schema: str, fill: Backfill) -> None:
    """Return when the read model in this schema equals MySQL; `fill` writes it.

    Prints differences and raises ViewDiffers otherwise, and StaleView if the topics lack what MySQL has.
    """
    live = schemas.read_model_in(LIVE)
    try:
        found = await _differences(READ_MODEL, schema=schema, fresh_until=freshness(live, fill))
    finally:
        await live.close()
    _check(found, f"the rebuilt rows are kept in {schema}")


async def check_search(index: str) -> None:
    """Return when this index equals MySQL. Prints differences and raises ViewDiffers otherwise."""
    _check(await _differences(SEARCH, index=index), "the live index is unchanged")


def freshness(live: Database, fill: Backfill) -> FreshUntil:
    """The freshness of the schema that `fill` writes: that of the live read model, once it has read as much."""

    async def fresh_until(source: str) -> datetime | None:
        async with live.connection() as connection:
            # The positions are read after the freshness, so they belong to it or to a later one.
            found = await fresh_until_of(connection, source)
            read = schemas.offsets(await schemas.progress(connection, LIVE))
        await fill.until(read)
        return found

    return fresh_until


async def _differences(
    view: str, *, schema: str = LIVE, index: str = SEARCH_INDEX, fresh_until: FreshUntil | None = None
) -> list[Difference]:
    found: list[Difference] = []
    with console.status("comparing with MySQL …"):
        async with open_databases(schema, index, fresh_until=fresh_until) as databases:
            for table in TABLES.values():
                if views := databases.views(table, frozenset([view])):
                    comparison = await compare(table.name, databases.source(table), views)
                    found += comparison.differences
    return found


def _check(found: list[Difference], state: str) -> None:
    if found:
        print_differences(found)
        raise ViewDiffers(
            f"{len(found)} rows differ from MySQL, so nothing was swapped; {state}."
            " Run `oms reconcile --repair` to publish them again, then this command"
        )
    console.print("compared with MySQL: no differences")
