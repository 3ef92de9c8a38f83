"""`oms demo`: the story of one order, told with what each place answered."""

from __future__ import annotations

import asyncio
import json
from statistics import median
from typing import Any
from uuid import UUID

import httpx
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from chassis import addresses
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.orders_graph import ORDERS_GRAPH
from oms.checks import read_model
from oms.environment import CHECKOUT
from oms.import_company import import_with_bars, print_report
from oms.order_places import Places, on_topics
from oms.rest import Away, Refused, Rest, rest
from oms.screen import at, console, fail
from oms.storefront import (
    ORDER_QUERY,
    PRODUCTS_QUERY,
    SEARCHED,
    NotSeen,
    Seen,
    basket,
    graphql,
    known_customer,
    place_order,
    seen_in_graphql,
)

COMPANY = CHECKOUT / "demo" / "northwind"
SETTLE_S = 60.0


def demo() -> None:
    """Import the sample company, place an order and follow it to GraphQL. Safe to repeat: it places new orders."""
    try:
        asyncio.run(tell())
    except (Away, Refused, NotSeen) as error:
        raise fail(str(error)) from None


async def tell() -> None:
    """The story, one chapter after the other. Raises Away, Refused and NotSeen."""
    _chapter("A company moves in", "its products, customers and orders, through the REST services")
    print_report(await import_with_bars(COMPANY))
    await _settled()
    async with rest() as services:
        _chapter("A customer orders", "one MySQL transaction, and 201 once it is durable")
        body = basket(*await known_customer(services))
        placed, seen = await _order(services, body)
        _show_rest(body, placed)
        order_id = placed.json()["id"]
        _chapter("Debezium and Faust carry it", "an order and its lines share a key, and so a partition")
        console.print(_table_of_records(await _on_all_topics(order_id)))
        _chapter("GraphQL shows it", "one order, its customer, products and addresses, from the read model")
        _show(ORDER_QUERY, "graphql")
        _show(_pretty(seen.data), "json")
        again = [(await _order(services, body))[1] for _ in range(2)]
        _show_times([seen, *again])
        _chapter("A product is searched", "Elasticsearch finds, in REST and in GraphQL")
        await _search(services)
    _say_what_next(order_id)


async def _order(services: Rest, body: dict[str, Any]) -> tuple[httpx.Response, Seen]:
    placed = await place_order(services, body)
    return placed, await seen_in_graphql(services, placed.json()["id"])


async def _settled() -> None:
    """Wait until the read model holds the company, so that the order's time is its own."""
    with console.status("until the read model has it all …"):
        ...
