"""`oms shipping verify`: checks that the events of all streams have no gaps and lead to their rows."""

from __future__ import annotations

import asyncio

import typer

from oms.repair.table_repair import DATABASE_ERRORS
from oms.terminal import bad, console, fail, good
from shipping.days.verifying import verify_days
from shipping.events.faults import Fault
from shipping.returns import verifying as returns
from shipping.settings import database
from shipping.shipments import verifying as shipments


def verify() -> None:
    """Verify all shipments, returns and delivery days against their events; exit with 1 if one differs."""
    try:
        with console.status("verifying …"):
            found = asyncio.run(_faults())
    except DATABASE_ERRORS as error:
        raise fail(f"cannot verify: {error}") from None
    for each in found:
        console.print(bad(f"{each.identity} {each.what}"), soft_wrap=True)
    right = "all shipments, returns and delivery days are as their events say"
    console.print(bad(f"{len(found)} faults") if found else good(right))
    if found:
        raise typer.Exit(1)


async def _faults() -> list[Fault]:
    own = database()
    try:
        verified = (shipments.verify(own), returns.verify(own), verify_days(own))
        return [each for found in verified async for each in found]
    finally:
        await own.close()
