"""`make bench-stream`: the worker against the limit and against Kafka Streams, from full topics to the read model.

python -m benchmarks.stream [--orders 100000] [--rounds 2]
"""

from __future__ import annotations

import argparse
import asyncio

from benchmarks import servers
from benchmarks.measures import ratio
from benchmarks.stream import kafka_streams, runs, shop, topics, variants
from benchmarks.stream.runs import Run
from benchmarks.stream.variants import Load


async def measured(options: argparse.Namespace) -> dict[str, list[Run]]:
    """All runs of each variant, in turn."""
    records = await topics.fill(options.orders)
    load = Load(options.orders, records, shop.total_of(options.orders))
    print(f"{load.records} records are on the topics", flush=True)
    found: dict[str, list[Run]] = {name: [] for name in options.variants}
    for number in range(options.rounds):
        for name in options.variants:
            peer = name == "kafka_streams"
            found[name].append(await (kafka_streams.run(number, load) if peer else variants.run(name, number, load)))
            print(found[name][-1].line(), flush=True)
    return found


def main() -> None:
    """Measure the variants in turn, and print how they compare."""
    options = _options()
    kafka_streams.build()
    with servers.running("kafka", "postgres"):
        found = asyncio.run(measured(options))
    worker, limit = found["worker"], found["limit"]
    throughput = runs.middle_orders_per_second(worker) / runs.middle_orders_per_second(limit)
    print(ratio("orders-per-second-to-limit", throughput, 0.8))
    peer = runs.middle_orders_per_second(worker) / runs.middle_orders_per_second(found["kafka_streams"])
    print(ratio("orders-per-second-to-kafka-streams", peer, 5))
    cost = runs.middle_events_per_cpu_second(worker) / runs.middle_events_per_cpu_second(limit)
    print(ratio("events-per-cpu-second-to-limit", cost, 0.7))
    print(ratio("memory-first-half-to-whole", runs.middle_memory_first_half_to_whole(worker), 0.9))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2, help="how often each is run, in turn")
    parser.add_argument("--variants", nargs="+", default=["worker", "limit", "kafka_streams"])
    return parser.parse_args()


if __name__ == "__main__":
    main()
