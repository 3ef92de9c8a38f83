"""`make bench-writes`: orders with three lines, durable, 32 clients: one service process against the limit, and two.

python -m benchmarks.writes [--seconds 10] [--rounds 2] [--clients 32] [--profile]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
from contextlib import AbstractContextManager

import msgspec

from benchmarks import measures, processes, profile, servers
from benchmarks.databases import check_durable
from benchmarks.measures import Measure
from benchmarks.writes.basket import stock_up
from chassis import addresses
from chassis.databases.migrations import migrate_mysql
from chassis.rest import idempotency
from oms.prepare.mysql import prepare_mysql
from orders.settings import MIGRATIONS, database

WARM_UP_S = 3


async def prepare() -> None:
    """Create the database, its tables, customers and products. Raises RuntimeError if commits are not durable."""
    await prepare_mysql()
    orders = database()
    try:
        await migrate_mysql(orders, idempotency.MIGRATIONS, MIGRATIONS)
        await check_durable(orders)
        await stock_up(orders)
    finally:
        await orders.close()


def service(pool_size: int, count: int = 1) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run the orders service in `count` processes, among which the connections are divided."""
    settings = {"OMS_MYSQL_POOL_SIZE": str(pool_size // count), "OMS_ORDERS_PROCESSES": str(count)}
    return processes.service("orders.api", "orders", settings)


def measured(module: str, *arguments: object) -> Measure:
    """The measurement that a process prints. Raises CalledProcessError."""
    [measure] = processes.measured(f"benchmarks.writes.{module}", *arguments)
    return measure


async def counted() -> tuple[int, int]:
    """The number of orders and of lines."""
    orders = database()
    try:
        async with orders.reading() as connection:
            row = await connection.fetch_one(
                "SELECT (SELECT COUNT(*) FROM `order`) AS orders, (SELECT COUNT(*) FROM order_detail) AS order_lines"
            )
    finally:
        await orders.close()
    assert row is not None
    return row["orders"], row["order_lines"]


def main() -> None:
    """Measure one process, the limit and two processes alternately, and print the ratios."""
    options = _options()
    with servers.running("mysql", "redis"):
        asyncio.run(prepare())
        if options.profile:
            _profile(options)
            return
        runs: dict[str, list[Measure]] = {"service": [], "limit": [], "two": []}
        for _ in range(options.rounds):
            for name, into in runs.items():
                into.append(_run(name, options))
                print(into[-1].line("orders"), flush=True)
        orders, lines = asyncio.run(counted())
    if lines != 3 * orders:
        raise RuntimeError(f"{orders} orders have {lines} lines")
    print(f"{orders} orders are in the database, with 3 lines each")
    of_service, of_limit, of_two = runs["service"], runs["limit"], runs["two"]
    throughput = measures.middle_per_second(of_service) / measures.middle_per_second(of_limit)
    print(measures.ratio("orders-per-second-to-limit", throughput, 0.6))
    p99 = measures.middle_p99_ms(of_limit) / measures.middle_p99_ms(of_service)
    print(measures.ratio("p99-of-limit-to-p99", p99, 0.25))
    scaled = measures.middle_per_second(of_two) / measures.middle_per_second(of_service)
    print(measures.ratio("two-processes-to-one", scaled, 1.5))
    print(f"{os.cpu_count()} cores are shared by the service, the clients and the database")


def _run(name: str, options: argparse.Namespace) -> Measure:
    times = (options.clients, WARM_UP_S, options.seconds)
    if name == "limit":
        return measured(name, *times)
    with service(options.clients, 2 if name == "two" else 1):
        return msgspec.structs.replace(measured("service", addresses.port("orders"), *times), name=name)


def _profile(options: argparse.Namespace) -> None:
    with service(options.clients) as process, profile.of(process.pid, options.seconds):
        measured("service", addresses.port("orders"), options.clients, 0, options.seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.writes", description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="measure each run for this many seconds")
    parser.add_argument("--rounds", type=int, default=2, help="run each variant this many times, alternately")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--profile", action="store_true", help="profile the service instead")
    return parser.parse_args()


if __name__ == "__main__":
    main()
