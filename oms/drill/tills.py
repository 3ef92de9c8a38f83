"""Tills and buyers of several stores, who repeat each request with the same key until it has an answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any
from uuid import uuid4

from chassis.addresses import store_process
from chassis.retrying import attempts
from oms.company.errors import RequestRefused, ServiceUnavailable
from oms.company.rest import Rest

GIVE_UP_S = 300.0
TILL_PAUSE_S, BUYER_PAUSE_S = 0.2, 0.1
MOST_OF_AN_ORDER = 3
SOLD_OUT = ("insufficient-stock", "committed-stock")


@dataclass(frozen=True)
class Fair:
    """What is sold, by which stores, to whom. Each store received `units` of each SKU."""

    skus: Sequence[str]
    stores: Sequence[str]
    units: int
    customer_id: str
    address_id: str


@dataclass
class Sold:
    """What tills and buyers were answered."""

    tills: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """The references of the sales that a till was told are done, by store and SKU."""
    orders: dict[str, tuple[str, int]] = field(default_factory=dict)
    """The SKU and quantity of each order, by its id."""
    sold_out: int = 0
    retries: int = 0
    refusals: Counter[str] = field(default_factory=Counter)


async def trade(rest: Rest, fair: Fair, seconds: float, buyers: int, random: Random) -> Sold:
    """Sell at two tills of each store, and to so many buyers, for this long. Raises ServiceUnavailable."""
    sold, end = Sold(), monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for store in fair.stores:
            for _ in range(2):
                group.create_task(_till(rest, fair, store, end, sold, random))
        for _ in range(buyers):
            group.create_task(_buyer(rest, fair, end, sold, random))
    return sold


async def _till(rest: Rest, fair: Fair, store: str, end: float, sold: Sold, random: Random) -> None:
    while monotonic() < end:
        sku, reference = random.choice(fair.skus), str(uuid4())
        sale = {"sku": sku, "delta": -1, "reason": "sold", "reference": reference}
        path = f"/stores/{store}/stock-movements"
        if await _post(rest, store_process(store), path, sale, reference, sold):
            sold.tills.setdefault((store, sku), set()).add(reference)
        await asyncio.sleep(TILL_PAUSE_S)


async def _buyer(rest: Rest, fair: Fair, end: float, sold: Sold, random: Random) -> None:
    while monotonic() < end:
        sku, quantity = random.choice(fair.skus), random.randint(1, MOST_OF_AN_ORDER)
        line = {"sku": sku, "quantity": quantity, "deliveryAddressId": fair.address_id}
        order = {"customerId": fair.customer_id, "lines": [line]}
        placed = await _post(rest, "orders", "/orders", order, str(uuid4()), sold)
        if placed:
            sold.orders[str(placed["id"])] = sku, quantity
        await asyncio.sleep(BUYER_PAUSE_S)


async def _post(
    rest: Rest, service: str, path: str, body: dict[str, Any], key: str, sold: Sold
) -> dict[str, Any] | None:
    """What was created; None if it was refused. Raises ServiceUnavailable after `GIVE_UP_S` without an answer."""
    deadline = monotonic() + GIVE_UP_S
    async for _ in attempts(most_s=2.0):
        try:
            created: dict[str, Any] = (await rest.post(service, path, body, key)).json()
        except ServiceUnavailable:
            if monotonic() > deadline:
                raise
            sold.retries += 1
        except RequestRefused as refusal:
            if refusal.kind in SOLD_OUT:
                sold.sold_out += 1
            else:
                sold.refusals[str(refusal)] += 1
            return None
        else:
            return created
    raise AssertionError("attempts never end")
