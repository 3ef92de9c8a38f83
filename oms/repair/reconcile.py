"""`oms reconcile`: compares MySQL with the read model, the search index and the replica; `--repair` repairs them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.table import Table as OutputTable

from oms.repair.table_repair import DATABASE_ERRORS, PrintLine, compare_all, repair_all
from oms.terminal import bad, console, fail, good
from reconciliation.comparing import Comparison
from reconciliation.databases import open_databases
from reconciliation.recheck import WAIT_S, StaleView
from reconciliation.rows import Difference
from reconciliation.tables import TABLES

MOST_SHOWN = 100
SOURCE = "MySQL"

Only = Annotated[
    list[str] | None, typer.Option("--table", help=f"Compare only this table ({', '.join(TABLES)}). Repeatable.")
]
Repairs = Annotated[bool, typer.Option("--repair", help="Publish the rows that differ again, and compare again.")]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds that a difference must last to be reported.")]
Deep = Annotated[
    bool, typer.Option("--deep", help="Compare the documents of the search index themselves, not their digests.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]


def reconcile(
    only: Only = None, repairs: Repairs = False, wait_s: Wait = WAIT_S, is_deep: Deep = False, as_json: Json = False
) -> None:
    """Compare MySQL with every view and list the rows that differ; exit with 1 if any remain."""
    if unknown := set(only or ()) - TABLES.keys():
        raise fail(f"unknown table {', '.join(sorted(unknown))}; tables are {', '.join(TABLES)}")
    print_line: PrintLine = (lambda _: None) if as_json else console.print
    try:
        comparisons, left = asyncio.run(_reconcile(only or list(TABLES), wait_s, is_deep, repairs, print_line))
    except StaleView as error:
        raise fail(f"{error}. Check `oms lag`, and compare again") from None
    except DATABASE_ERRORS as error:
        raise fail(f"cannot compare: {error}") from None
    if as_json:
        print(msgspec.json.encode(_document(comparisons, left)).decode())
    else:
        show(comparisons, left)
    if any(each.wrong for each in comparisons) if left is None else left:
        raise typer.Exit(1)


async def _reconcile(
    names: Sequence[str], wait_s: float, is_deep: bool, repairs: bool, print_line: PrintLine
) -> tuple[list[Comparison], list[Difference] | None]:
    async with open_databases(is_deep=is_deep) as databases:
        if not repairs:
            return await compare_all(databases, names, wait_s), None
        comparisons = await repair_all(databases, names, wait_s, print_line)
        if not any(each.wrong for each in comparisons):
            return comparisons, []
        return comparisons, differences(await compare_all(databases, names, wait_s))


def differences(comparisons: Sequence[Comparison]) -> list[Difference]:
    """The named differences of all tables."""
    return [difference for each in comparisons for difference in each.differences]


def _document(comparisons: Sequence[Comparison], left: list[Difference] | None) -> dict[str, object]:
    tables = [asdict(each) for each in comparisons]
    return {"tables": tables} | ({} if left is None else {"left": [asdict(each) for each in left]})


def show(comparisons: Sequence[Comparison], left: list[Difference] | None) -> None:
    """Print the tables with their rows and differences; after a repair, those that are `left`."""
    table = OutputTable("table", "database", "rows", "differ", "seconds", box=box.SIMPLE_HEAD, pad_edge=False)
    for each in comparisons:
        for name, rows in each.rows.items():
            wrong = each.wrong.get(name, 0)
            is_first = name == SOURCE
            mark = "" if is_first else bad(f"{wrong:,}") if wrong else good("0")
            table.add_row(
                *(each.table, name) if is_first else ("", name),
                f"{rows:,}",
                mark,
                f"{each.seconds:.1f}" if is_first else "",
            )
    console.print(table)
    for each in comparisons:
        _print_differences(each.differences)
        if each.is_cut:
            console.print(
                bad(f"{each.table}: more rows differ than are listed; `oms reconcile --repair` repairs all"),
                soft_wrap=True,
            )
    if left is not None:
        _print_repair(sum(sum(each.wrong.values()) for each in comparisons), left)


def _print_differences(named: Sequence[Difference]) -> None:
    for difference in named[:MOST_SHOWN]:
        console.print(bad(str(difference)), soft_wrap=True)
    if len(named) > MOST_SHOWN:
        console.print(bad(f"and {len(named) - MOST_SHOWN} more; --json lists all"))


def _print_repair(rows: int, left: Sequence[Difference]) -> None:
    if left:
        console.print(bad(f"{rows:,} rows of views were repaired; these still differ:"))
        _print_differences(left)
    else:
        repaired = f"{rows:,} rows of views were repaired, no differences left"
        console.print(good(repaired if rows else "nothing to repair"))
