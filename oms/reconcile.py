"""`oms reconcile`: whether MySQL, the read model and the search index say the same; `--repair` makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from os import environ
from typing import Annotated

import asyncpg
import msgspec
import pymysql
import typer
from aiokafka.errors import KafkaError
from elasticsearch import ApiError
from rich import box
from rich.table import Table as Shown

from chassis import settings
from chassis.mysql import Database
from chassis.problems import Problem
from oms import kafka
from oms.prepare import RECONCILE, let_raise_versions
from oms.screen import bad, console, fail, good
from reconciliation.comparing import Comparison, compare
from reconciliation.looking_again import WAIT_S, ViewBehind
from reconciliation.repair import Wrong, repair
from reconciliation.rows import Difference
from reconciliation.stores import Stores, opened
from reconciliation.tables import TABLES

MOST_SHOWN = 100
SOURCE = "MySQL"

CANNOT = (Problem, settings.SettingMissing, KafkaError, pymysql.err.MySQLError, asyncpg.PostgresError, ApiError)
"""A store is away, or has no such table, or does not let us."""

Only = Annotated[
    list[str] | None, typer.Option("--table", help=f"Only this one: {', '.join(TABLES)}. May be repeated.")
]
Repairs = Annotated[bool, typer.Option("--repair", help="Send just the rows that differ once more, and wait for them.")]
Wait = Annotated[
    float, typer.Option("--wait", min=0, help="Seconds that a difference must last: it may be on its way.")
]
Deep = Annotated[bool, typer.Option("--deep", help="Compare each document of the search index itself, not its digest.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")]


def reconcile(
    only: Only = None, repairs: Repairs = False, wait_s: Wait = WAIT_S, is_deep: Deep = False, as_json: Json = False
) -> None:
    """Compare MySQL with every view and name the rows that differ; exit code 1 when some do, or do after a repair."""
    if unknown := set(only or ()) - TABLES.keys():
        raise fail(f"there is no table {', '.join(sorted(unknown))}: there are {', '.join(TABLES)}")
    try:
        comparisons, left = asyncio.run(_reconcile(only or list(TABLES), wait_s, is_deep, repairs))
    except ViewBehind as error:
        raise fail(f"{error}: what it lacks may be on its way. `oms lag` shows where it waits") from None
    except CANNOT as error:
        raise fail(f"cannot reconcile: {error}") from None
    if as_json:
        print(msgspec.json.encode(_document(comparisons, left)).decode())
    else:
        _show(comparisons, left)
    if _differences(comparisons) if left is None else left:
        raise typer.Exit(1)


async def _reconcile(
    names: Sequence[str], wait_s: float, is_deep: bool, repairs: bool
) -> tuple[list[Comparison], list[Difference] | None]:
    async with opened(is_deep=is_deep) as stores:
        tables = [TABLES[name] for name in names]
        comparisons = [await compare(each.name, stores.source(each), stores.views(each), wait_s) for each in tables]
        if not repairs or not _differences(comparisons):
            return comparisons, [] if repairs else None
        return comparisons, await _repair(stores, comparisons, wait_s)


async def _repair(stores: Stores, comparisons: Sequence[Comparison], wait_s: float) -> list[Difference]:
    tables = [(TABLES[each.table], each.differences) for each in comparisons if each.differences]
    wrong = [Wrong(table, stores.source(table), stores.views(table), rows) for table, rows in tables]
    if "OMS_MYSQL_ADMIN_PASSWORD" in environ:
        await let_raise_versions()
    writer = Database(settings.mysql(RECONCILE, "OMS_RECONCILE_DB_PASSWORD", None))
    try:
        async with kafka.writer() as producer:
            return await repair(wrong, writer, producer, max(wait_s, WAIT_S))
    finally:
        await writer.close()


def _differences(comparisons: Sequence[Comparison]) -> list[Difference]:
    return [difference for each in comparisons for difference in each.differences]


def _document(comparisons: Sequence[Comparison], left: list[Difference] | None) -> dict[str, object]:
    tables = [asdict(each) for each in comparisons]
    return {"tables": tables} | ({} if left is None else {"left": [asdict(each) for each in left]})


def _show(comparisons: Sequence[Comparison], left: list[Difference] | None) -> None:
    table = Shown("table", "store", "rows", "differ", "seconds", box=box.SIMPLE_HEAD, pad_edge=False)
    for each in comparisons:
        for store, rows in each.rows.items():
            wrong = sum(difference.view == store for difference in each.differences)
            is_first = store == SOURCE
            mark = "" if is_first else bad(str(wrong)) if wrong else good("0")
            table.add_row(
                *(each.table, store) if is_first else ("", store),
                f"{rows:,}",
                mark,
                f"{each.seconds:.1f}" if is_first else "",
            )
    console.print(table)
    for each in comparisons:
        _name(each.differences)
        if each.is_cut:
            console.print(
                bad(f"{each.table}: more differ than are named; `oms rebuild` makes a view anew"), soft_wrap=True
            )
    if left is not None:
        _tell_of_repair(_differences(comparisons), left)


def _name(differences: Sequence[Difference]) -> None:
    for difference in differences[:MOST_SHOWN]:
        console.print(bad(str(difference)), soft_wrap=True)
    if len(differences) > MOST_SHOWN:
        console.print(bad(f"and {len(differences) - MOST_SHOWN} more: --json names all"))


def _tell_of_repair(before: Sequence[Difference], left: Sequence[Difference]) -> None:
    rows = len({(each.table, each.key) for each in before})
    if left:
        console.print(bad(f"{rows} rows were sent again; these differ still:"))
        _name(left)
    else:
        console.print(good(f"{rows} rows were sent again and are equal everywhere" if rows else "nothing to repair"))
