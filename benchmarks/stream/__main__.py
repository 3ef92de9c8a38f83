"""`make bench-stream`: the worker against Kafka Streams, Flink and the floor, from full topics to the read model.

python -m benchmarks.stream [--orders 100000] [--rounds 2] [--variants worker floor kafka_streams flink]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Iterator

from benchmarks import servers
from benchmarks.measures import ratio
from benchmarks.stream import jvm, shop, topics, variants
from benchmarks.stream.read_model import Load
from benchmarks.stream.runs import Run, middle
from benchmarks.stream.variants import FLOOR, NAMES, PEERS, WORKER
from chassis import logs


async def measured(options: argparse.Namespace) -> dict[str, list[Run]]:
    """All runs of each variant, alternately. Raises RuntimeError if two end with different rows."""
    records = await topics.fill(options.orders)
    load = Load(options.orders, records, shop.total_of(options.orders))
    print(f"{load.records} records are on the topics", flush=True)
    found: dict[str, list[Run]] = {name: [] for name in options.variants}
    first: Run | None = None
    for number in range(options.rounds):
        for name in options.variants:
            run = await variants.run(name, number, load)
            print(run.line(), flush=True)
            first = first or run
            if run.contents != first.contents:
                raise RuntimeError(f"{name} and {first.name} differ: {run.contents}, {first.contents}")
            found[name].append(run)
    print("all variants ended with the same rows:", *first.contents.items() if first else (), sep="\n  ")
    return found


def ratios(found: dict[str, list[Run]]) -> Iterator[str]:
    """The ratios of the worker to the floor and to the best peer, by the medians of the runs."""
    worker = found.get(WORKER)
    if not worker:
        return
    speed, cost = middle(worker, Run.orders_per_second), middle(worker, Run.cpu_s_per_1000_orders)
    if peers := [runs for name, runs in found.items() if name in PEERS]:
        best_speed = max(middle(runs, Run.orders_per_second) for runs in peers)
        yield ratio("orders-per-second-to-best-peer", speed / best_speed, 3)
        least_cost = min(middle(runs, Run.cpu_s_per_1000_orders) for runs in peers)
        yield ratio("cpu-of-best-peer-to-cpu", least_cost / cost, 3)
    if floor := found.get(FLOOR):
        yield ratio("orders-per-second-to-floor", speed / middle(floor, Run.orders_per_second), 0.7)
    yield ratio("memory-first-half-to-whole", middle(worker, Run.memory_first_half_to_whole), 0.9)


def main() -> None:
    """Measure the variants alternately, and print the ratios."""
    options = _options()
    logs.configure("benchmark", logging.WARNING)
    for name in PEERS:
        if name in options.variants:
            jvm.build(name)
    with servers.running("kafka", "postgres"):
        found = asyncio.run(measured(options))
    print(*ratios(found), sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2, help="run each variant this many times, alternately")
    parser.add_argument("--variants", nargs="+", choices=NAMES, default=NAMES)
    return parser.parse_args()


if __name__ == "__main__":
    main()
