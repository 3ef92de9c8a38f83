"""An event and the row it leads to, in one transaction, against one INSERT of a bare row with autocommit."""

from __future__ import annotations

from argparse import Namespace
from itertools import count

from msgspec.structs import replace

from benchmarks.measures import Measure, middle_per_second, ratio
from benchmarks.processes import measured
from benchmarks.shipping import database
from benchmarks.shipping.appends import BARE

WARM_UP_S = 2
CONNECTIONS = (1, 8)
KINDS = ("append", "bare")


async def measure_appending(options: Namespace) -> None:
    """With one connection, and with eight. Raises RuntimeError unless each event is there and leads to its row."""
    numbers = count()
    async with database.opened() as shipping:
        await database.empty(shipping)
        async with database.verified(shipping):
            for connections in CONNECTIONS:
                runs: dict[str, list[Measure]] = {kind: [] for kind in KINDS}
                for _ in range(options.rounds):
                    for kind, into in runs.items():
                        own = [next(numbers) for _ in range(connections)]
                        if kind == "append":
                            await database.insert(shipping, own, whole=False)
                        times = (connections, WARM_UP_S, options.seconds, own[0])
                        [run] = measured("benchmarks.shipping.appends", kind, *times)
                        into.append(replace(run, name=f"{kind} {connections}"))
                        print(into[-1].line("events"), flush=True)
                own_rate, bare_rate = (middle_per_second(runs[kind]) for kind in KINDS)
                print(ratio(f"append-to-bare-insert-at-{connections}", own_rate / bare_rate, 0.45))
            async with shipping.reading() as connection:
                await connection.execute("DELETE FROM shipping_event WHERE stream_id LIKE %s", [f"{BARE}%"])
