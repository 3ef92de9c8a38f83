"""The throughput of `oms rebuild`, and whether its memory grows with the number of orders.

python -m benchmarks.stream.rebuild [--orders 1000000] [--against-worker]

With `--against-worker`, the worker first fills another read model from the same topics.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from time import monotonic, process_time

import psutil

from benchmarks import servers
from benchmarks.measures import ratio
from benchmarks.stream import read_model, shop, topics, variants
from benchmarks.stream.read_model import Load
from chassis import logs
from contracts.orders import ORDER
from oms.repair.rebuild import schemas
from oms.repair.rebuild.backfill import Backfill
from oms.repair.rebuild.lock import rebuild_lock
from oms.repair.rebuild.read_model import backfilled
from oms.repair.rebuild.schemas import NEXT
from oms.repair.rebuild.swap import swap

QUARTERS = (0.25, 0.5, 0.75, 1.0)


async def rebuild(worker_per_second: float | None) -> None:
    """Fill, print throughput and memory at each quarter, and swap."""
    logs.configure("rebuild", logging.WARNING)
    async with rebuild_lock("read model") as connection:
        await schemas.drop(connection, NEXT)
        async with backfilled(connection, NEXT) as fill:
            memory, per_second = await _measured(fill)
            began = monotonic()
            await swap(connection, fill, NEXT)
            print(f"swapped in {monotonic() - began:.2f} s")
    print(ratio("rebuild-memory-first-half-to-whole", max(memory[:2]) / max(memory), 0.9))
    if worker_per_second:
        print(ratio("rebuild-orders-per-second-to-worker", per_second / worker_per_second, 1.5))


async def _measured(fill: Backfill) -> tuple[list[float], float]:
    """Resident memory (MB) at each quarter, and orders per second; prints the throughput so far."""
    ends, began, cpu, memory = await fill.ends(), monotonic(), process_time(), []
    total = sum(ends.values()) - sum(fill.starts.values())
    for share in QUARTERS:
        await fill.until_read(share * total)
        seconds, orders = monotonic() - began, fill.records[ORDER.name]
        memory.append(psutil.Process().memory_info().rss / 1e6)
        print(
            f"{share:4.0%}  {orders:9,} orders  {orders / seconds:7,.0f} orders/s  "
            f"{fill.records.total() / (process_time() - cpu):8,.0f} records per CPU second  {memory[-1]:6.1f} MB",
            flush=True,
        )
    return memory, orders / seconds


async def _in_a_process_of_its_own(orders: int, against_worker: bool) -> None:
    """Run the rebuild in its own process, to measure its memory. Raises RuntimeError if it fails or is wrong."""
    load = Load(orders, await topics.fill(orders), shop.total_of(orders))
    print(f"{load.records:,} records are on the topics", flush=True)
    command = [sys.executable, "-m", "benchmarks.stream.rebuild", "--inside"]
    if against_worker:
        run = await variants.run(variants.WORKER, 0, load)
        print(run.line(), flush=True)
        command += ["--worker-per-second", str(run.orders_per_second())]
    await read_model.empty()
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait():
        raise RuntimeError("the rebuild failed")
    contents = await read_model.check(load)
    if against_worker and contents != run.contents:
        raise RuntimeError(f"the rebuild and the worker differ: {contents}, {run.contents}")


def main() -> None:
    """Fill the topics, then rebuild a read model from them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream.rebuild", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--against-worker", action="store_true", help="let the worker process the same orders first")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--worker-per-second", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        asyncio.run(rebuild(options.worker_per_second))
        return
    with servers.running("kafka", "postgres"):
        asyncio.run(_in_a_process_of_its_own(options.orders, options.against_worker))


if __name__ == "__main__":
    main()
