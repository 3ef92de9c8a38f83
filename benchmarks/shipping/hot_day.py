"""One delivery day that 40 clients change at once, against a bare lock and update of one row."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, timedelta
from itertools import count

import httpx

from benchmarks.measures import Measure, middle_per_second, ratio
from benchmarks.processes import measured
from benchmarks.shipping import database
from benchmarks.shipping.commanding import running
from benchmarks.shipping.histories import LOCATION
from benchmarks.shipping.planners import van
from chassis import addresses
from chassis.databases.mysql import Database

WARM_UP_S = 2
CLIENTS = 40
MOST_PER_S = 800

_BARE_DAY = "INSERT INTO delivery_day (depot, delivery_date, state) SELECT depot, %s, state FROM delivery_day LIMIT 1"


async def measure_hot_day(options: Namespace) -> None:
    """Each client plans deliveries with its own van, and removes them. Raises RuntimeError for a deadlock."""
    runs: dict[str, list[Measure]] = {"hot day": [], "bare row": []}
    shipments = (WARM_UP_S + options.seconds) * MOST_PER_S // 2
    firsts, days = count(0, shipments), count(1)
    async with database.opened() as shipping:
        await database.empty(shipping)
        async with database.verified(shipping):
            with running(CLIENTS):
                await _open_depot()
                for _ in range(options.rounds):
                    day, first = (date.today() + timedelta(days=next(days))).isoformat(), next(firsts)
                    await database.insert(shipping, range(first, first + shipments), whole=False)
                    times = (CLIENTS, WARM_UP_S, options.seconds, day)
                    port = addresses.port("shipping")
                    runs["hot day"] += measured("benchmarks.shipping.planners", port, *times, first, shipments)
                    bare = await _bare_day(shipping, (date.today() + timedelta(days=next(days))).isoformat())
                    runs["bare row"] += measured("benchmarks.shipping.bare_day", *times[:-1], bare)
                    for some in runs.values():
                        print(some[-1].line("commands"), flush=True)
            await _drop_bare_days(shipping)
    rate = {name: middle_per_second(some) for name, some in runs.items()}
    print(ratio("hot-day-to-bare-row", rate["hot day"] / rate["bare row"], 0.6))


async def _open_depot() -> None:
    vans = [van(client) for client in range(CLIENTS)]
    hours = {"zone": "UTC", "opens": "08:00", "closes": "20:00"}
    body = {"name": "Main", **hours, "parallelDeliveries": CLIENTS, "vans": vans}
    async with httpx.AsyncClient(timeout=30) as http:
        answer = await http.put(f"{addresses.url('shipping')}/depots/{LOCATION}", json=body)
    answer.raise_for_status()


async def _bare_day(shipping: Database, day: str) -> str:
    """A row that no event led to, as large as that of a day."""
    async with shipping.reading() as connection:
        await connection.execute(_BARE_DAY, [day])
    return day


async def _drop_bare_days(shipping: Database) -> None:
    async with shipping.reading() as connection:
        await connection.execute("DELETE FROM delivery_day WHERE schema_version = 0")
