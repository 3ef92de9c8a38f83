"""`oms shipping replay-day`: shows the events of a delivery day one by one, and the state that they lead to."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated

import typer

from oms.repair.table_repair import DATABASE_ERRORS
from oms.shipping.replay import Until, events_of, is_wanted, show_events
from oms.terminal import console, fail
from shipping.days.events import CODEC
from shipping.days.folding import fold
from shipping.days.repository import stream_of
from shipping.days.representation import day_of
from shipping.days.values import DayKey
from shipping.events.codec import UnknownEvent

Depot = Annotated[str, typer.Argument(metavar="DEPOT", help="Id of the depot.")]
LocalDay = Annotated[str, typer.Argument(metavar="DATE", help="The local day, such as 2026-02-02.")]


def replay_day(depot: Depot, day: LocalDay, until: Until = None) -> None:
    """Show the events of a delivery day and the state they lead to."""
    try:
        key = DayKey(depot, date.fromisoformat(day))
    except ValueError:
        raise fail(f"{day} is not a day such as 2026-02-02") from None
    try:
        rows = [row for row in asyncio.run(events_of(stream_of(key))) if is_wanted(row, until)]
        state = fold(key, CODEC.decode_rows(rows))
    except (*DATABASE_ERRORS, UnknownEvent) as error:
        raise fail(f"cannot replay: {error}") from None
    except ValueError:
        raise fail(f"{until} is neither a version nor a time") from None
    if state.settings is None:
        raise fail(f"day {day} of {depot} has no such events")
    show_events(rows)
    console.print_json(day_of(state, state.settings).model_dump_json(by_alias=True))
