"""Orders whose stock is decided by batch, against the bare statements, and against one transaction each."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from benchmarks import measures
from benchmarks.inventory import central
from benchmarks.inventory.batches import Work
from benchmarks.inventory.orders.bare_orders import BareBatch
from benchmarks.inventory.orders.chunks import HOT, SPREAD, Shape, chunk
from benchmarks.measures import Measure
from chassis.databases.mysql import Database
from inventory.orders.arriving import decide_orders
from inventory.portions import MOST_AT_ONCE
from inventory.times import aware_now

SUMS = """
SELECT (
        SELECT SUM(reserved) FROM availability
        WHERE stock_id IN (SELECT stock_id FROM reservation WHERE order_id IS NOT NULL)
    ) AS reserved,
    (SELECT SUM(quantity) FROM reservation WHERE order_id IS NOT NULL) AS asked,
    (SELECT COUNT(*) FROM sourcing WHERE status = 'reserved') AS orders
"""


async def measure_orders(options: Namespace) -> None:
    """Both shapes of orders. Raises RuntimeError if the sums are wrong."""
    async with central.opened() as inventory:
        orders = 0
        for shape in (SPREAD, HOT):
            orders += await _measure(inventory, shape, options)
        await _check(inventory, orders)


async def _measure(inventory: Database, shape: Shape, options: Namespace) -> int:
    """Returns how many orders were reserved."""
    runs: dict[str, list[Measure]] = {"decided": [], "bare": [], "single": []}
    for _ in range(options.rounds):
        for name, work in _works(inventory, shape, options.batches).items():
            run = await work.timed(f"{shape.name} {name}")
            print(run.line("orders"), flush=True)
            runs[name].append(run)
    rate = {name: measures.middle_per_second(some) for name, some in runs.items()}
    print(measures.ratio(f"decided-{shape.name}-to-bare-batches", rate["decided"] / rate["bare"], 0.5))
    print(measures.ratio(f"decided-{shape.name}-to-one-each", rate["decided"] / rate["single"], 5))
    return sum(run.done for some in runs.values() for run in some)


def _works(inventory: Database, shape: Shape, batches: int) -> dict[str, Work[Any]]:
    decide, size = decide_orders(inventory, aware_now), MOST_AT_ONCE

    async def write(batch: BareBatch) -> None:
        await batch.write(inventory)

    return {
        "decided": Work(size, [chunk(shape, size) for _ in range(batches)], decide),
        "bare": Work(size, [BareBatch(chunk(shape, size)) for _ in range(batches)], write),
        "single": Work(1, [chunk(shape, 1) for _ in range(size)], decide),
    }


async def _check(inventory: Database, orders: int) -> None:
    async with inventory.reading() as connection:
        row = await connection.fetch_one(SUMS)
    assert row is not None
    if row["reserved"] != row["asked"] or row["orders"] != orders:
        raise RuntimeError(f"{orders} orders were decided, the database has {row}")
    print(f"{orders} orders are reserved, with {row['asked']} units")
