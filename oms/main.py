"""The command `oms`: registers every command and group of commands."""

from __future__ import annotations

import typer

from oms.company.exporting.export_command import export_folder
from oms.company.importing.import_command import import_folder
from oms.demo.story import demo
from oms.drill import commands as drills
from oms.environment import load_secrets
from oms.inspect import topics
from oms.inspect.lag import lag
from oms.inspect.status import status
from oms.inspect.trace import trace
from oms.kafka import silence_client_log
from oms.prepare.command import prepare
from oms.prepare.topics import create
from oms.repair import connectors, dead_letters, synonyms
from oms.repair.add_partitions import add_partitions
from oms.repair.rebuild import commands as rebuild
from oms.repair.reconcile import reconcile
from oms.shipping import commands as shipping
from oms.stock import commands as stock
from oms.stock import stores

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)


@app.callback()
def begin() -> None:
    """Import a company, trace orders, inspect the system and repair it."""
    load_secrets()
    silence_client_log()


app.command("demo")(demo)
app.command("import")(import_folder)
app.command("export")(export_folder)
app.command("trace")(trace)
app.command("status")(status)
app.command("lag")(lag)
app.command("reconcile")(reconcile)
app.add_typer(topics.commands, name="topics")
topics.commands.command("create")(create)
topics.commands.command("add-partitions")(add_partitions)
app.add_typer(dead_letters.commands, name="dead-letters")
app.add_typer(synonyms.commands, name="synonyms")
app.add_typer(connectors.commands, name="connectors")
app.add_typer(rebuild.commands, name="rebuild")
app.add_typer(stock.commands, name="stock")
app.add_typer(stores.commands, name="stores")
app.add_typer(shipping.commands, name="shipping")
app.add_typer(drills.commands, name="drill")
app.command("prepare")(prepare)
