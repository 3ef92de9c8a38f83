"""`oms drill stores`: tills and buyers of all stores at once, while processes are killed and a store is cut off."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from time import monotonic
from typing import Annotated

import httpx
import typer

from chassis.addresses import STORE_PORTS, store_process
from chassis.retrying import attempts
from connectors.connect_api import ConnectError
from oms.company.errors import RequestRefused, ServiceUnavailable
from oms.company.rest import Rest
from oms.drill.books import Books, differences, read_books
from oms.drill.disturbing import Disturbance
from oms.drill.killing import NotSupervised
from oms.drill.sale import NotReady, open_fair
from oms.drill.tills import Fair, Sold, trade
from oms.terminal import bad, console, fail, good

SETTLED_WITHIN_S = 300.0
VICTIMS = ("inventory_worker", "orders_worker", "inventory", "redis", "connect", "orders", "mysql", "kafka")
"""The programs that are killed one after the other, beside each store."""

Minutes = Annotated[float, typer.Option("--minutes", min=0.1, help="How long stores sell.")]
Kills = Annotated[bool, typer.Option("--kill", help="Kill each store and each process that takes part, one by one.")]
Cut = Annotated[str | None, typer.Option("--cut-off", help="Store whose connection is cut for 40 s.")]
Buyers = Annotated[int, typer.Option("--buyers", min=1, max=100, help="Buyers at once, who order online.")]
Units = Annotated[int, typer.Option("--units", min=1, help="Units of each product in each store.")]


def drill_stores(
    minutes: Minutes = 5, kills: Kills = False, cut_off: Cut = None, buyers: Buyers = 8, units: Units = 300
) -> None:
    """Sell at the tills of all stores and online; exit with 1 if a unit is sold twice, or a sale is lost."""
    stores = list(STORE_PORTS)
    if cut_off is not None and cut_off not in stores:
        raise fail(f"there is no store {cut_off} in this drill; stores are {', '.join(stores)}")
    names = [*map(store_process, stores), *VICTIMS] if kills else []
    try:
        wrong = asyncio.run(run_drill(stores, minutes * 60, units, buyers, Disturbance(names, cut_off)))
    except (RequestRefused, ServiceUnavailable, NotReady, NotSupervised, ConnectError, httpx.HTTPError) as error:
        raise fail(str(error)) from None
    for each in wrong:
        console.print(bad(each), soft_wrap=True)
    if wrong:
        raise fail(f"{len(wrong)} differences")
    console.print(good("stores, central and orders agree: no unit is sold twice, and every sale at a till is kept"))


async def run_drill(
    stores: Sequence[str], seconds: float, units: int, buyers: int, disturbance: Disturbance
) -> list[str]:
    """Trade while processes are disturbed; then what is wrong, once all is decided or nothing changes any more."""
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=buyers + 16)) as client:
        rest = Rest(client)
        fair = await open_fair(rest, stores, units)
        async with disturbance.during(rest, fair, seconds):
            sold = await trade(rest, fair, seconds, buyers, Random())
        books, wrong = await _settled(rest, fair, sold)
    _show(sold, books)
    wrong = disturbance.wrong + wrong
    return wrong + [f"{count} requests were refused: {text}" for text, count in sold.refusals.items()]


async def _settled(rest: Rest, fair: Fair, sold: Sold) -> tuple[Books, list[str]]:
    """The books once nothing is wrong, or what is wrong has not changed for long."""
    before: list[str] = []
    changed_at = monotonic()
    async for _ in attempts(most_s=2.0):
        books = await read_books(rest, fair)
        wrong = differences(fair, sold, books)
        if wrong != before:
            before, changed_at = wrong, monotonic()
        if not wrong or monotonic() - changed_at > SETTLED_WITHIN_S:
            return books, wrong
    raise AssertionError("attempts never end")


def _show(sold: Sold, books: Books) -> None:
    statuses = Counter(books.statuses.values())
    tills = ", ".join(
        f"{store} {sum(len(some) for (each, _), some in sold.tills.items() if each == store)}"
        for store in dict.fromkeys(store for store, _ in books.shelves)
    )
    console.print(f"sales at the tills: {tills}; {sold.sold_out} told that there are too few units")
    shown = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    console.print(f"{len(sold.orders)} orders: {shown}; {sold.retries} requests repeated")
