"""How soon GraphQL shows a sale at a till, against how soon it shows an order that was placed.

Each time begins with the 201 of the write. The read waits for its token, so it comes neither late nor early.
"""

from __future__ import annotations

import asyncio
import random
from argparse import Namespace
from collections.abc import Awaitable, Callable
from time import perf_counter
from uuid import uuid4

import httpx

from benchmarks.inventory.shelves import STORE
from benchmarks.inventory.stores.graphql import shown
from benchmarks.inventory.stores.till import move
from benchmarks.measures import Measure, ratio
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.drill.sale import open_fair
from oms.drill.tills import Fair

UNITS = 10**5
WARM_UP_PAIRS, AT_ONCE = 200, 8
MOST_TIMES = 3

_ORDER = "query ($id: ID!) { order(id: $id) { status } }"
_STOCK = "query ($sku: String!, $store: ID!) { product(sku: $sku) { stock(stores: [$store]) { onHand } } }"


class Shop:
    """Places orders and sells at the till of the store, and reads what GraphQL shows of it."""

    def __init__(self, http: httpx.AsyncClient, fair: Fair) -> None:
        self._http, self._rest, self._fair = http, Rest(http), fair

    async def order(self) -> float:
        """Place an order. Returns the seconds until it is visible, once it is confirmed too.

        Raises RuntimeError if GraphQL does not show it.
        """
        line = {"sku": self._sku(), "quantity": 1, "deliveryAddressId": self._fair.address_id}
        body, key = {"customerId": self._fair.customer_id, "lines": [line]}, str(uuid4())
        placed = await until_available(lambda: self._rest.post("orders", "/orders", body, key))
        began, variables = perf_counter(), {"id": placed.json()["id"]}
        visible = await shown(self._http, _ORDER, variables, placed.headers["Consistency-Token"])
        took_s = perf_counter() - began
        confirmed = await shown(self._http, _ORDER, variables, f"order:{variables['id']}:2")
        if visible["order"] is None or confirmed["order"] != {"status": "CONFIRMED"}:
            raise RuntimeError(f"GraphQL shows an order as {visible}, then as {confirmed}")
        return took_s

    async def sale(self) -> float:
        """Sell a unit at the till. Returns the seconds until GraphQL shows it. Raises RuntimeError if it does not."""
        sku = self._sku()
        sold = await move(self._rest, sku, -1)
        began = perf_counter()
        seen = await shown(self._http, _STOCK, {"sku": sku, "store": STORE}, sold.token)
        took_s = perf_counter() - began
        [stock] = seen["product"]["stock"]
        if stock["onHand"] > sold.stock["onHand"]:  # nobody receives units, and other sales may be shown already
            raise RuntimeError(f"the store has {sold.stock}, GraphQL shows {seen}")
        return took_s

    def _sku(self) -> str:
        return random.choice(self._fair.skus)


async def measure_till_sales(options: Namespace) -> None:
    """One order and one sale at a time, after some to warm up."""
    async with httpx.AsyncClient(timeout=60) as http:
        fair = await open_fair(Rest(http), [STORE], UNITS)
        for sku in fair.skus:
            await shown(http, _STOCK, {"sku": sku, "store": STORE}, f"product:{sku}:1")
        shop = Shop(http, fair)
        await _warm_up(shop)
        orders, sales = list[float](), list[float]()
        for _ in range(options.orders):
            orders.append(await _after_a_pause(shop.order))
            sales.append(await _after_a_pause(shop.sale))
    order, sale = _measure("order", orders), _measure("till sale", sales)
    print(order.line("orders"), sale.line("sales"), sep="\n")
    value = order.percentile_ms(0.5) / sale.percentile_ms(0.5)
    print(ratio("order-to-till-sale-visible-p50", value, 1 / MOST_TIMES))


async def _warm_up(shop: Shop) -> None:
    numbers = iter(range(WARM_UP_PAIRS))

    async def client() -> None:
        for _ in numbers:
            await shop.order()
            await shop.sale()

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))


async def _after_a_pause(action: Callable[[], Awaitable[float]]) -> float:
    await asyncio.sleep(random.uniform(0.05, 0.15))
    return await action()


def _measure(name: str, seconds: list[float]) -> Measure:
    return Measure(name=name, done=len(seconds), seconds=sum(seconds), latencies_ms=[each * 1000 for each in seconds])
