"""The end of the soak: every view equals MySQL, row for row."""

from __future__ import annotations

from oms.repair.table_repair import DATABASE_ERRORS, compare_all
from reconciliation.comparing import Comparison
from reconciliation.databases import open_databases
from reconciliation.recheck import StaleView
from reconciliation.tables import TABLES
from tests.support.eventually import eventually
from tests.support.views.comparison import assert_views_came_back

TIMEOUT_S = 600
WAIT_S = 30.0


async def compare_everything() -> list[Comparison]:
    """Compare the read model, the index (documents, not digests), the replica and `orders-graph` with MySQL.

    Servers and views have `TIMEOUT_S` to come back. Raises AssertionError if they differ then.
    """
    await eventually(assert_views_came_back, timeout_s=TIMEOUT_S)
    found: list[Comparison] = await eventually(_compared, timeout_s=TIMEOUT_S)
    return found


async def _compared() -> list[Comparison]:
    try:
        async with open_databases(is_deep=True) as databases:
            found = await compare_all(databases, list(TABLES), WAIT_S)
    except (StaleView, *DATABASE_ERRORS) as error:
        raise AssertionError(repr(error)) from error
    differences = [str(difference) for each in found for difference in each.differences]
    assert not differences, differences[:20]
    return found


def lines(comparisons: list[Comparison]) -> list[str]:
    """The number of equal rows in each database, by table."""
    return [
        f"  {each.table}: " + ", ".join(f"{name} {rows}" for name, rows in each.rows.items()) for each in comparisons
    ]
