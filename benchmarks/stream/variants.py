"""The variants: each fills an empty read model from the topics to the end."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.stream import flink, kafka_streams, peers, read_model
from benchmarks.stream.processes import process, trees
from benchmarks.stream.read_model import Load
from benchmarks.stream.runs import Run
from benchmarks.stream.shop import LINES
from benchmarks.stream.topics import Ends
from benchmarks.stream.watching import watch

WORKER, FLOOR = "worker", "floor"
PEERS = (kafka_streams.NAME, flink.NAME)
NAMES = (WORKER, FLOOR, *PEERS)


async def run(name: str, number: int, load: Load) -> Run:
    """Run a variant over all records. Raises RuntimeError if the read model is wrong in the end."""
    if name == WORKER:
        return await _worker_run(load)
    if name == FLOOR:
        command = [sys.executable, "-m", "benchmarks.stream.floor", f"floor-{number}", str(load.orders)]
        return await peers.run(FLOOR, number, load, command)
    peer = {kafka_streams.NAME: kafka_streams.run, flink.NAME: flink.run}[name]
    return await peer(number, load)


def command_of_worker() -> Sequence[str]:
    """The command that starts the worker."""
    return [sys.executable, "-m", "orders_stream.worker"]


async def _worker_run(load: Load) -> Run:
    await read_model.empty()
    async with read_model.connected() as connection, Ends() as ends:
        look = read_model.progress_reader(connection, ends, load.orders * (1 + LINES))
        with process(WORKER, *command_of_worker()) as started:
            seconds, samples = await watch(trees(started.pid), look, read_model.EVERY_S)
    contents = await read_model.check(load)
    return Run(name=WORKER, orders=load.orders, seconds=seconds, samples=samples, contents=contents)
