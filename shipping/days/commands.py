"""Commands on a delivery, decided by the rules of its day and by those of its shipment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce

from chassis.databases.mysql import Connection
from shipping.days import planning
from shipping.days import repository as days
from shipping.days.folding import apply
from shipping.days.planning import Wish
from shipping.days.state import Day
from shipping.days.values import DayKey, Settings
from shipping.events.streams import Cause
from shipping.shipments import repository
from shipping.shipments.commands import Decide
from shipping.shipments.decisions.rules import RuleBroken, Violation, check
from shipping.shipments.events import ShipmentEvent
from shipping.shipments.repository import Stored
from shipping.shipments.state import Shipment


async def schedule(
    tx: Connection, before: Stored, key: DayKey, settings: Settings, wish: Wish, cause: Cause, moment: datetime
) -> Stored:
    """Plan the delivery of a shipment that was locked with this day, together with the next statement.

    Raises RuleBroken.
    """
    assert before.day is not None, "the day is locked"
    day = before.day.state
    if day.key != key:  # where its delivery ahead is: it is refused, for all reasons
        day = await days.find(tx, key)
    opening = planning.adopt(day, settings, moment)
    events = planning.schedule(reduce(apply, opening, day), before.state, wish, moment)
    before.day.append_later(tx, opening, cause, moment)
    return repository.append_later(tx, before, events, cause, moment)


def on_day(day: Day, prevents: Callable[[Day], Sequence[Violation]], decide: Decide) -> Decide:
    """A decision about a shipment that is possible if nothing prevents it on its day."""

    def both(state: Shipment, at: datetime) -> Sequence[ShipmentEvent]:
        violations = list(prevents(day))
        try:
            events = decide(state, at)
        except RuleBroken as broken:
            raise RuleBroken([*violations, *broken.violations]) from broken
        check(violations)
        return events

    return both
