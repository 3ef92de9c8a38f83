"""`oms shipping replay`: shows the events of a shipment or a return one by one, and the state that they lead to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer
from pydantic import BaseModel
from rich import box
from rich.table import Table

from chassis.databases.mysql import Row, placeholders
from chassis.databases.mysql_times import aware
from chassis.types.times import read_date_time
from oms.repair.table_repair import DATABASE_ERRORS
from oms.terminal import at, console, fail
from shipping.events.codec import BrokenStream, UnknownEvent
from shipping.returns import repository as returns
from shipping.returns.events import CODEC as RETURN_CODEC
from shipping.returns.folding import fold as fold_return
from shipping.returns.representation import return_of
from shipping.returns.rows import row_of as return_row_of
from shipping.settings import database
from shipping.shipments import repository as shipments
from shipping.shipments.events import CODEC
from shipping.shipments.folding import fold
from shipping.shipments.representation import shipment_of
from shipping.shipments.rows import NOTHING_PERSONAL, row_of

_EVENTS = "SELECT * FROM shipping_event WHERE stream_id IN ({}) ORDER BY stream_id, sequence"

Id = Annotated[UUID, typer.Argument(metavar="ID", help="Id of the shipment or the return.")]
Until = Annotated[str | None, typer.Option("--until", help="The last version, or a time such as 2026-01-31T12:00:00Z.")]


def replay(identity: Id, until: Until = None) -> None:
    """Show the events of a shipment or a return and the state they lead to, without personal data."""
    try:
        rows = [row for row in asyncio.run(events_of(*_streams_of(identity))) if is_wanted(row, until)]
        shown = _state(identity, rows)
    except (*DATABASE_ERRORS, UnknownEvent, BrokenStream) as error:
        raise fail(f"cannot replay: {error}") from None
    except ValueError:
        raise fail(f"{until} is neither a version nor a time") from None
    if shown is None:
        raise fail(f"{identity} has no such events")
    show_events(rows)
    console.print_json(shown.model_dump_json(by_alias=True))


def show_events(rows: Sequence[Row]) -> None:
    """Print the events of a stream."""
    table = Table("version", "recorded (UTC)", "event", "caller", "data", box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        recorded = at(aware(row["recorded_at"]))
        table.add_row(str(row["sequence"]), recorded, row["type"], row["caller"] or "", row["data"])
    console.print(table)


def _streams_of(identity: UUID) -> tuple[str, str]:
    return shipments.stream_of(identity), returns.stream_of(identity)


def _state(identity: UUID, rows: Sequence[Row]) -> BaseModel | None:
    """What these events lead to; None if there are none. Raises UnknownEvent and BrokenStream."""
    if not rows:
        return None
    if rows[0]["stream_id"] == returns.stream_of(identity):
        back = fold_return(identity, RETURN_CODEC.decode_rows(rows))
        return None if back is None else return_of(return_row_of(back, rows[-1]["recorded_at"]))
    state = fold(identity, CODEC.decode_rows(rows))
    return None if state is None else shipment_of(row_of(state, NOTHING_PERSONAL, rows[-1]["recorded_at"]))


def is_wanted(row: Row, until: str | None) -> bool:
    """Whether an event was there at a version or a time. Raises ValueError for other texts."""
    if until is None:
        return True
    if until.isdecimal():
        return bool(row["sequence"] <= int(until))
    return aware(row["recorded_at"]) <= read_date_time(until)


async def events_of(*stream_ids: str) -> list[Row]:
    """All events of streams. Raises like the database."""
    own = database()
    try:
        async with own.reading() as connection:
            return await connection.fetch_all(_EVENTS.format(placeholders(stream_ids)), stream_ids)
    finally:
        await own.close()
