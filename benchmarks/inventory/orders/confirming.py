"""How soon an order is confirmed in the read model, against how soon it is visible there at all.

The read model notifies by a trigger on `sales_order` that this benchmark adds; its cost counts against both.
"""

from __future__ import annotations

import asyncio
import random
from argparse import Namespace
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from time import perf_counter

import httpx

from benchmarks.inventory.orders.receiving import receive
from benchmarks.measures import Measure, ratio
from benchmarks.stream import read_model, shop
from benchmarks.stream.placing import Placer
from chassis import addresses
from orders.settings import database

WARM_UP_ORDERS, AT_ONCE = 400, 8
WAIT_S = 60.0

_TRIGGER = """
CREATE OR REPLACE FUNCTION notify_shown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('shown', NEW.order_id || ' ' || NEW.status); RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER notify_shown AFTER INSERT OR UPDATE ON sales_order
FOR EACH ROW EXECUTE FUNCTION notify_shown();
"""
_QUERY = "query ($id: ID!) { order(id: $id) { status sourcing { status } } }"
_CONFIRMED = {"status": "CONFIRMED", "sourcing": {"status": "COMMITTED"}}


class Shown:
    """The times at which orders are visible and confirmed, by order id (`perf_counter`)."""

    def __init__(self) -> None:
        self.visible_at: dict[str, float] = {}
        self.confirmed_at: dict[str, float] = {}
        self._confirmed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def notified(self, *notification: object) -> None:
        """Note a version of an order in the read model."""
        order_id, status = str(notification[-1]).split()
        self.visible_at.setdefault(order_id, perf_counter())
        if status == "confirmed" and order_id not in self.confirmed_at:
            self.confirmed_at[order_id] = perf_counter()
            self._confirmed[order_id].set()

    async def confirmed(self, order_id: str) -> None:
        """Wait until an order is confirmed. Raises TimeoutError."""
        await asyncio.wait_for(self._confirmed[order_id].wait(), WAIT_S)


async def measure_confirming(options: Namespace) -> None:
    """One order at a time, after some to warm up. Raises RuntimeError if GraphQL does not show one as confirmed."""
    await receive(sorted({line["sku"] for number in range(shop.PATTERNS) for line in shop.order_rows(number)[1]}))
    orders = database()
    try:
        placer = Placer(orders)
        async with _seeing() as shown:
            await _warm_up(placer, shown)
            placed = [await _place(placer, shown) for _ in range(options.orders)]
    finally:
        await orders.close()
    await _check(placed)
    visible = _measure("visible", placed, placer.committed_at, shown.visible_at)
    confirmed = _measure("confirmed", placed, placer.committed_at, shown.confirmed_at)
    print(visible.line("orders"), confirmed.line("orders"), sep="\n")
    for share, what, most in ((0.5, "p50", 6), (0.99, "p99", 10)):
        value = visible.percentile_ms(share) / confirmed.percentile_ms(share)
        print(ratio(f"{what}-visible-to-confirmed", value, 1 / most))


async def _warm_up(placer: Placer, shown: Shown) -> None:
    numbers = iter(range(WARM_UP_ORDERS))

    async def client() -> None:
        for _ in numbers:
            await shown.confirmed(await placer.place())

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))


async def _place(placer: Placer, shown: Shown) -> str:
    order_id = await placer.place()
    await shown.confirmed(order_id)
    await asyncio.sleep(random.uniform(0.05, 0.15))
    return order_id


def _measure(name: str, orders: Sequence[str], begun: Mapping[str, float], ended: Mapping[str, float]) -> Measure:
    latencies_ms = [(ended[order] - begun[order]) * 1000 for order in orders]
    seconds = max(ended[order] for order in orders) - min(begun[order] for order in orders)
    return Measure(name=name, done=len(orders), seconds=seconds, latencies_ms=latencies_ms)


@asynccontextmanager
async def _seeing() -> AsyncIterator[Shown]:
    shown = Shown()
    async with read_model.connected() as connection:
        await connection.execute(_TRIGGER)
        await connection.add_listener("shown", shown.notified)
        yield shown


async def _check(orders: Sequence[str]) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        for order_id in orders:
            body = {"query": _QUERY, "variables": {"id": order_id}}
            answer = await http.post(addresses.url("gateway") + "/graphql", json=body)
            if (found := answer.json()["data"]["order"]) != _CONFIRMED:
                raise RuntimeError(f"GraphQL shows an order as {found}")
