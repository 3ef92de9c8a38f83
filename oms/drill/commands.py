"""The commands of `oms drill`."""

from __future__ import annotations

import typer

from oms.drill.flash_sale import flash_sale
from oms.drill.stores import drill_stores

commands = typer.Typer(no_args_is_help=True, help="Prove a promise on the running system, while processes are killed.")
commands.command("flash-sale")(flash_sale)
commands.command("stores")(drill_stores)


@commands.callback()
def begin_drill() -> None:
    """Prove a promise on the running system, while processes are killed."""
