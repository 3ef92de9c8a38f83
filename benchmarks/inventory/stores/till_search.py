"""How soon a search for products in stock loses a product whose last units are sold at a till, and finds it again after
a delivery.

Each time begins with the 201 of the store, and ends with the response of the first search that shows it. No token says
when the index has the stock of a product, so the search is repeated: a time is too long by one search at most.
"""

from __future__ import annotations

import asyncio
import random
from argparse import Namespace
from time import perf_counter

import httpx

from benchmarks.inventory.shelves import STORE
from benchmarks.inventory.stores.graphql import shown
from benchmarks.inventory.stores.till import move
from benchmarks.measures import Measure, ratio
from chassis.retrying import attempts
from oms.company.rest import Rest
from oms.drill.sale import open_sale, promised

WARM_UP = 20
PAUSE_S = 1.0
"""At most; irregular, since the index is refreshed at regular times."""

LOOK_S = 0.01
WAIT_S = 120.0

_SEARCH = "query ($text: String!) { products(text: $text, filter: {inStock: true}, first: 5) { nodes { sku } } }"


async def measure_till_search(options: Namespace) -> None:
    """Sell all units and receive them again, after some times to warm up.

    Raises TimeoutError if the search never shows it, and RuntimeError if the store moves other units.
    """
    sold_out, delivered = list[float](), list[float]()
    async with httpx.AsyncClient(timeout=60) as http:
        rest = Rest(http)
        sale = await open_sale(rest, STORE, units=1)
        units = (await promised(rest, sale))["onHand"]
        await _until(http, sale.sku, is_found=True)
        for number in range(-WARM_UP, options.sales):
            gone_s = await _moved(rest, http, sale.sku, -units)
            back_s = await _moved(rest, http, sale.sku, units)
            if number >= 0:
                sold_out.append(gone_s * 1000)
                delivered.append(back_s * 1000)
    _report("sold-out", sold_out)
    _report("delivered", delivered)


def _report(name: str, latencies_ms: list[float]) -> None:
    seconds = sum(latencies_ms) / 1000
    run = Measure(name=name, done=len(latencies_ms), seconds=seconds, latencies_ms=latencies_ms)
    p50, p95, worst = (run.percentile_ms(share) for share in (0.5, 0.95, 1))
    print(f"{name:<10} {run.done} times   p50 {p50:7.2f} ms   p95 {p95:7.2f} ms   worst {worst:7.2f} ms")
    print(ratio(f"second-to-{name}-in-search-p95", 1000 / p95, 1))


async def _moved(rest: Rest, http: httpx.AsyncClient, sku: str, units: int) -> float:
    """Sell or receive units. Returns the seconds until the search shows it."""
    await asyncio.sleep(random.uniform(0, PAUSE_S))
    stock = (await move(rest, sku, units)).stock
    began = perf_counter()
    if stock["onHand"] != max(0, units):
        raise RuntimeError(f"{units} units were moved, and the store has {stock}")
    await _until(http, sku, is_found=units > 0)
    return perf_counter() - began


async def _until(http: httpx.AsyncClient, sku: str, *, is_found: bool) -> None:
    async with asyncio.timeout(WAIT_S):
        async for _ in attempts(first_s=LOOK_S, most_s=LOOK_S):
            if (sku in await _found(http, sku)) == is_found:
                return


async def _found(http: httpx.AsyncClient, sku: str) -> set[str]:
    data = await shown(http, _SEARCH, {"text": sku})
    return {node["sku"] for node in data["products"]["nodes"]}
