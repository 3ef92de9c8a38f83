"""`oms demo`: the story of one order, told with what each place answered."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any
from uuid import UUID

import httpx

from chassis.http.problems import Unavailable
from chassis.retrying import attempts
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH
from oms.company.import_command import import_with_bars, print_report
from oms.company.rest import Away, Refused, Rest, rest
from oms.demo import output
from oms.demo.storefront import (
    ORDER_QUERY,
    PRODUCTS_QUERY,
    SEARCHED,
    Seen,
    basket,
    known_customer,
    place_order,
    searched_products,
    seen_in_graphql,
)
from oms.environment import CHECKOUT
from oms.inspect.checks import read_model
from oms.inspect.order_places import Places, on_topics
from oms.repair import synonyms
from oms.terminal import console, fail

COMPANY = CHECKOUT / "demo" / "northwind"
SETTLE_S = 60.0


def demo() -> None:
    """Import the sample company, place an order and follow it to GraphQL. Safe to repeat: it places new orders."""
    try:
        asyncio.run(tell())
    except (Away, Refused, Unavailable) as error:
        raise fail(str(error)) from None


async def tell() -> None:
    """The story, one chapter after the other. Raises Away, Refused and Unavailable."""
    output.chapter("A company moves in", "Its products, customers and orders, through the REST services.")
    print_report(await import_with_bars(COMPANY))
    await _begin_with_synonyms()
    await _settled()
    async with rest() as services:
        output.chapter("A customer orders", "One MySQL transaction; the answer comes once it is durable.")
        body = basket(*await known_customer(services))
        placed, seen = await _order(services, body)
        output.write(body, placed)
        order = placed.json()
        output.chapter("Debezium and Faust carry it", "An order and its lines share a key, and so a partition.")
        output.records(await _on_all_topics(order["id"], len(order["lines"])))
        output.chapter("GraphQL shows it", "Asked with the Consistency-Token of the write, it answers once it has it.")
        output.code(ORDER_QUERY, "graphql")
        output.code(output.pretty(seen.data), "json")
        again = [(await _order(services, body))[1] for _ in range(2)]
        output.times([each.after_s for each in (seen, *again)])
        output.chapter("Someone searches", f"{SEARCHED!r}, misspelt as it is, in REST and in GraphQL.")
        await _search(services)
    output.chapter("Now you", "Pages to open, commands to try.")
    output.what_next(order["id"])


async def _begin_with_synonyms() -> None:
    lines = (COMPANY / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    if await synonyms.put_where_none_are(lines):
        console.print("its synonyms are in force: see [bold]oms synonyms show[/bold]")


async def _search(services: Rest) -> None:
    """What is found, as soon as the index has the products too."""
    gives_up_at = monotonic() + SETTLE_S
    async for _ in attempts(most_s=0.5):
        answer = await services.get("products", "/products", text=SEARCHED, limit=5)
        in_rest = answer.json()["items"]
        in_graphql = await searched_products(services)
        if (in_rest and in_graphql) or monotonic() > gives_up_at:
            console.print(f"[bold]GET {answer.request.url}[/bold]")
            output.products(in_rest)
            output.code(PRODUCTS_QUERY, "graphql")
            output.products(in_graphql)
            return


async def _order(services: Rest, body: dict[str, Any]) -> tuple[httpx.Response, Seen]:
    placed = await place_order(services, body)
    return placed, await seen_in_graphql(services, placed)


async def _settled() -> None:
    """Wait until the read model holds the company, so that the order's time is its own."""
    with console.status("until the read model has it all …"):
        gives_up_at = monotonic() + SETTLE_S
        async for _ in attempts(most_s=0.5):
            if await _is_current() or monotonic() > gives_up_at:
                return


async def _is_current() -> bool:
    topics = await read_model()
    return bool(topics) and all(topic.is_well for topic in topics)


async def _on_all_topics(order_id: str, lines: int) -> Places:
    """The order's records, once all are there: the joined one is written after the read model shows the order."""
    gives_up_at = monotonic() + SETTLE_S
    async for _ in attempts():
        places = Places(UUID(order_id))
        await on_topics(places)
        has_lines = len(places.of(ORDER_DETAIL)) >= lines
        if (places.of(ORDER) and has_lines and places.of(ORDERS_GRAPH)) or monotonic() > gives_up_at:
            return places
    raise AssertionError("attempts never end")
