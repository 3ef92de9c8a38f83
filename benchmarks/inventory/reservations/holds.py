"""Reservations over HTTP: against their own statements, on one SKU that all want, and of one that is sold out."""

from __future__ import annotations

import subprocess
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from msgspec.structs import replace

from benchmarks import measures, profile
from benchmarks.inventory import central
from benchmarks.measures import Measure
from benchmarks.processes import measured, service
from chassis import addresses

WARM_UP_S = 2

SELLING_SHARE = 4
"""There are so many clients who are refused for each one who buys another SKU."""

_BARE = ("benchmarks.inventory.reservations.bare_route", "orders")
"""The module of the bare route, and the name of a service that does not run here, whose port it has."""


@contextmanager
def running(clients: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service, as in production but with a connection for each client.

    On a busy machine Redis is waited for, too: without it, another path would be measured.
    """
    with service(
        "inventory.api", "inventory", {"OMS_MYSQL_POOL_SIZE": str(clients), "OMS_REDIS_TIMEOUT_S": "5"}
    ) as process:
        yield process


async def measure_holds(options: Namespace) -> None:
    """Reservations of three lines, and one line with and without the hot row."""
    runs: dict[str, list[Measure]] = {"three": [], "bare": [], "bare, together": [], "one": [], "hot": []}
    async with central.checked_holds():
        with running(options.clients):
            for _ in range(options.rounds):
                for name, into in runs.items():
                    into.append(_hold(name, options))
                    print(into[-1].line("holds"), flush=True)
    rate = {name: measures.middle_per_second(some) for name, some in runs.items()}
    print(measures.ratio("hold-to-its-statements", rate["three"] / rate["bare"], 0.5))
    print(measures.ratio("hold-to-its-statements-in-one-packet", rate["three"] / rate["bare, together"], 0.5))
    print(measures.ratio("hold-hot-to-spread", rate["hot"] / rate["one"], 0.4))


def _hold(name: str, options: Namespace) -> Measure:
    if name.startswith("bare"):
        together = ["--together"] if name.endswith("together") else []
        times = (options.clients, WARM_UP_S, options.seconds)
        return measured("benchmarks.inventory.reservations.bare_holds", *times, *together)[0]
    return _bought(_port(), options, f"{name}={options.clients}")[0]


def profile_holds(options: Namespace) -> None:
    """Profile the service while it reserves three lines at a time."""
    wanted = f"three={options.clients}"
    with running(options.clients) as process:
        _bought(_port(), options, wanted)  # what is in MySQL is known in Redis then
        with profile.of(process.pid, options.seconds + WARM_UP_S):
            _bought(_port(), options, wanted)


async def measure_sold_out(options: Namespace) -> None:
    """Refusals of a SKU that is sold out, against a bare read, and while another SKU sells."""
    wanted, sold = f"sold-out={options.clients}", f"hot={options.clients // SELLING_SHARE}"
    runs: dict[str, list[Measure]] = {"refused": [], "bare read": [], "selling": []}
    bare_port = addresses.port(_BARE[1])
    bare_settings = {"OMS_INVENTORY_PORT": str(bare_port), "OMS_MYSQL_POOL_SIZE": str(options.clients)}
    async with central.checked_holds():
        port = _port()
        with running(options.clients), service(_BARE[0], "inventory", bare_settings):
            for _ in range(options.rounds):
                runs["refused"] += _bought(port, options, wanted)
                runs["bare read"] += _bought(bare_port, options, wanted)
                refused, selling = _bought(port, options, wanted, sold)
                runs["selling"].append(refused)
                for name, some in runs.items():
                    print(replace(some[-1], name=name).line("refusals"), flush=True)
                print(replace(selling, name="sold").line("holds"), flush=True)
    rate = {name: measures.middle_per_second(some) for name, some in runs.items()}
    print(measures.ratio("sold-out-to-bare-read", rate["refused"] / rate["bare read"], 0.7))
    p99 = {name: median(run.percentile_ms(0.99) for run in some) for name, some in runs.items()}
    print(measures.ratio("sold-out-p99-to-while-another-sells", p99["refused"] / p99["selling"], 0.5))


def _port() -> int:
    return addresses.port("inventory")


def _bought(port: int, options: Namespace, *carts: str) -> list[Measure]:
    return measured("benchmarks.inventory.reservations.buyers", port, WARM_UP_S, options.seconds, *carts)
