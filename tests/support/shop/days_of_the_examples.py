"""What requests to delivery days refer to: a depot, a day with deliveries, and a day to plan more on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from chassis.databases.mysql import Connection
from shipping.days.planning import Wish, adopt, schedule
from shipping.days.repository import LockedDay, prepare
from shipping.days.state import Day
from shipping.days.values import DayKey, Window
from shipping.depots import repository as depots
from shipping.depots.models import DepotInput
from shipping.events.streams import Cause
from shipping.shipments.repository import Stored, append_later

DEPOT, PLANNED, FREE = "main", date(2099, 6, 1), date(2099, 6, 2)
VANS, MOST = 100, 60
_INPUT = {
    "name": "Main",
    "zone": "UTC",
    "opens": "00:00",
    "closes": "24:00",
    "parallelDeliveries": 1000,
    "vans": [f"van-{number}" for number in range(VANS)],
}
_BY_COMMAND = {"start": "start", "finish": "finish", "fail": "finish", "{shipment_id}": "remove"}
"""Which shipments a command is sent to, by the last part of its path."""

SETTINGS = {"zone": "Europe/Berlin", "opens": "08:00", "closes": "18:00"}
"""What depots say that are set: few texts are names of time zones."""


def delivered_id(command: str, number: int) -> str:
    """The id of the shipment with this number for this command."""
    return str(uuid5(UUID(int=77), f"delivery {command} {number % MOST}"))


def path_parameters(method: str, path: str, number: int) -> dict[str, str]:
    """Path parameters of what there is for a request."""
    if path.startswith("/depots"):
        return {"depot": DEPOT if method == "GET" else f"depot-{number % MOST}"}
    if not path.startswith("/delivery-days"):
        return {}
    day = FREE if path.endswith("/deliveries") else PLANNED
    found = {"depot": DEPOT, "date": str(day)}
    if "shipment_id" in path:
        found["shipment_id"] = delivered_id(_BY_COMMAND[path.rpartition("/")[2]], number)
    return found


def new_delivery(number: int) -> dict[str, Any]:
    """A delivery that can be planned: each number has its own van and time."""
    window = _window(FREE, number)
    return {
        "shipmentId": delivered_id("plan", number),
        "van": f"van-{number % VANS}",
        "from": window.start.isoformat(),
        "to": window.end.isoformat(),
    }


async def write_days(
    tx: Connection, packed: Callable[[Connection, UUID], Stored], dispatch: Callable[[Stored], Any], now: datetime
) -> None:
    """The depots, and the shipments with their deliveries."""
    new = DepotInput.model_validate(_INPUT)
    for depot_id in (DEPOT, *(f"depot-{number}" for number in range(MOST))):
        await depots.know(tx, depot_id)
        depot = await depots.write(tx, depot_id, new, is_new=True)
    key = DayKey(DEPOT, PLANNED)
    await prepare(tx, key)
    day = LockedDay(Day(depot=key.depot, date=key.date))
    day.append_later(tx, adopt(day.state, depots.settings_of(depot), now), Cause(None), now)
    for place, command in enumerate(("plan", "remove", "start", "finish")):
        for number in range(MOST):
            stored = packed(tx, UUID(delivered_id(command, number)))._replace(day=day)
            if command == "plan":
                continue
            wish = Wish(f"van-{place}", _window(PLANNED, number * VANS))
            stored = append_later(tx, stored, schedule(day.state, stored.state, wish, now), Cause(None), now)
            if command == "finish":
                append_later(tx, stored, dispatch(stored), Cause(None), now)


def _window(day: date, number: int) -> Window:
    begin = datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=number // VANS % 1440)
    return Window(begin, begin + timedelta(minutes=1))
