"""The commands of `oms shipping`."""

from __future__ import annotations

import typer

from oms.shipping.replay import replay
from oms.shipping.replay_day import replay_day
from oms.shipping.verify import verify

commands = typer.Typer(no_args_is_help=True, help="Replay and verify the events of shipments and returns.")

commands.command("replay")(replay)
commands.command("replay-day")(replay_day)
commands.command("verify")(verify)
