"""`oms shipping verify`: checks that the events of all shipments and returns have no gaps and lead to their rows."""

from __future__ import annotations

import asyncio

import typer

from oms.repair.table_repair import DATABASE_ERRORS
from oms.terminal import bad, console, fail, good
from shipping.events.faults import Fault
from shipping.returns import verifying as returns
from shipping.settings import database
from shipping.shipments import verifying as shipments


def verify() -> None:
    """Verify all shipments and returns against their events; exit with 1 if one differs."""
    try:
        with console.status("verifying …"):
            found = asyncio.run(_faults())
    except DATABASE_ERRORS as error:
        raise fail(f"cannot verify: {error}") from None
    for each in found:
        console.print(bad(f"{each.identity} {each.what}"), soft_wrap=True)
    console.print(bad(f"{len(found)} faults") if found else good("all shipments and returns are as their events say"))
    if found:
        raise typer.Exit(1)


async def _faults() -> list[Fault]:
    own = database()
    try:
        return [each for verified in (shipments.verify(own), returns.verify(own)) async for each in verified]
    finally:
        await own.close()
