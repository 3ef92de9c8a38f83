"""The commands of `oms stock`."""

from __future__ import annotations

import typer

from oms.stock.verify import verify_stock

commands = typer.Typer(no_args_is_help=True, help="Show, adjust and verify the stock of all stores.")
commands.command("verify")(verify_stock)
