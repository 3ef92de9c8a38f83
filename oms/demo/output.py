"""Prints the demonstration: chapters, requests and responses, records, times."""

from __future__ import annotations

import json
from collections.abc import Sequence
from statistics import median
from typing import Any

import httpx
from rich import box
from rich.syntax import Syntax
from rich.table import Table

from chassis import addresses
from chassis.addresses import STORE_PORTS, store_process
from oms.inspect.order_trace import OrderTrace
from oms.terminal import at, console

WORKERS = ("orders_stream", "products_worker", "orders_worker", "inventory_worker", "shipping_worker")
_HEADERS = ("Location", "ETag", "Consistency-Token")


def chapter(title: str, about: str) -> None:
    """Print the heading of a part."""
    console.print()
    console.rule(f"[bold]{title}[/bold]", align="left")
    console.print(f"[dim]{about}[/dim]\n")


def write(body: dict[str, Any], response: httpx.Response) -> None:
    """Print a write: its body, and the response with the relevant headers."""
    console.print(f"[bold]{response.request.method} {response.request.url}[/bold]")
    code(pretty(body), "json")
    console.print(f"[bold]{response.status_code} {response.reason_phrase}[/bold]")
    for name in _HEADERS:
        if name in response.headers:
            console.print(f"{name}: {response.headers[name]}", soft_wrap=True)
    code(pretty(response.json()), "json")


def code(text: str, language: str) -> None:
    """Print source text, coloured if the terminal supports it."""
    console.print(Syntax(text, language, theme="ansi_dark", background_color="default", word_wrap=True))


def pretty(value: Any) -> str:
    """Indented JSON without escapes."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def records(found: OrderTrace) -> None:
    """Print the position of each record of the order."""
    table = Table("topic", "partition", "offset", "time (UTC)", box=box.SIMPLE_HEAD, pad_edge=False)
    for record in sorted(found.records, key=lambda record: record.time):
        table.add_row(record.topic, str(record.partition), str(record.offset), at(record.time))
    console.print(table)


def products(found: Sequence[dict[str, Any]]) -> None:
    """Print products by SKU and name, best match first."""
    for product in found:
        console.print(f"  {product['sku']}  {product['name']}")


def times(seconds: Sequence[float]) -> None:
    """Print how long after its 201 each order was visible in GraphQL."""
    each = ", ".join(f"{second * 1000:.0f}" for second in seconds)
    console.print(
        f"from 201 to GraphQL: {each} ms for {len(seconds)} consecutive orders,"
        f" median [bold]{median(seconds) * 1000:.0f} ms[/bold]",
        soft_wrap=True,
    )


def what_next(order_id: str) -> None:
    """Print addresses to open and commands to try."""
    pages = {
        "GraphiQL": f"{addresses.url('gateway')}/graphql",
        **{
            f"{name} (OpenAPI)": f"{addresses.url(name)}/docs"
            for name in ("customers", "products", "orders", "inventory", "shipping", *map(store_process, STORE_PORTS))
        },
        "Kafka Connect": f"{addresses.url('connect')}/connectors",
        **{f"{name} (Faust)": addresses.url(name) for name in WORKERS},
    }
    commands = {
        f".venv/bin/oms trace {order_id}": "this order, everywhere",
        ".venv/bin/oms stock show NW-0075": "the units of a product in each store",
        ".venv/bin/oms status": "health, lag and freshness",
        "make status": "running programs and their memory",
        "make logs SERVICE=orders": "the log of a service",
        "make down": "stop everything; data is kept",
    }
    for rows in (pages, commands):
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_column(no_wrap=True)
        for left, right in rows.items():
            table.add_row(left, right)
        console.print(table)
        console.print()
