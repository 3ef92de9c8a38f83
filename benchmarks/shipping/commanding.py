"""Commands over HTTP (lock, fold, decide, append, keep the answer) against their own statements."""

from __future__ import annotations

import subprocess
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from benchmarks import measures, profile
from benchmarks.measures import Measure
from benchmarks.processes import measured, service
from benchmarks.shipping import database
from benchmarks.shipping.histories import COMMANDS
from chassis import addresses
from chassis.databases.mysql import Database

WARM_UP_S = 2

MOST_PER_S = 2500
"""Commands of the fastest variant: so many shipments are planned for each run."""

NAMES = ("commands", "bare", "in packets")


@contextmanager
def running(clients: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service, as in production but with a connection for each client."""
    with service("shipping.api", "shipping", {"OMS_MYSQL_POOL_SIZE": str(clients)}) as process:
        yield process


async def measure_commands(options: Namespace) -> None:
    """The five commands on each shipment. Raises RuntimeError unless each one is an event and a kept answer."""
    runs: dict[str, list[Measure]] = {name: [] for name in NAMES}
    firsts = count(0, _shipments(options))
    async with database.opened() as shipping:
        await database.empty(shipping)
        async with database.verified(shipping):
            with running(options.clients):
                for _ in range(options.rounds):
                    for name, into in runs.items():
                        into.append(await _run(name, shipping, next(firsts), options))
                        print(into[-1].line("commands"), flush=True)
        await _check(shipping)
    rate = {name: measures.middle_per_second(some) for name, some in runs.items()}
    print(measures.ratio("command-to-its-statements", rate["commands"] / rate["bare"], 0.6))
    print(measures.ratio("command-to-its-statements-in-packets", rate["commands"] / rate["in packets"], 0.6))


async def profile_commands(options: Namespace) -> None:
    """Profile the service while it takes commands."""
    async with database.opened() as shipping:
        with running(options.clients) as process:
            await _run("commands", shipping, 0, options)
            first = _shipments(options)
            await _planned(shipping, first, options)
            with profile.of(process.pid, options.seconds + WARM_UP_S):
                _warehouse(first, options)


async def _run(name: str, shipping: Database, first: int, options: Namespace) -> Measure:
    await _planned(shipping, first, options)
    if name == "commands":
        return _warehouse(first, options)
    together = ["--together"] if name == "in packets" else []
    times = (options.clients, WARM_UP_S, options.seconds, first, _shipments(options))
    [run] = measured("benchmarks.shipping.bare_commands", *times, *together)
    return run


def _warehouse(first: int, options: Namespace) -> Measure:
    times = (options.clients, WARM_UP_S, options.seconds, first, _shipments(options))
    [run] = measured("benchmarks.shipping.warehouse", addresses.port("shipping"), *times)
    return run


async def _planned(shipping: Database, first: int, options: Namespace) -> None:
    await database.insert(shipping, range(first, first + _shipments(options)), whole=False)


def _shipments(options: Namespace) -> int:
    """How many shipments a run needs at most."""
    commands: int = (WARM_UP_S + options.seconds) * MOST_PER_S
    return commands // len(COMMANDS) + int(options.clients)


async def _check(shipping: Database) -> None:
    events, planned = await database.count(shipping, "shipping_event"), await database.count(shipping, "shipment")
    answers = await database.count(shipping, "idempotency_key WHERE status = 200")
    if events - planned != answers:
        raise RuntimeError(f"{planned} shipments have {events} events, and {answers} answers are kept")
