"""`oms stores list`: the stores, how fresh central is of each, its units, and how far its reader is behind."""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from chassis import settings
from chassis.databases.mysql import Database
from chassis.kafka.client import admin, reader
from contracts.inventory.reservations import RESERVATION
from oms import kafka
from oms.company.paging import every_item
from oms.company.rest import Rest
from oms.inspect.lag_of_stores import unread_of_stores
from oms.repair.table_repair import DATABASE_ERRORS
from oms.stock.requests import run
from oms.stock.show import age
from oms.terminal import NOTHING, bad, console, fail, good

Json = Annotated[bool, typer.Option("--json", help="Print one JSON array instead of a table.")]

_UNITS = """
SELECT store_id, CAST(SUM(on_hand) AS SIGNED) AS onHand, CAST(SUM(committed) AS SIGNED) AS committed,
    CAST(SUM(reserved) AS SIGNED) AS reserved
FROM inventory.availability GROUP BY store_id
"""
UNITS = ("onHand", "committed", "reserved")
UNREAD = "unreadReservations"


def list_stores(as_json: Json = False) -> None:
    """List the stores: how old central's knowledge of each is, its units, and the reservations that it has not read."""
    try:
        stores = run(_stores)
    except DATABASE_ERRORS as error:
        raise fail(f"cannot list the stores: {error}") from None
    if as_json:
        console.print(json.dumps(stores, indent=2, ensure_ascii=False), soft_wrap=True, markup=False)
        return
    table = Table("store", "name", "place", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.columns[0].no_wrap = True
    for column in ("age", "on hand", "committed", "reserved", "unread"):
        table.add_column(column, justify="right", no_wrap=True)
    for each in stores:
        unread = each[UNREAD]
        table.add_row(
            *(escape(each[name]) for name in ("id", "name")),
            escape(", ".join(each[name] for name in ("city", "country") if each[name]))
            + ("" if each["sellsOnline"] else ", not online"),
            age(each["freshUntil"], is_stale=each["stale"]) + (bad(" stale") if each["stale"] else ""),
            *(str(each[name]) for name in UNITS),
            NOTHING if unread is None else bad(str(unread)) if unread else good("0"),
        )
    console.print(table)


async def _stores(services: Rest) -> list[dict[str, Any]]:
    """The stores as REST shows them, with their units in central, and what they have not read (null if unknown)."""
    shown = [each async for each in every_item(partial(services.get, "inventory", "/stores"))]
    units, behind = await _units(), await _unread()
    return [
        {**each, **units.get(each["id"], dict.fromkeys(UNITS, 0)), UNREAD: behind.get(each["id"])} for each in shown
    ]


async def _units() -> dict[str, dict[str, int]]:
    database = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        async with database.reading() as connection:
            rows = await connection.fetch_all(_UNITS)
    finally:
        await database.close()
    return {row["store_id"]: {name: int(row[name]) for name in UNITS} for row in rows}


async def _unread() -> dict[str, int]:
    """The reservations that each store has not read, where that can be known; nothing while a server is unavailable."""
    try:
        async with admin() as client, reader() as consumer:
            found = await unread_of_stores(consumer, await kafka.partitions(client))
    except DATABASE_ERRORS:
        return {}
    return {store: topics[RESERVATION.name].records for store, topics in found.items() if RESERVATION.name in topics}
