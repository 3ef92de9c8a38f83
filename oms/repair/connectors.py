"""`oms connectors`: the connectors and their tasks; `register` those that are missing, `resnapshot` after a gap."""

from __future__ import annotations

import asyncio
from typing import Annotated

import httpx
import typer
from rich import box
from rich.table import Table

from chassis import addresses
from chassis.http.problems import Problem
from chassis.settings import SettingMissing
from connectors.connect_api import ConnectRefused
from connectors.registration import TablesMissing, configurations, register_all
from oms.inspect.connectors import connector_states
from oms.repair.resnapshot import CANNOT, NotSnapshotted, resnapshot
from oms.terminal import bad, console, fail, good

commands = typer.Typer(help="The Kafka Connect connectors.", invoke_without_command=True)

Names = Annotated[list[str], typer.Argument(help="Connectors, such as oms-orders.")]


@commands.callback()
def show(context: typer.Context) -> None:
    """Show each connector and its tasks, why one failed, which rows are missing, and what to do."""
    if context.invoked_subcommand is None:
        try:
            states = asyncio.run(connector_states())
        except (httpx.TransportError, ConnectRefused) as error:
            raise _connect_is_away(error) from None
        table = Table("connector", "part", "state", "reason", box=box.SIMPLE_HEAD, pad_edge=False)
        for name, part, state, reason in states:
            table.add_row(name, part, good(state) if state == "RUNNING" else bad(state), reason)
        console.print(table)


@commands.command()
def register() -> None:
    """Register what is missing or has changed. Waits for nothing: the tables must be there."""
    try:
        changed = asyncio.run(register_all())
    except (httpx.TransportError, ConnectRefused) as error:
        raise _connect_is_away(error) from None
    except (TablesMissing, SettingMissing, Problem) as error:
        raise fail(str(error)) from None
    console.print(f"registered: {', '.join(changed)}" if changed else "all connectors are registered as they should be")


@commands.command("resnapshot")
def resnapshot_command(names: Names) -> None:
    """Read the tables of connectors anew after a gap, find what was deleted meanwhile, and prove that all is equal."""
    if unknown := set(names) - configurations().keys():
        raise fail(
            f"there is no connector {', '.join(sorted(unknown))}: there are {', '.join(sorted(configurations()))}"
        )
    try:
        left = asyncio.run(resnapshot(names))
    except (httpx.TransportError, ConnectRefused) as error:
        raise _connect_is_away(error) from None
    except (NotSnapshotted, *CANNOT) as error:
        raise fail(f"not done: {error}. Run it again, or `oms reconcile --repair` once the snapshot is done") from None
    if left:
        raise typer.Exit(1)


def _connect_is_away(error: Exception) -> typer.Exit:
    return fail(f"Connect does not answer at {addresses.url('connect')}: {error}")
