"""Compares a view that was filled anew with MySQL, while both go on; what is still on its way is waited for."""

from __future__ import annotations

from contracts.products import SEARCH_INDEX
from oms.repair.rebuild.outcomes import Differs, tell
from oms.repair.rebuild.schemas import LIVE
from oms.terminal import console
from reconciliation.comparing import compare
from reconciliation.databases import READ_MODEL, SEARCH, opened
from reconciliation.rows import Difference
from reconciliation.tables import TABLES


async def check_read_model(schema: str) -> None:
    """Return when the read model in this schema says what MySQL says. Raises Differs, having named what does not."""
    _judge(await _differences(READ_MODEL, schema=schema), f"what was filled is kept as {schema}")


async def check_search(index: str) -> None:
    """Return when this index says what MySQL says. Raises Differs, having named what does not."""
    _judge(await _differences(SEARCH, index=index), "the live index stays as it is")


async def _differences(view: str, *, schema: str = LIVE, index: str = SEARCH_INDEX) -> list[Difference]:
    found: list[Difference] = []
    with console.status("comparing with MySQL …"):
        async with opened(schema=schema, index=index) as stores:
            for table in TABLES.values():
                if views := stores.views(table, frozenset([view])):
                    comparison = await compare(table.name, stores.source(table), views)
                    found += comparison.differences
    return found


def _judge(found: list[Difference], stays: str) -> None:
    if found:
        tell(found)
        raise Differs(
            f"{len(found)} rows are not as MySQL has them, so nothing was swapped; {stays}. The topics lack them:"
            " `oms reconcile --repair` sends them once more, then run this again"
        )
    console.print("compared with MySQL: nothing differs")
