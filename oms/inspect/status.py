"""`oms status`: shows processes, servers, connectors, lag and freshness in one table."""

from __future__ import annotations

import asyncio

import typer
from rich import box
from rich.table import Table

from oms.inspect.checks import CHECKS, Check, Finding
from oms.terminal import bad, console, good, reason

TIMEOUT_S = 30.0


def status() -> None:
    """Show the state of the whole system; exit with 1 if something needs attention."""
    with console.status("checking …"):
        found = asyncio.run(run_checks())
    table = Table("part", "what", "state", "", box=box.SIMPLE_HEAD, pad_edge=False)
    for part, findings in found.items():
        for number, finding in enumerate(findings):
            state = good(finding.state) if finding.is_well else bad(finding.state)
            table.add_row("" if number else part, finding.what, state, finding.detail)
        table.add_section()
    console.print(table)
    if not all(finding.is_well for findings in found.values() for finding in findings):
        raise typer.Exit(1)


async def run_checks() -> dict[str, list[Finding]]:
    """The findings of each check. The checks run concurrently."""
    found = await asyncio.gather(*(_findings(check) for check in CHECKS.values()))
    return dict(zip(CHECKS, found, strict=True))


async def _findings(check: Check) -> list[Finding]:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await check()
    except Exception as error:  # one failed check must not hide the others
        return [Finding("", "unavailable", False, reason(error, TIMEOUT_S))]
