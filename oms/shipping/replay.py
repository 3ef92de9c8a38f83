"""`oms shipping replay`: shows the events of a shipment one by one, and the state that they lead to."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

import typer
from rich import box
from rich.table import Table

from chassis.databases.mysql import Row
from chassis.databases.mysql_times import aware
from chassis.types.times import read_date_time
from oms.repair.table_repair import DATABASE_ERRORS
from oms.terminal import at, console, fail
from shipping.events.codec import UnknownEvent
from shipping.settings import database
from shipping.shipments import repository
from shipping.shipments.events import CODEC
from shipping.shipments.folding import BrokenStream, fold
from shipping.shipments.representation import shipment_of
from shipping.shipments.rows import NOTHING_PERSONAL, row_of

_EVENTS = "SELECT * FROM shipping_event WHERE stream_id = %s ORDER BY sequence"

ShipmentId = Annotated[UUID, typer.Argument(metavar="ID", help="Id of the shipment.")]
Until = Annotated[str | None, typer.Option("--until", help="The last version, or a time such as 2026-01-31T12:00:00Z.")]


def replay(shipment_id: ShipmentId, until: Until = None) -> None:
    """Show the events of a shipment and the state they lead to, without personal data."""
    try:
        rows = [row for row in asyncio.run(_events(shipment_id)) if _is_wanted(row, until)]
        state = fold(shipment_id, CODEC.decode_rows(rows))
    except (*DATABASE_ERRORS, UnknownEvent, BrokenStream) as error:
        raise fail(f"cannot replay: {error}") from None
    except ValueError:
        raise fail(f"{until} is neither a version nor a time") from None
    if state is None:
        raise fail(f"shipment {shipment_id} has no such events")
    table = Table("version", "recorded (UTC)", "event", "caller", "data", box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        recorded = at(aware(row["recorded_at"]))
        table.add_row(str(row["sequence"]), recorded, row["type"], row["caller"] or "", row["data"])
    console.print(table)
    shown = shipment_of(row_of(state, NOTHING_PERSONAL, rows[-1]["recorded_at"]))
    console.print_json(shown.model_dump_json(by_alias=True))


def _is_wanted(row: Row, until: str | None) -> bool:
    if until is None:
        return True
    if until.isdecimal():
        return bool(row["sequence"] <= int(until))
    return aware(row["recorded_at"]) <= read_date_time(until)


async def _events(shipment_id: UUID) -> list[Row]:
    own = database()
    try:
        async with own.reading() as connection:
            return await connection.fetch_all(_EVENTS, [repository.stream_of(shipment_id)])
    finally:
        await own.close()
