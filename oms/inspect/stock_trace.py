"""The stock of one order: what inventory decided, which units it wants of which store, and what the stores answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from rich import box
from rich.table import Table

from chassis import settings
from chassis.databases.mysql import Connection, Database
from oms.terminal import NOTHING, bad, good
from reconciliation.stock.databases import Place, stores

Row = dict[str, Any]

_SOURCING = "SELECT status, reason, lines_version, version FROM inventory.sourcing WHERE order_id = %s"
_RESERVATIONS = """
SELECT reservation_id, store_id, sku, quantity, wanted, state, version FROM inventory.reservation
WHERE order_id = %s ORDER BY sku, store_id, attempt, reservation_id
"""
_ALLOCATIONS = "SELECT allocation_id, state, version FROM `{}`.allocation WHERE order_id = %s"

_DONE = {"committed", "shipped"}


@dataclass(frozen=True)
class StockTrace:
    """The sourcing of an order, None if there is none; its reservations, and the answers by reservation."""

    sourcing: Row | None = None
    reservations: Sequence[Row] = ()
    answers: dict[str, Row] = field(default_factory=dict)


async def look_up_stock(order_id: UUID) -> StockTrace:
    """Query inventory and all stores. Raises Unavailable, SettingMissing and pymysql's errors."""
    database = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        async with database.reading() as connection:
            sourcing = await connection.fetch_one(_SOURCING, [str(order_id)])
            reservations = await connection.fetch_all(_RESERVATIONS, [str(order_id)])
            answers: dict[str, Row] = {}
            for place in await stores(connection):
                answers |= await _answers(connection, place, order_id)
        return StockTrace(sourcing, reservations, answers)
    finally:
        await database.close()


async def _answers(connection: Connection, place: Place, order_id: UUID) -> dict[str, Row]:
    rows = await connection.fetch_all(_ALLOCATIONS.format(place.database), [str(order_id)])
    return {row["allocation_id"]: row for row in rows}


def sourcing_text(found: StockTrace) -> str:
    """The decision in one line, as markup."""
    if found.sourcing is None:
        return "stock: not sourced"
    status, why = found.sourcing["status"], found.sourcing["reason"]
    text = f"{status}, version {found.sourcing['version']}{f': {why}' if why else ''}"
    return f"stock: {good(text) if status in _DONE else bad(text)}"


def table_of_stock(found: StockTrace) -> Table:
    """A table of what is wanted of each store, and what it answered."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("store", "SKU", "quantity", "wanted", "reservation", "answer of the store"):
        table.add_column(column, justify="right" if column == "quantity" else "left", overflow="fold")
    for row in found.reservations:
        answer = found.answers.get(row["reservation_id"])
        table.add_row(
            row["store_id"],
            row["sku"],
            str(row["quantity"]),
            row["wanted"],
            _state(row),
            _state(answer) if answer else NOTHING,
        )
    return table


def _state(row: Row) -> str:
    text = f"{row['state']}, version {row['version']}"
    return good(text) if row["state"] in _DONE else text
