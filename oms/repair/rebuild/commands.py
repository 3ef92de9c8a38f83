"""`oms rebuild`, `oms rebuild search`, `oms rebuild undo`, `oms rebuild undo search`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Annotated, Any

import asyncpg
import typer
from aiokafka.errors import KafkaError

from chassis import logs
from chassis.http.problems import Unavailable
from oms.repair.rebuild import read_model, search
from oms.repair.rebuild.outcomes import Differs, NothingToUndo, NotSwapped, RebuildRunning
from oms.terminal import console, fail, reason

commands = typer.Typer(help="Make a view anew from the topics, while all goes on.", invoke_without_command=True)
undoing = typer.Typer(help="Take the last rebuild back.", invoke_without_command=True)
commands.add_typer(undoing, name="undo")

Fresh = Annotated[bool, typer.Option("--fresh", help="Begin anew what an interrupted rebuild has done so far.")]


@commands.callback()
def rebuild(context: typer.Context, fresh: Fresh = False) -> None:
    """Fill the read model anew beside the live one, compare the two, and let it take its place. Readers see no gap."""
    if context.invoked_subcommand is None:
        _run(read_model.rebuild(fresh=fresh))


@commands.command("search")
def rebuild_search() -> None:
    """The same for the search index, with the mapping of today."""
    _run(search.rebuild())


@undoing.callback()
def undo(context: typer.Context) -> None:
    """Bring the read model from before the last rebuild up to date, and put it in place again."""
    if context.invoked_subcommand is None:
        _run(read_model.undo())


@undoing.command("search")
def undo_search() -> None:
    """The same for the search index."""
    _run(search.undo())


def _run(work: Coroutine[Any, Any, None]) -> None:
    logs.configure("rebuild", logging.WARNING)
    try:
        asyncio.run(work)
    except (Differs, NotSwapped, NothingToUndo, RebuildRunning) as error:
        raise fail(str(error)) from None
    except asyncpg.PostgresError as error:
        raise fail(f"Postgres refused, and nothing has changed: {reason(error)}. Run it again to go on") from None
    except (Unavailable, KafkaError) as error:
        raise fail(f"a server is away, run it again to go on: {reason(error)}") from None
    except KeyboardInterrupt:
        console.print("interrupted; run it again to go on")
        raise typer.Exit(130) from None
