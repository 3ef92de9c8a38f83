"""`make bench-stream`: the worker against the limit and against Kafka Streams, from full topics to the read model.

python -m benchmarks.stream [--orders 100000] [--rounds 2]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Iterator

from benchmarks import servers
from benchmarks.measures import ratio
from benchmarks.stream import kafka_streams, shop, topics, variants
from benchmarks.stream.runs import Run, middle
from benchmarks.stream.variants import Load
from chassis import logs

PEER = "kafka_streams"
OTHERS = ("limit", PEER)


async def measured(options: argparse.Namespace) -> dict[str, list[Run]]:
    """All runs of each variant, alternately."""
    records = await topics.fill(options.orders)
    load = Load(options.orders, records, shop.total_of(options.orders))
    print(f"{load.records} records are on the topics", flush=True)
    found: dict[str, list[Run]] = {name: [] for name in options.variants}
    for number in range(options.rounds):
        for name in options.variants:
            run = kafka_streams.run(number, load) if name == PEER else variants.run(name, number, load)
            found[name].append(await run)
            print(found[name][-1].line(), flush=True)
    return found


def ratios(found: dict[str, list[Run]]) -> Iterator[str]:
    """The ratios of the worker to each other variant, by the medians of the runs."""
    worker = found["worker"]
    if limit := found.get("limit"):
        throughput = middle(worker, Run.orders_per_second) / middle(limit, Run.orders_per_second)
        yield ratio("orders-per-second-to-limit", throughput, 0.8)
        cost = middle(worker, Run.events_per_cpu_second) / middle(limit, Run.events_per_cpu_second)
        yield ratio("events-per-cpu-second-to-limit", cost, 0.7)
    if peer := found.get(PEER):
        throughput = middle(worker, Run.orders_per_second) / middle(peer, Run.orders_per_second)
        yield ratio("orders-per-second-to-kafka-streams", throughput, 5)
    yield ratio("memory-first-half-to-whole", middle(worker, Run.memory_first_half_to_whole), 0.9)


def main() -> None:
    """Measure the variants alternately, and print the ratios."""
    options = _options()
    logs.configure("benchmark", logging.WARNING)
    if PEER in options.variants:
        kafka_streams.build()
    with servers.running("kafka", "postgres"):
        found = asyncio.run(measured(options))
    print(*ratios(found), sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2, help="run each variant this many times, alternately")
    parser.add_argument(
        "--against", nargs="*", choices=OTHERS, default=OTHERS, help="variants to compare the worker with"
    )
    options = parser.parse_args()
    options.variants = ["worker", *options.against]
    return options


if __name__ == "__main__":
    main()
