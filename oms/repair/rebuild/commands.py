"""`oms rebuild`, `oms rebuild search`, `oms rebuild undo`, `oms rebuild undo search`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Annotated, Any

import asyncpg
import pymysql
import typer
from aiokafka.errors import KafkaError

from chassis import logs
from chassis.http.errors.problems import Unavailable
from oms.repair.rebuild import read_model, search
from oms.repair.rebuild.errors import NoPreviousView, RebuildRunning, SwapTimeout, ViewDiffers
from oms.terminal import console, fail, reason
from reconciliation.recheck import StaleView

commands = typer.Typer(help="Rebuild a view from the topics without downtime.", invoke_without_command=True)
undo_commands = typer.Typer(help="Undo the last rebuild.", invoke_without_command=True)
commands.add_typer(undo_commands, name="undo")

Fresh = Annotated[bool, typer.Option("--fresh", help="Discard the progress of an interrupted rebuild.")]


@commands.callback()
def rebuild(context: typer.Context, fresh: Fresh = False) -> None:
    """Rebuild the read model from the topics, compare it with MySQL, and swap it in. Readers notice nothing."""
    if context.invoked_subcommand is None:
        _run(read_model.rebuild(fresh=fresh))


@commands.command("read-model")
def rebuild_read_model(fresh: Fresh = False) -> None:
    """Rebuild the read model: the same as without a command."""
    _run(read_model.rebuild(fresh=fresh))


@commands.command("search")
def rebuild_search() -> None:
    """Rebuild the search index from the topic, with the current mapping."""
    _run(search.rebuild())


@undo_commands.callback()
def undo(context: typer.Context) -> None:
    """Update the read model from before the last rebuild, and swap it in again."""
    if context.invoked_subcommand is None:
        _run(read_model.undo())


@undo_commands.command("read-model")
def undo_read_model() -> None:
    """Undo the last rebuild of the read model: the same as without a command."""
    _run(read_model.undo())


@undo_commands.command("search")
def undo_search() -> None:
    """Update the search index from before the last rebuild, and swap it in again."""
    _run(search.undo())


def _run(work: Coroutine[Any, Any, None]) -> None:
    logs.configure("rebuild", logging.WARNING)
    try:
        asyncio.run(work)
    except (ViewDiffers, SwapTimeout, NoPreviousView, RebuildRunning) as error:
        raise fail(str(error)) from None
    except StaleView as error:
        raise fail(f"{error}; nothing was swapped. Check `oms lag`, then run it again") from None
    except asyncpg.PostgresError as error:
        raise fail(f"Postgres error, nothing was changed: {reason(error)}. Run it again to resume") from None
    except pymysql.err.MySQLError as error:
        raise fail(f"MySQL error, nothing was changed: {reason(error)}. Start the services, which migrate it") from None
    except (Unavailable, KafkaError) as error:
        raise fail(f"a server is unavailable: {reason(error)}. Run it again to resume") from None
    except KeyboardInterrupt:
        console.print("interrupted; run it again to resume")
        raise typer.Exit(130) from None
