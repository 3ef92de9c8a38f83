"""Exports all orders as JSON lines, and imports exported orders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from chassis.bulk import export
from chassis.bulk.bulk import Bulk
from chassis.databases.mysql import Connection, Database, Row
from chassis.openapi.bulk import EXPORT_DESCRIPTION, bulk_description, inlined_schema, request_lines, response_lines
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db
from contracts.money import format_amount, plain
from orders import repository
from orders.bulk import repository as bulk_repository
from orders.bulk.models import CompleteOrder, ExportedOrder, FormerLine, Past
from orders.bulk.restoring import OrderRows
from orders.bulk.writing import write_orders
from orders.examples import EXPORTED_ORDER, ORDER, ORDER_ID
from orders.models import Order
from orders.problems import NUMBER_TAKEN, ORDER_DIFFERS
from orders.representation import line_of, order_of, total_of
from orders.statuses.by_hand import read_allowed
from orders.statuses.history_routes import HistoryEntry

router = APIRouter(tags=["bulk"])

LINE = TypeAdapter(ExportedOrder)

MOST_LINE_BYTES = 16 * 1024 * 1024
"""Enough for the largest order with a hundred former versions of its lines."""

PAGE_BYTES = 2 * 1024 * 1024
"""Size of the rows that are read at a time; 200 ordinary orders are smaller."""

_ANSWERS = (
    {"line": 1, "status": 201, "id": ORDER_ID, "version": 1},
    {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
)


@router.post(
    "/orders/bulk",
    summary="Import exported orders",
    description="Creates each order as it was, with its id, number, times, version and history. An order without a "
    "`number` gets a new one; an imported one has at most 12 digits. Amounts are restored as they were stored, also "
    "those of an order that has lost a line and does not add up. Only the customer is looked up, and must be known "
    "unless the order is erased. If an order with the id exists, the result is 200 if it is identical, or else 409."
    + bulk_description(MOST_LINE_BYTES),
    response_class=StreamingResponse,
    responses={**response_lines("One result per line.", *_ANSWERS), **problems(NUMBER_TAKEN, ORDER_DIFFERS)},
    openapi_extra=request_lines(inlined_schema(ExportedOrder), EXPORTED_ORDER),
)
async def make_orders(request: Request, database: Db) -> StreamingResponse:
    """Reads the request while the response is sent."""
    return Bulk(request, LINE, partial(write_orders, database), MOST_LINE_BYTES).answer()


@router.get(
    "/orders/bulk",
    summary="Export all orders with their lines",
    description="Sorted by id; orders that were created here are sorted by age." + EXPORT_DESCRIPTION,
    response_class=StreamingResponse,
    responses=response_lines(
        "All orders, each as `GET /orders/{id}` returns it; with `complete=true` also `exported`.",
        ORDER,
        EXPORTED_ORDER,
    ),
)
async def export_orders(
    database: Db,
    after: Annotated[UUID | None, Query(description="Only orders after this id.")] = None,
    complete: Annotated[bool, Query(description="Include former lines and history, as the POST expects them.")] = False,
) -> StreamingResponse:
    """Each page is read in its own transaction."""
    return await export.export_response(_all_orders(database, str(after or ""), complete=complete))


async def _all_orders(database: Database, after: str, *, complete: bool) -> AsyncIterator[bytes]:
    read = _read_complete if complete else _read
    async for page in export.each_page(database, read, lambda order: str(order.id), after):
        yield b"".join(order.model_dump_json(by_alias=True).encode() + b"\n" for order in page)


async def _read(connection: Connection, after: str, limit: int) -> list[Order]:
    rows = await repository.find_orders_after(connection, after, limit, PAGE_BYTES)
    lines = await repository.find_lines_of(connection, rows)
    allowed = await read_allowed(connection, rows)
    return [order_of(row, lines[row["order_id"]], allowed[row["order_id"]]) for row in rows]


async def _read_complete(connection: Connection, after: str, limit: int) -> list[Order]:
    found = await repository.find_orders_after(connection, after, limit, PAGE_BYTES)
    return [_complete(each) for each in (await bulk_repository.find_orders(connection, found)).values()]


def _complete(rows: OrderRows) -> CompleteOrder:
    order, version = rows.order, rows.order["lines_version"]
    current = [line for line in rows.lines if line["lines_version"] == version]
    former = [line for line in rows.lines if line["lines_version"] != version]
    shown_order = order_of(order, current)
    shown_order.subtotal = _exact(order["subtotal"], order["currency"])
    shown_order.freight = _exact(order["freight"], order["currency"])
    shown_order.total = _exact(total_of(order), order["currency"])
    shown_order.lines = [line_of(line, order["currency"], _exact, _exact) for line in current]
    return CompleteOrder(
        **dict(shown_order),
        exported=Past(
            erased_at=order["erased_at"],
            lines_version=order["lines_version"],
            former_lines=[_former(line, order["currency"]) for line in former],
            history=[HistoryEntry.model_validate(entry) for entry in rows.history],
        ),
    )


def _former(line: Row, currency: str) -> FormerLine:
    return FormerLine(**dict(line_of(line, currency, _exact, _exact)), lines_version=line["lines_version"])


def _exact(amount: Decimal, currency: str) -> str:
    """An amount with all its decimals, even if the currency has fewer."""
    text = format_amount(amount, currency)
    return text if Decimal(text) == amount else f"{plain(amount):f}"
