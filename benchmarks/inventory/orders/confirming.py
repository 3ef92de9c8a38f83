"""How soon an order is confirmed in the read model, against how soon it is visible there at all.

It is observed by `shown.py`; the cost of its trigger counts against both.
"""

from __future__ import annotations

import asyncio
import random
from argparse import Namespace
from collections.abc import Sequence

import httpx

from benchmarks.inventory.orders.receiving import receive
from benchmarks.inventory.orders.shown import Shown, latencies, seeing
from benchmarks.measures import ratio
from benchmarks.stream import shop
from benchmarks.stream.placing import Placer
from chassis import addresses
from orders.settings import database

WARM_UP_ORDERS, AT_ONCE = 400, 8

_QUERY = "query ($id: ID!) { order(id: $id) { status sourcing { status } } }"
_CONFIRMED = {"status": "CONFIRMED", "sourcing": {"status": "COMMITTED"}}


async def measure_confirming(options: Namespace) -> None:
    """One order at a time, after some to warm up. Raises RuntimeError if GraphQL does not show one as confirmed."""
    await receive(sorted({line["sku"] for number in range(shop.PATTERNS) for line in shop.order_rows(number)[1]}))
    orders = database()
    try:
        placer = Placer(orders)
        async with seeing() as shown:
            await _warm_up(placer, shown)
            placed = [await _place(placer, shown) for _ in range(options.orders)]
    finally:
        await orders.close()
    await _check(placed)
    visible = latencies("visible", placed, placer.committed_at, shown.visible_at)
    confirmed = latencies("confirmed", placed, placer.committed_at, shown.first_at("confirmed"))
    print(visible.line("orders"), confirmed.line("orders"), sep="\n")
    for share, what, most in ((0.5, "p50", 6), (0.99, "p99", 10)):
        value = visible.percentile_ms(share) / confirmed.percentile_ms(share)
        print(ratio(f"{what}-visible-to-confirmed", value, 1 / most))


async def _warm_up(placer: Placer, shown: Shown) -> None:
    numbers = iter(range(WARM_UP_ORDERS))

    async def client() -> None:
        for _ in numbers:
            await shown.reached("confirmed", await placer.place())

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))


async def _place(placer: Placer, shown: Shown) -> str:
    order_id = await placer.place()
    await shown.reached("confirmed", order_id)
    await asyncio.sleep(random.uniform(0.05, 0.15))
    return order_id


async def _check(orders: Sequence[str]) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        for order_id in orders:
            body = {"query": _QUERY, "variables": {"id": order_id}}
            answer = await http.post(addresses.url("gateway") + "/graphql", json=body)
            if (found := answer.json()["data"]["order"]) != _CONFIRMED:
                raise RuntimeError(f"GraphQL shows an order as {found}")
