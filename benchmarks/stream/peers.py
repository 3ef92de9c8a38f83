"""Runs a variant that writes only orders, from an empty read model to the end."""

from __future__ import annotations

import re
from collections.abc import Sequence

import asyncpg

from benchmarks.stream import read_model
from benchmarks.stream.processes import log_of, process, trees
from benchmarks.stream.read_model import Load
from benchmarks.stream.runs import Run
from benchmarks.stream.watching import Progress, ReadProgress, watch

LOOK_EVERY_S = 0.5
"""Each check counts the rows of the table; more checks would slow down the variant."""


async def run(name: str, number: int, load: Load, command: Sequence[str]) -> Run:
    """Let a process fill the read model. Raises RuntimeError if the read model is wrong in the end."""
    await read_model.empty()
    await read_model.project_references()
    async with read_model.connected() as connection:
        look = _progress_reader(connection, name, number, load.orders)
        with process(name, *command) as started:
            seconds, samples = await watch(trees(started.pid), look, LOOK_EVERY_S)
    contents = await read_model.check(load)
    # The last order arrived between two checks: the whole interval is credited to the variant.
    return Run(name=name, orders=load.orders, seconds=seconds - LOOK_EVERY_S, samples=samples, contents=contents)


def _progress_reader(connection: asyncpg.Connection, name: str, number: int, orders: int) -> ReadProgress:
    """A function that reads how many orders are in the read model, and when this run's process read its first row.

    The process prints the latter as `began` with milliseconds since 1970.
    """

    async def look() -> Progress:
        began = re.findall(r"^began (\d+)$", log_of(name).read_text(), re.MULTILINE)
        count = await connection.fetchval("SELECT count(*) FROM sales_order")
        return Progress(int(began[number]) / 1000 if len(began) > number else None, count / orders, (count,))

    return look
