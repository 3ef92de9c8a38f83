"""`oms stock verify`: checks that stock, reservations and the answers of stores agree; `--repair` repairs them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from os import environ
from typing import Annotated

import typer
from redis.exceptions import RedisError
from rich import box
from rich.table import Table

from chassis import settings
from chassis.databases.mysql import Database
from oms.prepare.mysql import RECONCILE, grant_repair
from oms.repair.table_repair import DATABASE_ERRORS
from oms.terminal import bad, console, fail, good
from reconciliation.databases import compared_mysql
from reconciliation.stock.cache import Cache, open_cache
from reconciliation.stock.repair import repair
from reconciliation.stock.rules import MEANINGS, Rule
from reconciliation.stock.verifying import WAIT_S, verify
from reconciliation.stock.violations import Violation

MOST_SHOWN = 100

Repairs = Annotated[bool, typer.Option("--repair", help="Repair what is derived, and verify again.")]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds that a violation must last to be reported.")]


def verify_stock(repairs: Repairs = False, wait_s: Wait = WAIT_S) -> None:
    """Verify the stock of all stores, reservations and orders; exit with 1 if a rule is violated."""
    try:
        with console.status("verifying …"):
            found = asyncio.run(_verified(wait_s, repairs))
    except (*DATABASE_ERRORS, RedisError) as error:
        raise fail(f"cannot verify: {error}") from None
    show(found)
    if found:
        raise typer.Exit(1)


async def _verified(wait_s: float, repairs: bool) -> list[Violation]:
    reader = compared_mysql()
    try:
        async with open_cache() as cache:
            found = await verify(reader, cache, wait_s)
            if not found or not repairs:
                return found
            done = await _repair(found, cache)
            console.print(f"{done} of {len(found)} violations repaired")
            return await verify(reader, cache, max(wait_s, WAIT_S))
    finally:
        await reader.close()


async def _repair(found: Sequence[Violation], cache: Cache) -> int:
    if "OMS_MYSQL_ADMIN_PASSWORD" in environ:
        await grant_repair()
    writer = Database(settings.mysql(RECONCILE, "OMS_RECONCILE_DB_PASSWORD", None))
    try:
        return await repair(writer, found, cache)
    finally:
        await writer.close()


def show(found: Sequence[Violation]) -> None:
    """Print the rules with the number of their violations, and the violations."""
    counts = Counter(each.rule for each in found)
    table = Table("rule", "", "violations", box=box.SIMPLE_HEAD, pad_edge=False)
    for rule in Rule:
        table.add_row(rule, MEANINGS[rule], bad(str(counts[rule])) if counts[rule] else good("0"))
    console.print(table)
    for each in found[:MOST_SHOWN]:
        remedy = "" if each.check.remedy or each.rule is Rule.STORES else "; it cannot be repaired from other data"
        console.print(bad(f"{each}{remedy}"), soft_wrap=True)
    if len(found) > MOST_SHOWN:
        console.print(bad(f"and {len(found) - MOST_SHOWN} more"))
