"""Runs one variant from an empty read model to the end: the worker or the limit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec

from benchmarks.stream import read_model
from benchmarks.stream.runs import Run
from benchmarks.stream.shop import LINES
from benchmarks.stream.topics import Ends
from benchmarks.stream.watching import watch


class Load(msgspec.Struct, frozen=True):
    """The content of the topics: orders, all records, and the sums over the orders."""

    orders: int
    records: int
    total: Decimal


@contextmanager
def process(name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process to measure; its output goes to the logs of this benchmark."""
    log = Path(os.environ["OMS_DATA_DIR"]) / "log" / f"{name}.log"
    with log.open("ab") as out, subprocess.Popen(command, stdout=out, stderr=out) as started:
        try:
            yield started
        except Exception as error:
            error.add_note(f"the last of {name}: {log.read_text()[-2000:]}")
            raise
        finally:
            started.terminate()


def command_of(name: str, number: int) -> list[str]:
    """The command that starts the worker or the limit for the run with this number."""
    module = ["orders_stream.worker"] if name == "worker" else ["benchmarks.stream.limit", f"limit-{number}"]
    return [sys.executable, "-m", *module]


async def run(name: str, number: int, load: Load) -> Run:
    """Run the worker or the limit over all records. Raises RuntimeError if the read model is wrong in the end."""
    await read_model.empty()
    async with read_model.connected() as connection, Ends() as ends:
        look = read_model.progress_reader(connection, ends, load.orders * (1 + LINES))
        with process(name, *command_of(name, number)) as started:
            seconds, samples = await watch([started.pid], look, read_model.EVERY_S)
    await read_model.check(load.orders, load.orders * LINES, load.total)
    return Run(name=name, orders=load.orders, records=load.records, seconds=seconds, samples=samples)
