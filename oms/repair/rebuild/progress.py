"""The progress bar of a rebuild: how much is read of what there is, how fast, and how long it will take."""

from __future__ import annotations

import asyncio
from time import monotonic

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from contracts.orders import ORDER
from oms.repair.rebuild.backfill import Backfill
from oms.terminal import console

UPDATE_EVERY_S = 0.5


class Rate(ProgressColumn):
    """The average rate of a field of the task, per second."""

    def __init__(self, field: str) -> None:
        super().__init__()
        self._field = field

    def render(self, task: Task) -> Text:
        """The rate, with the name of the field."""
        rate = task.fields[self._field] / max(task.elapsed or 0.0, 0.001)
        return Text(f"{rate:,.0f} {self._field}/s", style="progress.data.speed")


async def until_current(fill: Backfill, what: str) -> None:
    """Show the bar until every record that exists is stored, then print the time and the rate."""
    began = monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} records"),
        Rate("records"),
        Rate("orders"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, speed_estimate_period=10) as bar:
        task = bar.add_task(what, total=0, records=0, orders=0)
        while True:
            ends = await fill.ends()
            total = sum(end - fill.starts[tp] for tp, end in ends.items())
            done = sum(min(fill.reached[tp], end) - fill.starts[tp] for tp, end in ends.items())
            bar.update(task, total=total, completed=done, records=fill.records.total(), orders=fill.records[ORDER.name])
            if all(fill.reached[tp] >= end for tp, end in ends.items()):
                break
            try:
                async with asyncio.timeout(UPDATE_EVERY_S):
                    await fill.until(ends)
            except TimeoutError:
                continue
    spent_s = monotonic() - began
    records, orders = fill.records.total(), fill.records[ORDER.name]
    console.print(
        f"{what}: {records:,} records in {spent_s:.1f} s, {records / spent_s:,.0f} a second"
        + (f"; {orders / spent_s:,.0f} orders a second" if orders else "")
    )
