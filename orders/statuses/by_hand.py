"""Which statuses a command by hand can give orders now: not those that their shipments or their stock stand against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.databases.mysql import Connection, Row, placeholders
from contracts.next_statuses import next_statuses
from contracts.orders import OrderStatus
from orders.settings import INVENTORY

_CONCERNED = (OrderStatus.CONFIRMED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED)
"""The statuses whose next ones shipments and stock may stand against."""

# The statuses of shipments; null for an order whose stores lack units.
_FACTS = """
SELECT order_id, status FROM replica_shipment WHERE order_id IN ({0}) AND NOT deleted
UNION SELECT order_id, NULL FROM replica_sourcing WHERE order_id IN ({0}) AND short_of IS NOT NULL
"""

Allowed = Mapping[str, Sequence[OrderStatus]]
"""The statuses that can follow, by the id of the order."""


def allowed_of(row: Row) -> list[OrderStatus]:
    """The statuses that can follow in an order that has no shipments and lacks no units."""
    return next_statuses(row["status"], (), is_short=False)


async def read_allowed(connection: Connection, rows: Sequence[Row]) -> Allowed:
    """The statuses that can follow in each of these orders."""
    shipments: dict[str, list[str]] = {}
    short = set[str]()
    ids = [row["order_id"] for row in rows if row["status"] in _CONCERNED]
    for fact in await connection.fetch_all(_FACTS.format(placeholders(ids)), [*ids, *ids]) if ids else ():
        if fact["status"] is not None:
            shipments.setdefault(fact["order_id"], []).append(fact["status"])
        elif INVENTORY:
            short.add(fact["order_id"])
    return {
        row["order_id"]: next_statuses(
            row["status"], shipments.get(row["order_id"], ()), is_short=row["order_id"] in short
        )
        for row in rows
    }
