"""The latency from an order's commit in MySQL to the read model, against that to a plain Kafka consumer.

python -m benchmarks.stream.latency [--orders 300] [--seconds 30] [--rate 100]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
from time import monotonic

import httpx
import uvloop

from benchmarks import servers
from benchmarks.measures import Measure, ratio
from benchmarks.stream import topics
from benchmarks.stream.placing import Placer, prepared
from benchmarks.stream.processes import process
from benchmarks.stream.seeing import Arrivals, seeing
from benchmarks.stream.variants import command_of_worker
from chassis import addresses, logs

WARM_UP_S = 30


async def idle(placer: Placer, seen: Arrivals, orders: int) -> tuple[Measure, Measure]:
    """One order at a time: the next is placed once the last is visible, after a pause of irregular length."""
    for _ in range(orders):
        await seen.everything_of(await placer.place())
        await asyncio.sleep(random.uniform(0.05, 0.15))
    return seen.measured("idle")


async def busy(placer: Placer, seen: Arrivals, rate: int, seconds: float) -> tuple[Measure, Measure]:
    """A fixed rate of orders per second, independent of the progress of earlier ones."""
    began, placed = monotonic(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - monotonic()))
        placed.append(asyncio.create_task(placer.place()))
    await asyncio.gather(*(seen.everything_of(order_id) for order_id in await asyncio.gather(*placed)))
    return seen.measured("busy")


async def measured(options: argparse.Namespace) -> list[tuple[Measure, Measure]]:
    """The latencies of both paths, first one by one and then at a fixed rate."""
    await topics.fill(orders=0)
    async with prepared() as placer:
        with process("worker", *command_of_worker()):
            await _until_ready()
            async with seeing(placer.committed_at) as seen:
                await busy(placer, seen, options.rate, WARM_UP_S)  # warm-up: both JVMs have just started
                one = await idle(placer, seen, options.orders)
                return [one, await busy(placer, seen, options.rate, options.seconds)]


def main() -> None:
    """Measure, and print the ratios of both paths."""
    options = _options()
    logs.configure("benchmark", logging.WARNING)
    with servers.running("mysql", "kafka", "connect", "postgres"):
        os.environ["OMS_MYSQL_WAIT_TIMEOUT_S"] = os.environ["OMS_MYSQL_TIMEOUT_S"] = (
            "60"  # on a busy machine, requests wait and count all the same
        )
        pairs = uvloop.run(measured(options))
    for raw, visible in pairs:
        print(raw.line("orders"), visible.line("orders"), sep="\n")
    for (raw, visible), name in zip(pairs, ("idle", "busy"), strict=True):
        for share, what, goal in ((0.5, "p50", 0.7), (0.99, "p99", 0.6)):
            value = raw.percentile_ms(share) / visible.percentile_ms(share)
            print(ratio(f"{name}-{what}-raw-to-visible", value, goal))


async def _until_ready() -> None:
    deadline = monotonic() + 60
    async with httpx.AsyncClient(base_url=addresses.url("orders_stream")) as http:
        while monotonic() < deadline:
            try:
                if (await http.get("/health/ready")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
    raise RuntimeError("the worker is not ready after a minute")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream.latency", description=__doc__)
    parser.add_argument("--orders", type=int, default=300, help="orders to place one by one")
    parser.add_argument("--seconds", type=int, default=30, help="seconds to place orders at the rate")
    parser.add_argument("--rate", type=int, default=100, help="orders per second")
    return parser.parse_args()


if __name__ == "__main__":
    main()
