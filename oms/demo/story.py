"""`oms demo`: places an order and prints how it travels from REST to GraphQL."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any
from uuid import UUID

import httpx

from chassis.http.errors.problems import Unavailable
from chassis.retrying import attempts
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH
from oms.company.errors import RequestRefused, ServiceUnavailable
from oms.company.importing.import_command import import_with_bars, print_report
from oms.company.rest import Rest, rest
from oms.company.retries import until_available
from oms.demo import output
from oms.demo.restock_story import show_restock
from oms.demo.shipping_story import show_return, show_shipment
from oms.demo.stock_story import show_shortage, show_stock_of
from oms.demo.storefront import (
    BASKET,
    ORDER_QUERY,
    PRODUCTS_QUERY,
    SEARCH_TEXT,
    GraphQLOrder,
    demo_customer,
    order_in_graphql,
    order_of,
    place_order,
    search_in_rest,
    search_products,
)
from oms.environment import CHECKOUT
from oms.inspect.checks import read_model
from oms.inspect.order_lookup import on_topics
from oms.inspect.order_trace import OrderTrace
from oms.repair import synonyms
from oms.terminal import console, fail

COMPANY = CHECKOUT / "demo" / "northwind"
TIMEOUT_S = 60.0


def demo() -> None:
    """Import the sample company, place an order and follow it to GraphQL. Safe to repeat: it places new orders."""
    try:
        asyncio.run(run_demo())
    except (RequestRefused, ServiceUnavailable, Unavailable) as error:
        raise fail(str(error)) from None


async def run_demo() -> None:
    """Run the demonstration. Raises ServiceUnavailable, RequestRefused and Unavailable."""
    output.chapter("Import a company", "Products, stock, customers and orders, through the REST services.")
    print_report(await import_with_bars(COMPANY))
    await _apply_synonyms()
    await _until_current()
    async with rest() as services:
        output.chapter("Place an order", "One MySQL transaction; the response is sent once it is durable.")
        customer_id, address_id = await demo_customer(services)
        body = order_of(customer_id, address_id, BASKET)
        placed, order_data = await _order(services, body)
        output.write(body, placed)
        order = placed.json()
        output.chapter(
            "Follow it through Kafka", "An order and its lines have the same key, and so the same partition."
        )
        output.records(await _on_all_topics(order["id"], len(order["lines"])))
        output.chapter(
            "Query it with GraphQL", "With the Consistency-Token of the write, the query waits until it is visible."
        )
        output.code(ORDER_QUERY, "graphql")
        output.code(output.pretty(order_data.data), "json")
        again = [(await _order(services, body))[1] for _ in range(2)]
        output.times([each.after_s for each in (order_data, *again)])
        output.chapter(
            "Its store confirms it", "Inventory reserves the units, the store commits them, and the order is confirmed."
        )
        await show_stock_of(services, placed)
        output.chapter("It is shipped", "Its shipment is planned by itself; the order and the stock follow it.")
        await show_shipment(services, order["id"])
        output.chapter("A return", "A unit comes back, and what was paid for it is refunded.")
        await show_return(services, order["id"])
        output.chapter("A shortage", "An order of a product that is out of stock is rejected, with the reason.")
        await show_shortage(services, customer_id, address_id)
        output.chapter("A restock", "A stock at its reorder level is requested from a supplier, once at a time.")
        await show_restock(services)
        output.chapter("Search products", f"{SEARCH_TEXT!r}, a misspelling, with REST and with GraphQL.")
        await _search(services)
    output.chapter("Try it yourself", "Pages to open and commands to run.")
    output.what_next(order["id"])


async def _apply_synonyms() -> None:
    lines = (COMPANY / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    if await until_available(lambda: synonyms.put_if_missing(lines)):
        console.print("applied its synonyms: see [bold]oms synonyms show[/bold]")


async def _search(services: Rest) -> None:
    """Print the results once the index has the products."""
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts(most_s=0.5):
        answer = await search_in_rest(services)
        in_rest = answer.json()["items"]
        in_graphql = await search_products(services)
        if (in_rest and in_graphql) or monotonic() > deadline:
            console.print(f"[bold]GET {answer.request.url}[/bold]")
            output.products(in_rest)
            output.code(PRODUCTS_QUERY, "graphql")
            output.products(in_graphql)
            return


async def _order(services: Rest, body: dict[str, Any]) -> tuple[httpx.Response, GraphQLOrder]:
    placed = await place_order(services, body)
    return placed, await order_in_graphql(services, placed)


async def _until_current() -> None:
    """Wait until the read model has the company, so that the measured times are those of the order."""
    with console.status("waiting for the read model …"):
        deadline = monotonic() + TIMEOUT_S
        async for _ in attempts(most_s=0.5):
            if await _is_current() or monotonic() > deadline:
                return


async def _is_current() -> bool:
    topics = await until_available(read_model)
    return bool(topics) and all(topic.is_well for topic in topics)


async def _on_all_topics(order_id: str, lines: int) -> OrderTrace:
    """The order's records, once all exist: the joined one is published after the read model shows the order."""
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts():
        found = OrderTrace(UUID(order_id))
        await on_topics(found)
        has_lines = len(found.of(ORDER_DETAIL)) >= lines
        if (found.of(ORDER) and has_lines and found.of(ORDERS_GRAPH)) or monotonic() > deadline:
            return found
    raise AssertionError("attempts never end")
