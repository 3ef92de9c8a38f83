"""How soon an order is shown as shipped after its shipment was dispatched, against how soon an order is visible at all.

An order is committed, passes MySQL, Kafka and the read model: one latency. A dispatch does, until `orders.worker` has
it, and then its order does: two of them. Both are observed by `benchmarks/inventory/orders/shown.py`, in the same run.
"""

from __future__ import annotations

import asyncio
import random
from argparse import Namespace
from collections.abc import Sequence
from time import perf_counter
from typing import Any
from uuid import uuid4

import httpx

from benchmarks.inventory.orders.receiving import receive
from benchmarks.inventory.orders.shown import WAIT_S, Shown, latencies, seeing
from benchmarks.measures import ratio
from benchmarks.stream import shop
from benchmarks.stream.placing import Placer
from chassis import addresses
from chassis.retrying import attempts
from orders.settings import database

AT_ONCE = 8
LATENCIES = 2
MOST_TIMES = {"p50": (0.5, 1.5), "p99": (0.99, 3.0)}

_QUERY = "query ($id: ID!) { order(id: $id) { status fulfilment shipments { status } } }"
_SHIPPED = {"status": "SHIPPED", "fulfilment": "SHIPPED", "shipments": [{"status": "DISPATCHED"}]}


class Warehouse:
    """Places orders, and dispatches their shipments; `dispatched_at` has the time of each response (`perf_counter`)."""

    def __init__(self, http: httpx.AsyncClient, placer: Placer, shown: Shown) -> None:
        self._http, self._placer, self._shown = http, placer, shown
        self.dispatched_at: dict[str, float] = {}

    async def order(self, pause_s: float = 0.0) -> str:
        """An order, until it is shown as shipped. Returns its id. Raises RuntimeError for a refused command."""
        order_id = await self._placer.place()
        await self._shown.reached("confirmed", order_id)
        shipment_id = await self._shipment_of(order_id)
        await self._command(shipment_id, "pack", {"parcels": [{}]})
        await asyncio.sleep(pause_s)
        await self._command(shipment_id, "dispatch", {"carrier": "dhl"})
        self.dispatched_at[order_id] = perf_counter()
        await self._shown.reached("shipped", order_id)
        return order_id

    async def _shipment_of(self, order_id: str) -> str:
        """The id of the one shipment of an order, once it is planned."""
        url = addresses.url("shipping") + "/shipments"
        async with asyncio.timeout(WAIT_S):
            async for _ in attempts(most_s=0.2):
                answer = await self._http.get(url, params={"orderId": order_id})
                if found := answer.raise_for_status().json()["items"]:
                    [shipment] = found
                    return str(shipment["id"])
        raise AssertionError("attempts never end")

    async def _command(self, shipment_id: str, name: str, body: dict[str, Any]) -> None:
        url, headers = f"{addresses.url('shipping')}/shipments/{shipment_id}/{name}", {"Idempotency-Key": str(uuid4())}
        answer = await self._http.post(url, json=body, headers=headers)
        if not answer.is_success:
            raise RuntimeError(f"{name} was refused: {answer.text}")


async def measure_dispatch(options: Namespace) -> None:
    """One order at a time, after as many to warm up. Raises RuntimeError if GraphQL does not show one as shipped."""
    await receive(sorted({line["sku"] for number in range(shop.PATTERNS) for line in shop.order_rows(number)[1]}))
    orders = database()
    try:
        placer = Placer(orders)
        async with seeing() as shown, httpx.AsyncClient(timeout=30) as http:
            warehouse = Warehouse(http, placer, shown)
            await _warm_up(warehouse, options.orders)
            placed = [await _after_a_pause(warehouse) for _ in range(options.orders)]
            await _check(http, placed)
    finally:
        await orders.close()
    visible = latencies("visible", placed, placer.committed_at, shown.visible_at)
    shipped = latencies("shipped", placed, warehouse.dispatched_at, shown.first_at("shipped"))
    print(visible.line("orders"), shipped.line("orders"), sep="\n")
    for what, (share, most) in MOST_TIMES.items():
        value = LATENCIES * visible.percentile_ms(share) / shipped.percentile_ms(share)
        print(ratio(f"{what}-two-latencies-to-shipped", value, 1 / most))


async def _warm_up(warehouse: Warehouse, orders: int) -> None:
    numbers = iter(range(orders))

    async def client() -> None:
        for _ in numbers:
            await warehouse.order()

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))


async def _after_a_pause(warehouse: Warehouse) -> str:
    await asyncio.sleep(random.uniform(0.05, 0.15))
    return await warehouse.order(random.uniform(0.05, 0.15))


async def _check(http: httpx.AsyncClient, orders: Sequence[str]) -> None:
    for order_id in orders:
        body = {"query": _QUERY, "variables": {"id": order_id}}
        answer = await http.post(addresses.url("gateway") + "/graphql", json=body)
        if (found := answer.json()["data"]["order"]) != _SHIPPED:
            raise RuntimeError(f"GraphQL shows an order as {found}")
