"""The delivery days of depots: what their vans bring on a local day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry import Info

from contracts.depots import read_vans
from gateway.errors import BadInput
from gateway.fields.fields import column, from_row, resolved
from gateway.fields.nodes import key_of
from gateway.fields.relations import Many, One
from gateway.shop.context import Context
from gateway.shop.shipments.shipment import Shipment

DAY = "SELECT *, $2::text AS date FROM depot WHERE depot = $1 AND NOT deleted"

DELIVERIES = """
SELECT * FROM shipment WHERE depot = $1 AND delivery_date = $2 AND NOT deleted
ORDER BY window_from, van COLLATE "C", shipment_id
"""

DepotId = Annotated[strawberry.ID, strawberry.argument(description="The depot's id, which is that of its location.")]
DayArgument = Annotated[str, strawberry.argument(description="The local day of the depot, such as 2026-02-02.")]


def read_day(text: Any) -> str:
    """A day of ISO 8601 from a client. Raises BadInput."""
    try:
        if date.fromisoformat(text).isoformat() == text:
            return str(text)
    except (TypeError, ValueError):
        pass
    raise BadInput("A day must be as in ISO 8601, such as 2026-02-02.")


@strawberry.type(description="A depot on a local day, and the shipments that its vans bring then.")
class DeliveryDay:
    """A depot on a local day."""

    depot: str = column("The depot's id, which is that of its location.")
    date: str = column("The local day, such as 2026-02-02.")
    zone: str = column("The time zone, such as Europe/Berlin.")
    opens: str = column("The local time at which deliveries begin, such as 08:00.")
    closes: str = column("The local time at which they end; 24:00 is the end of the day.")
    parallel_deliveries: int = column("How many deliveries can be planned at one moment.")
    vans: list[str] = column("The codes of the vans.", read=read_vans, sql="({})::text", is_json=True)

    @resolved(
        "The shipments with a window on this day, by the time of the window; those whose delivery has ended included.",
        Many(
            "shipment AS {it}",
            "{it}.depot = {parent}.depot AND {it}.delivery_date = {parent}.date AND NOT {it}.deleted",
            order_by='{it}.window_from, {it}.van COLLATE "C", {it}.shipment_id',
        ),
    )
    async def deliveries(self, info: Info[Context, None]) -> list[Shipment]:
        """The shipments."""
        rows = await info.context.read_model.fetch(DELIVERIES, (self.depot, self.date))
        return [from_row(Shipment, row) for row in rows]


@strawberry.type
class DeliveryDayQueries:
    """Queries about delivery days."""

    @resolved(
        "The deliveries of a depot on a day, with what the depot says of its days now; null when there is no such "
        "depot.",
        One(
            "(SELECT *, {date}::text AS date FROM depot) AS {it}",
            "{it}.depot = {depot} AND NOT {it}.deleted",
            {"depot": key_of, "date": read_day},
        ),
    )
    async def delivery_day(self, info: Info[Context, None], depot: DepotId, date: DayArgument) -> DeliveryDay | None:
        """One day of a depot."""
        day, key = read_day(date), key_of(depot)
        rows = await info.context.read_model.fetch(DAY, (key, day)) if key else []
        return from_row(DeliveryDay, rows[0]) if rows else None
