"""`make bench-inventory`: orders whose stock is decided, against the bare statements, and against one transaction each.

python -m benchmarks.inventory [--batches 20] [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter

from benchmarks import measures, servers
from benchmarks.inventory import limit
from benchmarks.inventory.orders import HOT, SPREAD, Shape, chunk, stock
from benchmarks.measures import Measure
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.rest import idempotency
from inventory.answers.stock import take_over_stock
from inventory.orders.arriving import decide_orders
from inventory.orders.terms import begin_sourcing
from inventory.portions import MOST_AT_ONCE
from inventory.settings import MIGRATIONS, database
from oms.prepare.mysql import prepare_mysql

SUMS = """
SELECT (SELECT SUM(reserved) FROM availability) AS reserved, (SELECT SUM(quantity) FROM reservation) AS asked,
    (SELECT COUNT(*) FROM sourcing WHERE status = 'reserved') AS orders
"""


def now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


async def measure(options: argparse.Namespace) -> None:
    """Measure all variants alternately, and print the ratios. Raises RuntimeError if the sums are wrong."""
    await prepare_mysql()
    inventory = database()
    try:
        await migrate_mysql(inventory, idempotency.MIGRATIONS, MIGRATIONS)
        await begin_sourcing(inventory, datetime(2020, 1, 1, tzinfo=UTC))
        await take_over_stock(inventory, now)(stock())
        decided = 0
        for shape in (SPREAD, HOT):
            decided += await _measure(inventory, shape, options)
        await _check(inventory, decided)
    finally:
        await inventory.close()


async def _measure(inventory: Database, shape: Shape, options: argparse.Namespace) -> int:
    """Returns how many orders were reserved."""
    decide = decide_orders(inventory, now)
    runs: dict[str, list[Measure]] = {"decided": [], "bare": [], "single": []}
    size, orders = MOST_AT_ONCE, 0
    for _ in range(options.rounds):
        chunks = [chunk(shape, size) for _ in range(options.batches)]
        works: dict[str, tuple[int, list[Callable[[], Awaitable[None]]]]] = {
            "decided": (size, [lambda each=each: decide(each) for each in chunks]),  # type: ignore[misc]
            "bare": (
                size,
                [
                    lambda each=each: each.write(inventory)  # type: ignore[misc]
                    for each in limit.prepared([chunk(shape, size) for _ in range(options.batches)])
                ],
            ),
            "single": (
                1,
                [lambda each=each: decide(each) for each in [chunk(shape, 1) for _ in range(size)]],  # type: ignore[misc]
            ),
        }
        for name, (of_each, work) in works.items():
            run = await _timed(f"{shape.name} {name}", of_each, work)
            print(run.line("orders"), flush=True)
            runs[name].append(run)
            orders += run.done
    rate = {name: measures.middle_per_second(some) for name, some in runs.items()}
    print(measures.ratio(f"decided-{shape.name}-to-bare-batches", rate["decided"] / rate["bare"], 0.5))
    print(measures.ratio(f"decided-{shape.name}-to-one-each", rate["decided"] / rate["single"], 5))
    return orders


async def _timed(name: str, size: int, work: Sequence[Callable[[], Awaitable[None]]]) -> Measure:
    latencies, started = [], perf_counter()
    for each in work:
        begun = perf_counter()
        await each()
        latencies.append((perf_counter() - begun) * 1000)
    return Measure(name=name, done=size * len(work), seconds=perf_counter() - started, latencies_ms=latencies)


async def _check(inventory: Database, orders: int) -> None:
    async with inventory.reading() as connection:
        row = await connection.fetch_one(SUMS)
    assert row is not None
    if row["reserved"] != row["asked"] or row["orders"] != orders:
        raise RuntimeError(f"{orders} orders were decided, the database has {row}")
    print(f"{orders} orders are reserved, with {row['asked']} units")


def main() -> None:
    """Start a server, and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inventory", description=__doc__)
    parser.add_argument("--batches", type=int, default=20, help="batches of each run")
    parser.add_argument("--rounds", type=int, default=3, help="run each variant this many times, alternately")
    options = parser.parse_args()
    with servers.running("mysql"):
        asyncio.run(measure(options))
    print(f"{os.cpu_count()} cores are shared by the worker and the database")


if __name__ == "__main__":
    main()
