"""`oms connectors`: the connectors and their tasks; `oms connectors register` registers those that are missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import typer
from rich import box
from rich.table import Table

from chassis import addresses
from chassis.problems import Problem
from chassis.settings import SettingMissing
from connectors.connect_api import Connect, ConnectRefused
from connectors.registration import TablesMissing, configurations, register_all
from oms.screen import bad, console, fail, good

commands = typer.Typer(help="The Kafka Connect connectors.", invoke_without_command=True)


@commands.callback()
def show(context: typer.Context) -> None:
    """Show each connector and its tasks, with the reason of what failed."""
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


async def connector_states() -> list[tuple[str, str, str, str]]:
    """Name, part, state and reason of each connector and its tasks, those that should be there and are not included."""
    connect = Connect()
    try:
        registered = await connect.names()
        statuses = [await connect.status(name) for name in registered]
    finally:
        await connect.close()
    missing = [(name, "connector", "NOT REGISTERED", "") for name in sorted(configurations().keys() - set(registered))]
    return [part for status in statuses for part in _parts(status)] + missing


def _parts(status: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for part, each in [("connector", status["connector"]), *((f"task {task['id']}", task) for task in status["tasks"])]:
        yield status["name"], part, each["state"], str(each.get("trace", "")).partition("\n")[0]
    if not status["tasks"]:
        yield status["name"], "task", "NONE", "Connect has not started it yet"


def _connect_is_away(error: Exception) -> typer.Exit:
    return fail(f"Connect does not answer at {addresses.url('connect')}: {error}")
