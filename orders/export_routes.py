"""All orders over HTTP, as JSON lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from chassis import exporting
from chassis.bulk_openapi import HOW_AN_EXPORT_GOES, lines_out
from chassis.dependencies import Db
from chassis.mysql import Connection, Database
from orders import repository
from orders.answers import Order, whole
from orders.examples import ORDER

router = APIRouter(tags=["bulk"])


@router.get(
    "/orders/bulk",
    summary="Export all orders with their lines",
    description="In the order of their ids: those made here the oldest first." + HOW_AN_EXPORT_GOES,
    response_class=StreamingResponse,
    responses=lines_out("All orders, each as `GET /orders/{id}` shows it.", ORDER),
)
async def export_orders(
    database: Db, after: Annotated[UUID | None, Query(description="Only orders after the one with this id.")] = None
) -> StreamingResponse:
    """Each page is a read of its own."""
    return await exporting.exported(_all_orders(database, str(after or "")))


async def _all_orders(database: Database, after: str) -> AsyncIterator[bytes]:
    async for page in exporting.each_page(database, _read, lambda order: str(order.id), after):
        yield b"".join(order.model_dump_json(by_alias=True).encode() + b"\n" for order in page)


async def _read(connection: Connection, after: str, limit: int) -> list[Order]:
    rows = await repository.find_orders_after(connection, after, limit)
    lines = await repository.find_lines_of(connection, rows)
    return [whole(row, lines[row["order_id"]]) for row in rows]
