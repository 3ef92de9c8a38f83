"""`make bench-inventory`: reservations, the stock of orders, stores, and all of it on the whole system.

python -m benchmarks.inventory [--only holds] [--only …] [--rounds 2] [--seconds 5] [--buyers 2000]
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Mapping

import uvloop

from benchmarks.inventory import central
from benchmarks.inventory.orders.confirming import measure_confirming
from benchmarks.inventory.orders.deciding import measure_orders
from benchmarks.inventory.orders.flash_sale import measure_flash_sale
from benchmarks.inventory.reservations.gate import measure_gate
from benchmarks.inventory.reservations.holds import measure_holds, measure_sold_out, profile_holds
from benchmarks.inventory.stores.many_stores import measure_many_stores
from benchmarks.inventory.stores.store_answers import measure_store
from benchmarks.inventory.stores.till_sales import measure_till_sales
from benchmarks.inventory.stores.till_search import measure_till_search
from benchmarks.inventory.verification.verifying import measure_verifying
from benchmarks.parts import Part, measure, running
from chassis import logs
from local.programs import GROUPS

ON_MYSQL: Mapping[str, Part] = {
    "holds": measure_holds,
    "sold-out": measure_sold_out,
    "gate": measure_gate,
    "orders": measure_orders,
    "store": measure_store,
}
"""What needs MySQL and Redis alone."""

ON_TOPICS: Mapping[str, Part] = {"many-stores": measure_many_stores}
"""What also needs Kafka, and starts the processes that it measures."""

ON_VIEWS: Mapping[str, Part] = {"verifying": measure_verifying}
"""What needs MySQL, Redis and the read model, and fills them."""

ON_SYSTEM: Mapping[str, Part] = {
    "flash-sale": measure_flash_sale,
    "confirming": measure_confirming,
    "till-sales": measure_till_sales,
    "till-search": measure_till_search,
}
"""What needs the whole system. The sale comes first, since it counts all orders."""

EVERY = [*ON_MYSQL, *ON_TOPICS, *ON_VIEWS, *ON_SYSTEM]


def main() -> None:
    """Start the servers, and measure what is wanted."""
    options = _options()
    logs.configure("benchmark", logging.WARNING)
    if options.profile:
        with running("mysql", "redis"):
            uvloop.run(central.prepare())
            profile_holds(options)
        return
    wanted = options.only or EVERY
    if not ON_MYSQL.keys().isdisjoint(wanted):
        with running("mysql", "redis"):
            uvloop.run(central.prepare())
            uvloop.run(measure(ON_MYSQL, options))
    if not ON_TOPICS.keys().isdisjoint(wanted):
        with running("mysql", "redis", "kafka"):
            uvloop.run(central.prepare())
            uvloop.run(measure(ON_TOPICS, options))
    if not ON_VIEWS.keys().isdisjoint(wanted):
        with running("mysql", "redis", "postgres"):
            uvloop.run(measure(ON_VIEWS, options))
    if not ON_SYSTEM.keys().isdisjoint(wanted):
        with running(*GROUPS):
            uvloop.run(measure(ON_SYSTEM, options))
    print(f"{os.cpu_count()} cores are shared by what is measured, its clients and the databases")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inventory", description=__doc__)
    parser.add_argument("--only", action="append", choices=EVERY, help="measure this part")
    parser.add_argument("--rounds", type=int, default=2, help="run each variant this many times, alternately")
    parser.add_argument("--seconds", type=int, default=5, help="measure each run over HTTP for this many seconds")
    parser.add_argument("--clients", type=int, default=32, help="clients over HTTP, and tasks of their limits")
    parser.add_argument("--batches", type=int, default=20, help="batches of each run of orders and answers")
    parser.add_argument("--buyers", type=int, default=2000, help="buyers of the flash sale")
    parser.add_argument("--units", type=int, default=100, help="units of the flash sale")
    parser.add_argument("--orders", type=int, default=200, help="orders, and sales at a till, one at a time")
    parser.add_argument("--sales", type=int, default=50, help="sales of the last units at a till, each with a delivery")
    parser.add_argument("--stock-rows", type=int, default=1000, help="stock rows of all stores in a second")
    parser.add_argument("--stores-seconds", type=float, default=60, help="how long the thousand stores sell")
    parser.add_argument("--verified-rows", type=int, default=1_000_000, help="rows of stock that are verified")
    parser.add_argument("--profile", action="store_true", help="profile the service instead")
    return parser.parse_args()


if __name__ == "__main__":
    main()
