"""How far an order is fulfilled: by the units of its shipments, without cancelled ones, and those that came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import strawberry
from asyncpg import Record

from contracts.order_returns import HAS_UNITS, ReturnOrigin, read_return_lines
from contracts.orders import OrderStatus
from contracts.shipping import LEFT, ShipmentStatus, read_shipped_lines
from gateway.fields.relations import Computed


@strawberry.enum(description="How far the units of an order are, by its shipments.")
class Fulfilment(Enum):
    """How far the units of an order are."""

    UNFULFILLED = strawberry.enum_value("UNFULFILLED", description="Nothing has been dispatched.")
    PARTIALLY_SHIPPED = strawberry.enum_value("PARTIALLY_SHIPPED", description="Some units have been dispatched.")
    SHIPPED = strawberry.enum_value("SHIPPED", description="All units have been dispatched.")
    PARTIALLY_DELIVERED = strawberry.enum_value("PARTIALLY_DELIVERED", description="Some units were delivered.")
    DELIVERED = strawberry.enum_value("DELIVERED", description="All units were delivered.")
    PARTIALLY_RETURNED = strawberry.enum_value("PARTIALLY_RETURNED", description="Some units came back.")
    RETURNED = strawberry.enum_value("RETURNED", description="All units came back.")


_WITHOUT_SHIPMENTS: Mapping[str, Fulfilment] = {
    OrderStatus.SHIPPED: Fulfilment.SHIPPED,
    OrderStatus.DELIVERED: Fulfilment.DELIVERED,
}
"""Of orders that have no shipments, by their status: imported ones, and those that were moved by hand."""


def fulfilment_of(
    order_status: str,
    shipments: Iterable[Record | Mapping[str, Any]],
    returns: Iterable[Record | Mapping[str, Any]] = (),
) -> Fulfilment:
    """How far an order in this stored status is, by the rows of its shipments and its returns."""
    units: Counter[str] = Counter()
    for row in shipments:
        units[row["status"]] += sum(line.quantity for line in read_shipped_lines(row["lines"]))
    units.pop(ShipmentStatus.CANCELLED, None)
    total, sent = units.total(), sum(units[each] for each in LEFT)
    returned, delivered = units[ShipmentStatus.RETURNED], units[ShipmentStatus.DELIVERED]
    for row in returns:
        if row["origin"] == ReturnOrigin.DELIVERED and row["status"] in HAS_UNITS:
            returned += sum(line.received for line in read_return_lines(row["lines"]))
    if order_status == OrderStatus.PARTIALLY_SHIPPED:
        total += 1  # some units are in no shipment, or in one that was cancelled
    if not units.total():
        return _WITHOUT_SHIPMENTS.get(order_status, Fulfilment.UNFULFILLED)
    if returned:
        return Fulfilment.RETURNED if returned == total else Fulfilment.PARTIALLY_RETURNED
    if delivered:
        return Fulfilment.DELIVERED if delivered == total else Fulfilment.PARTIALLY_DELIVERED
    if sent:
        return Fulfilment.SHIPPED if sent == total else Fulfilment.PARTIALLY_SHIPPED
    return Fulfilment.UNFULFILLED


def _listed(statuses: Iterable[str]) -> str:
    return ", ".join(f"'{each}'" for each in statuses)


_BY_STATUS = " ".join(f"WHEN '{status}' THEN '{found.name}'" for status, found in _WITHOUT_SHIPMENTS.items())

_CAME = f"""
SELECT coalesce(sum(coalesce(line.sellable, 0) + coalesce(line.damaged, 0)), 0)
FROM order_return AS r CROSS JOIN LATERAL jsonb_to_recordset(r.lines) AS line (sellable integer, damaged integer)
WHERE r.order_id = {{parent}}.order_id AND NOT r.deleted AND r.origin = '{ReturnOrigin.DELIVERED}'
    AND r.status IN ({_listed(sorted(HAS_UNITS))})"""
"""The delivered units that came back."""

FULFILMENT = Computed(f"""('"' || (
SELECT CASE
    WHEN units.shipments = 0 THEN CASE {{parent}}.status {_BY_STATUS} ELSE 'UNFULFILLED' END
    WHEN units.returned > 0 THEN CASE WHEN units.returned = units.total THEN 'RETURNED' ELSE 'PARTIALLY_RETURNED' END
    WHEN units.delivered > 0 THEN
        CASE WHEN units.delivered = units.total THEN 'DELIVERED' ELSE 'PARTIALLY_DELIVERED' END
    WHEN units.sent > 0 THEN CASE WHEN units.sent = units.total THEN 'SHIPPED' ELSE 'PARTIALLY_SHIPPED' END
    ELSE 'UNFULFILLED'
END
FROM (
    SELECT coalesce(sum(line.quantity), 0) AS shipments,
        coalesce(sum(line.quantity), 0)
            + CASE WHEN {{parent}}.status = '{OrderStatus.PARTIALLY_SHIPPED}' THEN 1 ELSE 0 END AS total,
        coalesce(sum(line.quantity) FILTER (WHERE s.status IN ({_listed(sorted(LEFT))})), 0) AS sent,
        coalesce(sum(line.quantity) FILTER (WHERE s.status = '{ShipmentStatus.DELIVERED}'), 0) AS delivered,
        coalesce(sum(line.quantity) FILTER (WHERE s.status = '{ShipmentStatus.RETURNED}'), 0) + ({_CAME}) AS returned
    FROM shipment AS s CROSS JOIN LATERAL jsonb_to_recordset(s.lines) AS line (quantity integer)
    WHERE s.order_id = {{parent}}.order_id AND NOT s.deleted AND s.status <> '{ShipmentStatus.CANCELLED}'
) AS units) || '"')""")
"""The same in SQL."""
