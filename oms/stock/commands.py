"""The commands of `oms stock`."""

from __future__ import annotations

import typer

from oms.stock.adjust import adjust_stock
from oms.stock.show import show_stock
from oms.stock.verify import verify_stock

commands = typer.Typer(no_args_is_help=True, help="Show, adjust and verify the stock of all stores.")
commands.command("show")(show_stock)
commands.command("adjust", context_settings={"ignore_unknown_options": True})(adjust_stock)  # -5 is a number
commands.command("verify")(verify_stock)
