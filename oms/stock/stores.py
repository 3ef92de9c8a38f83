"""The commands of `oms stores`: the places that hold stock."""

from __future__ import annotations

import typer

from oms.stock.stores_add import add_store
from oms.stock.stores_list import list_stores
from oms.stock.stores_restore import restore_store
from oms.stock.stores_resync import resync_stores

commands = typer.Typer(no_args_is_help=True, help="List, add, resynchronize and restore the stores that hold stock.")
commands.command("list")(list_stores)
commands.command("add")(add_store)
commands.command("resync")(resync_stores)
commands.command("restore")(restore_store)
