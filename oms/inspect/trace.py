"""`oms trace ORDER_ID`: shows one order in MySQL, on the topics and in the read model, with its stock and shipments."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from msgspec.structs import asdict
from rich import box
from rich.console import JustifyMethod
from rich.table import Table

from contracts.money import format_amount
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH, OrderDetailRow, OrderGraph, OrderRow
from oms.inspect.order_lookup import look_up
from oms.inspect.order_trace import OrderTrace, Record, Row
from oms.inspect.shipment_trace import (
    ShipmentTrace,
    look_up_shipments,
    table_of_events,
    table_of_returns,
    table_of_shipments,
)
from oms.inspect.stock_trace import StockTrace, look_up_stock, sourcing_text, table_of_stock
from oms.inspect.trace_facts import facts
from oms.inspect.verdict import verdict
from oms.terminal import NOTHING, at, bad, console, fail, good, reason

UNKNOWN = "[dim]?[/dim]"

_NUMBERS = ("version", "total", "lines", "line", "quantity", "unit price", "discount", "amount")

Found = TypeVar("Found")

OrderId = Annotated[UUID, typer.Argument(help="Id of the order, as POST /orders returned it.")]


def trace(order_id: OrderId) -> None:
    """Trace one order through MySQL, Kafka and Postgres; show each version, and where it is stuck."""
    with console.status("looking up the order …"):
        found, stock, sent = asyncio.run(_look_up(order_id))
    if found.is_known:
        console.print(table_of_versions(found))
        console.print(table_of_lines(found))
    if stock and found.is_known:
        console.print(sourcing_text(stock), soft_wrap=True)
        if stock.reservations:
            console.print(table_of_stock(stock))
    if sent and sent.shipments:
        console.print(table_of_shipments(sent))
        if sent.returns:
            console.print(table_of_returns(sent))
        console.print(table_of_events(sent))
    for name, why in found.unavailable.items():
        console.print(bad(f"{name} is unavailable: {why}"), soft_wrap=True)
    if not found.is_known:
        where = "the databases that answered" if found.unavailable else "any database"
        raise fail(f"there is no order {order_id} in {where}")
    outcome = verdict(facts(found))
    console.print(good(outcome.text) if outcome.is_whole else bad(outcome.text), soft_wrap=True)
    if not outcome.is_whole:
        raise typer.Exit(1)


async def _look_up(order_id: UUID) -> tuple[OrderTrace, StockTrace | None, ShipmentTrace | None]:
    found = await look_up(order_id)
    stock = await _or_reason(look_up_stock(order_id), "the stock of the order is unknown")
    return found, stock, await _or_reason(look_up_shipments(order_id), "the shipments of the order are unknown")


async def _or_reason(looking_up: Awaitable[Found], message: str) -> Found | None:
    try:
        return await looking_up
    except Exception as error:  # the other databases are shown all the same
        console.print(bad(f"{message}: {reason(error)}"), soft_wrap=True)
        return None


def table_of_versions(found: OrderTrace) -> Table:
    """A table of every version of the order everywhere, in the direction of data flow."""
    table = _table(f"order {found.order_id}", "where", "version", "status", "total", "lines", "when (UTC)")
    if "MySQL" not in found.unavailable:
        _add_row(table, "MySQL orders.order", found.row, len(found.row_lines))
    for record in [*found.of(ORDER), *found.of(ORDERS_GRAPH)]:
        table.add_row(f"topic {record.position}", *_cells(record), at(record.time))
    if "Postgres" not in found.unavailable:
        for order in found.waiting_orders:
            _add_waiting(table, found, order)
        lines = [line for line in found.shown_lines if not line["deleted"]]
        _add_row(table, "read model sales_order", found.shown, len(lines))
    return table


def table_of_lines(found: OrderTrace) -> Table:
    """A table of the current lines, and where each of them is."""
    table = _table("", "line", "SKU", "quantity", "unit price", "discount", "amount", "MySQL", "topic", "read model")
    positions = {
        record.message.order_detail_id: f"{record.partition}@{record.offset}"
        for record in found.of(ORDER_DETAIL)
        if isinstance(record.message, OrderDetailRow)
    }
    stored = {UUID(row["order_detail_id"]): row for row in found.row_lines}
    projected = _projected(found)
    lines = {line_id: line for line_id, (line, _) in projected.items()} | stored
    for line_id, line in sorted(lines.items(), key=lambda each: (each[1]["lines_version"], each[1]["line_number"])):
        table.add_row(
            str(line["line_number"]),
            line["sku"],
            str(line["quantity"]),
            _short(line["unit_price"]),
            _short(line["discount"]),
            _short(line["amount"]),
            _mark("present" if line_id in stored else None, "MySQL" in found.unavailable),
            _mark(positions.get(line_id), "Kafka" in found.unavailable),
            _mark(projected[line_id][1] if line_id in projected else None, "Postgres" in found.unavailable),
        )
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.collapse_padding = True
    for column in columns:
        justify: JustifyMethod = "right" if column in _NUMBERS else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=column in ("where", "SKU"))
    return table


def _add_waiting(table: Table, found: OrderTrace, order: OrderRow) -> None:
    """A version that is not shown: how many of its lines are there."""
    arrived = order.line_count - len(found.missing_lines(order))
    _add_row(table, "read model incomplete_order", {**asdict(order), "version": order.newest_version}, arrived)


def _projected(found: OrderTrace) -> dict[UUID, tuple[Row, str]]:
    """The lines that the read model has, each with its state there: those shown, and those that wait."""
    waiting = [each.row for each in found.waiting if isinstance(each.row, OrderDetailRow) and not each.row.is_deleted]
    lines = {line.order_detail_id: (asdict(line), "waits") for line in waiting}
    return lines | {line["order_line_id"]: (line, "present") for line in found.shown_lines if not line["deleted"]}


def _add_row(table: Table, where: str, row: Row | None, lines: int) -> None:
    if row is None:
        table.add_row(where, *[NOTHING] * 5)
        return
    table.add_row(
        where,
        f"{row['version']}{' deleted' if row.get('deleted') else ''}",
        row["status"],
        f"{format_amount(row['subtotal'] + row['freight'], row['currency'])} {row['currency']}",
        f"{lines} of {row['line_count']}",
        at(_aware(row["updated_at"])),
    )


def _cells(record: Record) -> tuple[str, str, str, str]:
    """Version, status, total and lines of a record on `order` or `orders-graph`."""
    match record.message:
        case OrderRow() as row:
            version = f"{row.newest_version}{' deleted' if row.is_deleted else ''}"
            return version, row.status, f"{format_amount(row.total, row.currency)} {row.currency}", f"{row.line_count}"
        case OrderGraph() as graph:
            version = f"{graph.version}{' deleted' if graph.deleted else ''}"
            return (
                version,
                graph.status,
                f"{format_amount(graph.total, graph.currency)} {graph.currency}",
                f"{len(graph.lines)}",
            )
        case _:
            return NOTHING, NOTHING, NOTHING, NOTHING


def _mark(found: str | None, is_unavailable: bool) -> str:
    if found is None:
        return UNKNOWN if is_unavailable else bad("missing")
    return good(found)


def _short(amount: Decimal) -> str:
    """All significant decimals, and at least two."""
    cents = amount.quantize(Decimal("0.01"))
    return f"{cents if cents == amount else amount:f}"


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
