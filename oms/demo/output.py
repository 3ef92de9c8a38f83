"""How the demonstration looks on the terminal: chapters, requests and answers, records, times."""

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
from oms.inspect.order_places import Places
from oms.terminal import at, console

_HEADERS = ("Location", "ETag", "Consistency-Token")


def chapter(title: str, about: str) -> None:
    """Begin a part of the story."""
    console.print()
    console.rule(f"[bold]{title}[/bold]", align="left")
    console.print(f"[dim]{about}[/dim]\n")


def write(sent: dict[str, Any], answer: httpx.Response) -> None:
    """A write: what was sent, and the whole answer with the headers that matter."""
    console.print(f"[bold]{answer.request.method} {answer.request.url}[/bold]")
    code(pretty(sent), "json")
    console.print(f"[bold]{answer.status_code} {answer.reason_phrase}[/bold]")
    for name in _HEADERS:
        if name in answer.headers:
            console.print(f"{name}: {answer.headers[name]}", soft_wrap=True)
    code(pretty(answer.json()), "json")


def code(text: str, language: str) -> None:
    """Text of a language, coloured where the terminal can."""
    console.print(Syntax(text, language, theme="ansi_dark", background_color="default", word_wrap=True))


def pretty(value: Any) -> str:
    """JSON for people: accents as they are."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def records(places: Places) -> None:
    """Where the order's records are."""
    table = Table("topic", "partition", "offset", "time (UTC)", box=box.SIMPLE_HEAD, pad_edge=False)
    for record in sorted(places.records, key=lambda record: record.time):
        table.add_row(record.topic, str(record.partition), str(record.offset), at(record.time))
    console.print(table)


def products(found: Sequence[dict[str, Any]]) -> None:
    """Products by SKU and name, the best first."""
    for product in found:
        console.print(f"  {product['sku']}  {product['name']}")


def times(seconds: Sequence[float]) -> None:
    """How long after its 201 each order was seen in GraphQL."""
    each = ", ".join(f"{second * 1000:.0f}" for second in seconds)
    console.print(
        f"from 201 to GraphQL: {each} ms for {len(seconds)} orders one after the other,"
        f" median [bold]{median(seconds) * 1000:.0f} ms[/bold]",
        soft_wrap=True,
    )


def what_next(order_id: str) -> None:
    """Addresses to open and commands to try."""
    pages = {
        "GraphiQL": f"{addresses.url('gateway')}/graphql",
        **{f"{name} (OpenAPI)": f"{addresses.url(name)}/docs" for name in ("customers", "products", "orders")},
        "Kafka Connect": f"{addresses.url('connect')}/connectors",
        **{f"{name} (Faust)": addresses.url(name) for name in ("orders_stream", "products_worker", "orders_worker")},
    }
    commands = {
        f".venv/bin/oms trace {order_id}": "this order in every place",
        ".venv/bin/oms status": "health, lag and freshness",
        "make status": "what runs, and with how much memory",
        "make logs SERVICE=orders": "what a service says",
        "make down": "stop it all; the data stays",
    }
    for rows in (pages, commands):
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_column(no_wrap=True)
        for left, right in rows.items():
            table.add_row(left, right)
        console.print(table)
        console.print()
