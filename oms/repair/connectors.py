"""`oms connectors`: shows the connectors and their tasks, registers missing ones, closes gaps by a new snapshot."""

from __future__ import annotations

import asyncio
from typing import Annotated

import httpx
import typer
from rich import box
from rich.table import Table

from chassis import addresses
from chassis.http.errors.problems import Problem
from chassis.settings import SettingMissing
from connectors.connect_api import ConnectError
from connectors.registration import MissingTables, configurations, register_all
from oms.inspect.connectors import connector_states
from oms.repair.resnapshot import SnapshotFailed, resnapshot
from oms.repair.table_repair import DATABASE_ERRORS
from oms.terminal import bad, console, fail, good

commands = typer.Typer(help="Show, register and resnapshot the Kafka Connect connectors.", invoke_without_command=True)

Names = Annotated[list[str], typer.Argument(help="Names of connectors, such as oms-orders.")]


@commands.callback()
def show(context: typer.Context) -> None:
    """Show the state of each connector and task, with the cause and the remedy of a failure."""
    if context.invoked_subcommand is None:
        try:
            states = asyncio.run(connector_states())
        except (httpx.TransportError, ConnectError) as error:
            raise _no_connect(error) from None
        table = Table("connector", "part", "state", "reason", box=box.SIMPLE_HEAD, pad_edge=False)
        for name, part, state, reason in states:
            table.add_row(name, part, good(state) if state == "RUNNING" else bad(state), reason)
        console.print(table)


@commands.command()
def register() -> None:
    """Register connectors that are missing or have changed. Their tables must exist."""
    try:
        changed = asyncio.run(register_all())
    except (httpx.TransportError, ConnectError) as error:
        raise _no_connect(error) from None
    except (MissingTables, SettingMissing, Problem) as error:
        raise fail(str(error)) from None
    console.print(f"registered: {', '.join(changed)}" if changed else "all connectors are registered and up to date")


@commands.command("resnapshot")
def resnapshot_command(names: Names) -> None:
    """Close a gap: snapshot the tables of these connectors again, delete missing rows from views, and compare."""
    if unknown := set(names) - configurations().keys():
        raise fail(
            f"there is no connector {', '.join(sorted(unknown))}: there are {', '.join(sorted(configurations()))}"
        )
    try:
        left = asyncio.run(resnapshot(names))
    except (httpx.TransportError, ConnectError) as error:
        raise _no_connect(error) from None
    except (SnapshotFailed, *DATABASE_ERRORS) as error:
        raise fail(
            f"resnapshot failed: {error}. Run it again, or `oms reconcile --repair` once the snapshot is done"
        ) from None
    if left:
        raise typer.Exit(1)


def _no_connect(error: Exception) -> typer.Exit:
    return fail(f"Connect does not answer at {addresses.url('connect')}: {error}")
