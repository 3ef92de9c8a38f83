"""Compares a rebuilt view with MySQL, while both change; waits for changes that are in transit."""

from __future__ import annotations

from contracts.products import SEARCH_INDEX
from oms.repair.rebuild.errors import ViewDiffers, print_differences
from oms.repair.rebuild.schemas import LIVE
from oms.terminal import console
from reconciliation.comparing import compare
from reconciliation.databases import READ_MODEL, SEARCH, open_databases
from reconciliation.rows import Difference
from reconciliation.tables import TABLES


async def check_read_model(schema: str) -> None:
    """Return when the read model in this schema equals MySQL. Prints differences and raises ViewDiffers otherwise."""
    _check(await _differences(READ_MODEL, schema=schema), f"the rebuilt rows are kept in {schema}")


async def check_search(index: str) -> None:
    """Return when this index equals MySQL. Prints differences and raises ViewDiffers otherwise."""
    _check(await _differences(SEARCH, index=index), "the live index is unchanged")


async def _differences(view: str, *, schema: str = LIVE, index: str = SEARCH_INDEX) -> list[Difference]:
    found: list[Difference] = []
    with console.status("comparing with MySQL …"):
        async with open_databases(schema=schema, index=index) as databases:
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
