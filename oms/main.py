"""The command `oms`: one file per command, put together here."""

from __future__ import annotations

import typer

from oms import connectors, dead_letters, synonyms, topics
from oms.demo import demo
from oms.environment import load_secrets
from oms.export_company import export_folder
from oms.growing import grow
from oms.import_company import import_folder
from oms.kafka import be_quiet
from oms.lag import lag
from oms.prepare import prepare
from oms.rebuild import commands as rebuild
from oms.reconcile import reconcile
from oms.status import status
from oms.trace import trace

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)


@app.callback()
def begin() -> None:
    """Fill the system, follow an order through it, see how it is."""
    load_secrets()
    be_quiet()


app.command("demo")(demo)
app.command("import")(import_folder)
app.command("export")(export_folder)
app.command("trace")(trace)
app.command("status")(status)
app.command("lag")(lag)
app.command("reconcile")(reconcile)
app.add_typer(topics.commands, name="topics")
topics.commands.command("grow")(grow)
app.add_typer(dead_letters.commands, name="dead-letters")
app.add_typer(synonyms.commands, name="synonyms")
app.add_typer(connectors.commands, name="connectors")
app.add_typer(rebuild.commands, name="rebuild")
app.command("prepare")(prepare)
