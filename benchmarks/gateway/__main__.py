"""`make bench-gateway`: the gateway, PostGraphile, Strawberry alone and the limit, with three operations, alternately.

python -m benchmarks.gateway [--seconds 10] [--rounds 2] [--connections 32 256] [--minutes 1] [--profile]
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Sequence

from benchmarks import profile, servers
from benchmarks.gateway import answers, memory, read_model, runs, variants
from benchmarks.gateway.operations import Operation, operations
from benchmarks.gateway.runs import Cell
from benchmarks.gateway.variants import Variant
from benchmarks.stream.read_model import connected
from chassis.databases import elasticsearch
from oms.prepare.topics import create_topics
from products.indexing import freshness, search

WARM_UP_S = 2
FIRST_WARM_UP_S = 5


async def prepare() -> list[Operation]:
    """Create the topics, fill the read model, and choose the requests."""
    await create_topics()
    async with elasticsearch.client() as client:
        await search.make_index(client, replicas=0)
        await freshness.make_index(client, replicas=0)
    await read_model.fill()
    async with connected() as connection:
        return await operations(connection)


def warm_up(running: Sequence[Variant], asked: Sequence[Operation]) -> None:
    """Warm up every variant."""
    for variant in running:
        for operation in asked:
            runs.run(variant, operation, 32, 0, FIRST_WARM_UP_S)


def measured(
    running: Sequence[Variant], asked: Sequence[Operation], options: argparse.Namespace
) -> Iterator[tuple[str, Cell]]:
    """Run each operation with each number of connections on the variants, alternately and in rounds."""
    for operation in asked:
        for connections in options.connections:
            cell: Cell = {variant.name: [] for variant in running}
            for number in range(options.rounds):
                # The order changes between rounds, because each run leaves the machine warm.
                for variant in running if number % 2 == 0 else running[::-1]:
                    found = runs.run(variant, operation, connections, WARM_UP_S, options.seconds)
                    cell[variant.name].append(found)
                    print(found.line(), flush=True)
            yield f"{operation.name}-at-{connections}", cell


def main() -> None:
    """Measure the variants alternately, and print the ratios."""
    options = _options()
    variants.install_peer()
    with servers.running("kafka", "postgres", "redis", "elasticsearch"):
        asked = [each for each in asyncio.run(prepare()) if each.name in options.operations]
        with variants.running(tuple(options.variants)) as running:
            answers.check_equal(running, asked)
            warm_up(running, asked)
            if options.profile:
                with profile.of(running[0].process.pid, options.seconds):
                    runs.run(running[0], asked[0], options.connections[0], 0, options.seconds)
                return
            for name, cell in measured(running, asked, options):
                print(*runs.ratios(name, cell), sep="\n", flush=True)
            print(memory.watched(running[0], asked, int(options.minutes * 60)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    names = ("one-order", "orders-of-a-customer", "latest-of-a-status")
    parser.add_argument("--seconds", type=int, default=10, help="measure each run for this many seconds")
    parser.add_argument("--rounds", type=int, default=2, help="run each variant this many times, alternately")
    parser.add_argument("--connections", type=int, nargs="+", default=[32, 256])
    parser.add_argument("--operations", nargs="+", choices=names, default=names)
    parser.add_argument("--against", nargs="*", choices=variants.NAMES[1:], default=variants.NAMES[1:])
    parser.add_argument("--minutes", type=float, default=1, help="minutes to monitor memory in the end")
    parser.add_argument("--profile", action="store_true", help="profile the gateway instead")
    options = parser.parse_args()
    options.variants = ["gateway", *options.against]
    return options


if __name__ == "__main__":
    main()
