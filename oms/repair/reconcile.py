"""`oms reconcile`: whether MySQL, the read model, the search index and the replica are equal; `--repair` makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.table import Table as Shown

from oms.repair.table_repair import CANNOT, Say, compare_all, repair_all
from oms.terminal import bad, console, fail, good
from reconciliation.comparing import Comparison
from reconciliation.databases import opened
from reconciliation.recheck import WAIT_S, ViewBehind
from reconciliation.rows import Difference
from reconciliation.tables import TABLES

MOST_SHOWN = 100
SOURCE = "MySQL"

Only = Annotated[
    list[str] | None, typer.Option("--table", help=f"Only this one: {', '.join(TABLES)}. May be repeated.")
]
Repairs = Annotated[
    bool, typer.Option("--repair", help="Send just the rows that differ once more, however many, and compare again.")
]
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
    say: Say = (lambda _: None) if as_json else console.print
    try:
        comparisons, left = asyncio.run(_reconcile(only or list(TABLES), wait_s, is_deep, repairs, say))
    except ViewBehind as error:
        raise fail(f"{error}: what it lacks may be on its way. `oms lag` shows where it waits") from None
    except CANNOT as error:
        raise fail(f"cannot reconcile: {error}") from None
    if as_json:
        print(msgspec.json.encode(_document(comparisons, left)).decode())
    else:
        show(comparisons, left)
    if any(each.wrong for each in comparisons) if left is None else left:
        raise typer.Exit(1)


async def _reconcile(
    names: Sequence[str], wait_s: float, is_deep: bool, repairs: bool, say: Say
) -> tuple[list[Comparison], list[Difference] | None]:
    async with opened(is_deep=is_deep) as stores:
        if not repairs:
            return await compare_all(stores, names, wait_s), None
        comparisons = await repair_all(stores, names, wait_s, say)
        if not any(each.wrong for each in comparisons):
            return comparisons, []
        return comparisons, differences(await compare_all(stores, names, wait_s))


def differences(comparisons: Sequence[Comparison]) -> list[Difference]:
    """All that is named as wrong."""
    return [difference for each in comparisons for difference in each.differences]


def _document(comparisons: Sequence[Comparison], left: list[Difference] | None) -> dict[str, object]:
    tables = [asdict(each) for each in comparisons]
    return {"tables": tables} | ({} if left is None else {"left": [asdict(each) for each in left]})


def show(comparisons: Sequence[Comparison], left: list[Difference] | None) -> None:
    """Print the tables with their rows and what differs; after a repair, what is `left`."""
    table = Shown("table", "store", "rows", "differ", "seconds", box=box.SIMPLE_HEAD, pad_edge=False)
    for each in comparisons:
        for store, rows in each.rows.items():
            wrong = each.wrong.get(store, 0)
            is_first = store == SOURCE
            mark = "" if is_first else bad(f"{wrong:,}") if wrong else good("0")
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
                bad(f"{each.table}: more differ than are named; `oms reconcile --repair` repairs any number"),
                soft_wrap=True,
            )
    if left is not None:
        _tell_of_repair(sum(sum(each.wrong.values()) for each in comparisons), left)


def _name(named: Sequence[Difference]) -> None:
    for difference in named[:MOST_SHOWN]:
        console.print(bad(str(difference)), soft_wrap=True)
    if len(named) > MOST_SHOWN:
        console.print(bad(f"and {len(named) - MOST_SHOWN} more: --json names all"))


def _tell_of_repair(rows: int, left: Sequence[Difference]) -> None:
    if left:
        console.print(bad(f"{rows:,} rows of views were repaired; these differ still, or again:"))
        _name(left)
    else:
        repaired = f"{rows:,} rows of views were repaired and all is equal"
        console.print(good(repaired if rows else "nothing to repair"))
