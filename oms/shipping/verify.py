"""`oms shipping verify`: checks that the events of all shipments have no gaps and lead to their rows."""

from __future__ import annotations

import asyncio

import typer

from oms.repair.table_repair import DATABASE_ERRORS
from oms.terminal import bad, console, fail, good
from shipping.settings import database
from shipping.shipments.verifying import Fault, verify


def verify_shipments() -> None:
    """Verify all shipments against their events; exit with 1 if one differs."""
    try:
        with console.status("verifying …"):
            found = asyncio.run(_faults())
    except DATABASE_ERRORS as error:
        raise fail(f"cannot verify: {error}") from None
    for each in found:
        console.print(bad(f"{each.shipment_id} {each.what}"), soft_wrap=True)
    console.print(bad(f"{len(found)} faults") if found else good("all shipments are as their events say"))
    if found:
        raise typer.Exit(1)


async def _faults() -> list[Fault]:
    own = database()
    try:
        return [each async for each in verify(own)]
    finally:
        await own.close()
