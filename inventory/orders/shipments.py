"""The SQL of shipments as they arrived: their status, their location and their units, and nothing personal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection, placeholders
from chassis.databases.mysql_upserts import write_newer_later
from contracts.shipping import ShipmentRow, read_shipped_lines
from inventory.orders.dispatching import Shipment, ShippedUnits, inbound_id_of

COLUMNS = ("shipment_id", "order_id", "status", "location", "units", "deleted", "version")

_OF_ORDERS = """
SELECT order_id, shipment_id, status, location, units FROM replica_shipment WHERE order_id IN ({}) AND NOT deleted
"""

_INBOUNDS = "SELECT inbound_id FROM inbound WHERE inbound_id IN ({})"

_read_units = msgspec.json.Decoder(list[ShippedUnits]).decode


def write_later(tx: Connection, rows: Sequence[ShipmentRow]) -> None:
    """Write the shipments that are newer than the stored ones, in the same round trip as the next statement."""
    write_newer_later(tx, "replica_shipment", COLUMNS, [_values(row) for row in rows])


async def of_orders(tx: Connection, order_ids: Sequence[str]) -> dict[str, list[Shipment]]:
    """The shipments of those of these orders that have any."""
    found: dict[str, list[Shipment]] = {}
    for row in await tx.fetch_all(_OF_ORDERS.format(placeholders(order_ids)), order_ids):
        shipment = Shipment(UUID(row["shipment_id"]), row["status"], row["location"], _read_units(row["units"]))
        found.setdefault(row["order_id"], []).append(shipment)
    return found


async def known_inbounds(tx: Connection, shipments: Iterable[Shipment]) -> set[UUID]:
    """Those of the returned units of these shipments that were sent to stores."""
    ids = {str(inbound_id_of(each.shipment_id, units.sku)) for each in shipments for units in _back(each)}
    if not ids:
        return set()
    return {UUID(row["inbound_id"]) for row in await tx.fetch_all(_INBOUNDS.format(placeholders(ids)), sorted(ids))}


def _back(shipment: Shipment) -> Sequence[ShippedUnits]:
    return shipment.units if shipment.is_returned else ()


def _values(row: ShipmentRow) -> list[object]:
    units = [ShippedUnits(line.order_line_id, line.sku, line.quantity) for line in read_shipped_lines(row.lines)]
    return [
        str(row.shipment_id),
        str(row.order_id),
        row.status,
        row.location,
        msgspec.json.encode(units).decode(),
        row.is_deleted,
        row.newest_version,
    ]
