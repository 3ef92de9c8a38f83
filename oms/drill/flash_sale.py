"""`oms drill flash-sale`: many buyers for few units, and exactly these units are sold, whatever is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Annotated

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chassis.addresses import store_process
from chassis.retrying import attempts
from oms.company.errors import RequestRefused, ServiceUnavailable
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.drill.buyers import Tally, Through, buy_all
from oms.drill.killing import Kill, NotSupervised, processes, victims
from oms.drill.sale import NotReady, Sale, count_orders, open_sale, promised
from oms.terminal import bad, console, fail, good

OnAnswer = Callable[[Tally], None]

DECIDED_WITHIN_S = 300.0
"""After this time without a new decision, the orders that are still placed are stuck."""

Buyers = Annotated[int, typer.Option("--buyers", min=1, help="Buyers, each of whom wants one unit.")]
Units = Annotated[int, typer.Option("--units", min=1, help="Units that there are.")]
Ways = Annotated[Through, typer.Option("--through", help="Buyers order at once, or reserve a unit before.")]
Kills = Annotated[bool, typer.Option("--kill", help="Kill each process that takes part, and Redis and Connect.")]
Clients = Annotated[int, typer.Option("--clients", min=1, max=500, help="Buyers at once.")]
StoreId = Annotated[str, typer.Option("--store", help="Store that has the units.")]


@dataclass(frozen=True)
class Result:
    """How the sale ended: orders by status, the units of the store, and the seconds until the last decision."""

    tally: Tally
    confirmed: int
    rejected: int
    placed: int
    committed: int
    reserved: int
    promised: int
    decided_s: float


def flash_sale(
    buyers: Buyers = 10_000,
    units: Units = 100,
    through: Ways = Through.ORDERS,
    kills: Kills = False,
    clients: Clients = 64,
    store: StoreId = "seattle",
) -> None:
    """Sell few units to many buyers; exit with 1 unless exactly these units are sold and no order is stuck."""
    try:
        kill = processes(victims(store)).kill if kills else None
        result = asyncio.run(run_sale(store, buyers, units, clients, through, kill))
    except (RequestRefused, ServiceUnavailable, NotReady, NotSupervised) as error:
        raise fail(str(error)) from None
    if wrong := show(result, buyers, units, through):
        raise fail("; ".join(wrong))
    console.print(good(f"exactly {min(units, buyers)} of {buyers} orders are confirmed, none is stuck"))


async def run_sale(store: str, buyers: int, units: int, clients: int, through: Through, kill: Kill | None) -> Result:
    """Run one sale until every order is decided, or none is any more."""
    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(timeout=30, limits=limits) as client:
        services = Rest(client)
        sale = await open_sale(services, store, units)
        began = monotonic()
        tally = await _sell(services, sale, buyers, clients, through, _killing(kill, store, buyers))
        return await _result(services, sale, tally, began)


async def _sell(services: Rest, sale: Sale, buyers: int, clients: int, through: Through, on_answer: OnAnswer) -> Tally:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("buyers", total=buyers)

        def answered(tally: Tally) -> None:
            progress.update(bar, completed=tally.answered)
            on_answer(tally)

        return await buy_all(services, sale, buyers, clients, through, answered)


def _killing(kill: Kill | None, store: str, buyers: int) -> OnAnswer:
    """Kills the next program after each part of the buyers."""
    names = victims(store)
    left = list(names) if kill else []

    def on_answer(tally: Tally) -> None:
        begun = len(names) - len(left) + 1
        if kill and left and tally.answered >= buyers * begun // (len(names) + 1):
            name = left.pop(0)
            console.print(f"killed {name} after {tally.answered} buyers" if kill(name) else f"{name} did not run")

    return on_answer


async def _result(services: Rest, sale: Sale, tally: Tally, began: float) -> Result:
    decided_s = await _until_decided(services, sale, began)
    units = await promised(services, sale)
    path = f"/stores/{sale.store_id}/stock/{sale.sku}"
    shelf = (await until_available(lambda: services.get(store_process(sale.store_id), path))).json()
    counts = {status: await count_orders(services, sale, status) for status in ("confirmed", "rejected", "placed")}
    return Result(
        tally,
        **counts,
        committed=shelf["committed"],
        reserved=units["reserved"],
        promised=units["availableToPromise"],
        decided_s=decided_s,
    )


async def _until_decided(services: Rest, sale: Sale, began: float) -> float:
    """Wait until no order is placed any more, or none was decided for long. Returns the seconds since `began`."""
    left, moved_at = -1, monotonic()
    async for _ in attempts(most_s=1.0):
        placed = await count_orders(services, sale, "placed")
        if placed != left:
            left, moved_at = placed, monotonic()
        if not placed or monotonic() - moved_at > DECIDED_WITHIN_S:
            return moved_at - began
    raise AssertionError("attempts never end")


def show(result: Result, buyers: int, units: int, through: Through) -> list[str]:
    """Print the counts. Returns what is wrong."""
    tally = result.tally
    console.print(
        f"{buyers} buyers, {units} units: {tally.placed} orders placed, {tally.sold_out} told that it is sold out,"
        f" {tally.retries} requests repeated, in {tally.seconds:.1f} s"
    )
    console.print(f"{result.confirmed} confirmed, {result.rejected} rejected, {result.placed} stuck")
    console.print(f"{result.committed} committed by the store, {result.reserved} reserved, {result.promised} available")
    console.print(f"the last order was decided after {result.decided_s:.1f} s")
    sold = min(units, buyers)
    wrong = [f"{count} buyers got: {text}" for text, count in tally.refusals.items()]
    orders = buyers if through is Through.ORDERS else sold
    for what, count, right in (
        ("placed", tally.placed, orders),
        ("sold out", tally.sold_out, buyers - orders),
        ("confirmed", result.confirmed, sold),
        ("rejected", result.rejected, tally.placed - sold),
        ("stuck", result.placed, 0),
        ("committed", result.committed, sold),
        ("reserved", result.reserved, 0),
        ("left", result.promised, units - sold),
    ):
        if count != right:
            wrong.append(f"{count} {what} instead of {right}")
    for each in wrong:
        console.print(bad(each), soft_wrap=True)
    return wrong
