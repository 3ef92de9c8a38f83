"""`oms lag`: shows how far each step from MySQL to the views lags, also when there are no writes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich import box
from rich.table import Table

from chassis import addresses
from oms.inspect.lag_of_steps import read_steps
from oms.inspect.step import Step
from oms.terminal import bad, console, fail, good, reason

TIMEOUT_S = 30.0

Limit = Annotated[float, typer.Option("--limit", help="Seconds; exit with 1 if a step lags more.")]


def lag(limit: Limit = 10.0) -> None:
    """Show how far each step lags: connectors behind MySQL, views behind their topics."""
    try:
        steps = asyncio.run(_read_steps())
    except (KafkaError, OSError, TimeoutError) as error:
        raise fail(f"kafka does not answer at {addresses.address('kafka')}: {reason(error)}") from None
    console.print(table(steps, limit, datetime.now(UTC)))
    if not all(step.is_within(limit, datetime.now(UTC)) for step in steps):
        raise typer.Exit(1)


def table(steps: list[Step], limit: float, now: datetime) -> Table:
    """A table of the steps, in the direction of data flow."""
    caption = "lag: age of the oldest change or heartbeat in MySQL that the step has not processed"
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption=caption, caption_justify="left")
    numbers = ("lag", "records\nwaiting")
    for column in ("database", "step", *numbers, ""):
        # The name of a step has the topics, which are many: it is wrapped, so that the lag fits on any terminal.
        shown.add_column(column, no_wrap=column not in ("step", ""), justify="right" if column in numbers else "left")
    database = ""
    for step in steps:
        if database not in ("", step.database):
            shown.add_section()
        text = "no heartbeat" if step.since is None else f"{step.lag_s(now):.1f} s"
        mark = good if step.is_within(limit, now) else bad
        shown.add_row(
            "" if step.database == database else step.database, step.name, mark(text), str(step.waiting), step.detail
        )
        database = step.database
    return shown


async def _read_steps() -> list[Step]:
    async with asyncio.timeout(TIMEOUT_S):
        return await read_steps()
