"""`make bench-shipping`: events appended, folded, replayed and projected, and all of it on the whole system.

python -m benchmarks.shipping [--only append] [--only …] [--rounds 2] [--seconds 5] [--profile]
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Mapping

import uvloop

from benchmarks.parts import Part, measure, running
from benchmarks.shipping import database
from benchmarks.shipping.appending import measure_appending
from benchmarks.shipping.commanding import measure_commands, profile_commands
from benchmarks.shipping.dispatching import measure_dispatch
from benchmarks.shipping.folding import measure_folds
from benchmarks.shipping.hot_day import measure_hot_day
from benchmarks.shipping.paging import measure_pages
from benchmarks.shipping.projecting import measure_projection
from benchmarks.shipping.replaying import measure_replay
from chassis import logs
from local.programs import GROUPS

IN_MEMORY: Mapping[str, Part] = {"fold": measure_folds}
"""What needs no server."""

ON_MYSQL: Mapping[str, Part] = {
    "append": measure_appending,
    "commands": measure_commands,
    "replay": measure_replay,
    "hot-day": measure_hot_day,
}
"""What needs MySQL and Redis alone."""

ON_TOPICS: Mapping[str, Part] = {"projection": measure_projection}
"""What needs Kafka and Postgres, and starts the worker that it measures."""

ON_VIEWS: Mapping[str, Part] = {"pages": measure_pages}
"""What needs both databases with their APIs, and fills them."""

ON_SYSTEM: Mapping[str, Part] = {"dispatch": measure_dispatch}
"""What needs the whole system."""

EVERY = [*IN_MEMORY, *ON_MYSQL, *ON_TOPICS, *ON_VIEWS, *ON_SYSTEM]


def main() -> None:
    """Start the servers, and measure what is wanted."""
    options = _options()
    logs.configure("benchmark", logging.WARNING)
    if options.profile:
        with running("mysql", "redis"):
            uvloop.run(database.prepare())
            uvloop.run(profile_commands(options))
        return
    wanted = options.only or EVERY
    uvloop.run(measure(IN_MEMORY, options))
    if not ON_MYSQL.keys().isdisjoint(wanted):
        with running("mysql", "redis"):
            uvloop.run(database.prepare())
            uvloop.run(measure(ON_MYSQL, options))
    if not ON_TOPICS.keys().isdisjoint(wanted):
        with running("kafka", "postgres"):
            uvloop.run(measure(ON_TOPICS, options))
    if not ON_VIEWS.keys().isdisjoint(wanted):
        with running("mysql", "redis", "kafka", "postgres", "elasticsearch"):
            uvloop.run(database.prepare())
            uvloop.run(measure(ON_VIEWS, options))
    if not ON_SYSTEM.keys().isdisjoint(wanted):
        with running(*GROUPS):
            uvloop.run(measure(ON_SYSTEM, options))
    print(f"{os.cpu_count()} cores are shared by what is measured, its clients and the databases")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shipping", description=__doc__)
    parser.add_argument("--only", action="append", choices=EVERY, help="measure this part")
    parser.add_argument("--rounds", type=int, default=2, help="run each variant this many times, alternately")
    parser.add_argument("--seconds", type=int, default=5, help="measure each run for this many seconds")
    parser.add_argument("--clients", type=int, default=32, help="clients of commands, and tasks of their limits")
    parser.add_argument("--readers", type=int, default=8, help="clients who read pages")
    parser.add_argument("--replayed", type=int, default=20_000, help="shipments that are replayed")
    parser.add_argument("--projected", type=int, default=50_000, help="shipments, and orders, that are projected")
    parser.add_argument("--listed", type=int, default=100_000, help="shipments in the lists")
    parser.add_argument("--orders", type=int, default=200, help="orders whose shipments are dispatched, one at a time")
    parser.add_argument("--profile", action="store_true", help="profile the service instead")
    return parser.parse_args()


if __name__ == "__main__":
    main()
