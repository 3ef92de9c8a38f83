"""The SQL of `replica_shipment`: the status of each shipment, its units and when it was packed; nothing personal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection, placeholders
from chassis.databases.mysql_times import aware, stored
from chassis.databases.mysql_upserts import write_newer
from contracts.shipping import ShipmentRow, ShipmentStatus, read_shipped_lines
from orders.fulfilment.labels import Correction, Known
from orders.fulfilment.rules import SETTLED, Shipment, Units
from orders.statuses.life_cycle import Command

COLUMNS = ("shipment_id", "order_id", "status", "units", "delivery_address_id", "packed_at", "deleted", "version")

_KNOWN = "SELECT shipment_id, status, packed_at, version FROM replica_shipment WHERE shipment_id IN ({})"

_OF_ORDERS = """
SELECT order_id, status, units FROM replica_shipment WHERE order_id IN ({}) AND NOT deleted ORDER BY order_id
"""

_ORDERED = """
SELECT order_id, order_detail_id, quantity FROM order_detail JOIN `order` USING (order_id, lines_version)
WHERE order_id IN ({})
"""

_UNSETTLED = """
SELECT EXISTS (
    SELECT 1 FROM replica_shipment WHERE order_id = %s AND NOT deleted AND status NOT IN ({})
) AS is_unsettled
"""

_PACKED = """
SELECT shipment_id FROM replica_shipment
WHERE order_id = %s AND delivery_address_id = %s AND NOT deleted AND packed_at IS NOT NULL AND status <> %s
ORDER BY shipment_id LIMIT 1
"""

_CORRECTIONS = """
SELECT order_id, reason, happened_at FROM order_history WHERE order_id IN ({}) AND command = %s
"""

_read_units = msgspec.json.Decoder(dict[UUID, int]).decode


async def newer(tx: Connection, rows: Sequence[ShipmentRow]) -> tuple[list[ShipmentRow], Mapping[UUID, Known]]:
    """The rows that are newer than the stored ones, and what is stored of these, by shipment.

    The orders must be locked, so that two writers take turns.
    """
    found = await tx.fetch_all(_KNOWN.format(placeholders(rows)), [str(row.shipment_id) for row in rows])
    versions = {UUID(row["shipment_id"]): row["version"] for row in found}
    known = {
        UUID(row["shipment_id"]): Known(row["status"], aware(row["packed_at"]) if row["packed_at"] else None)
        for row in found
    }
    return [row for row in rows if row.newest_version > versions.get(row.shipment_id, 0)], known


async def upsert(tx: Connection, rows: Sequence[ShipmentRow]) -> None:
    """Write the rows that are newer than the stored ones."""
    values = [
        (
            *(str(row.shipment_id), str(row.order_id), row.status, _units(row), str(row.delivery_address_id)),
            *(stored(row.packed_at), row.is_deleted, row.newest_version),
        )
        for row in rows
    ]
    await write_newer(tx, "replica_shipment", COLUMNS, values)


async def shipments_of(tx: Connection, order_ids: Collection[str]) -> dict[str, list[Shipment]]:
    """The shipments of each of these orders."""
    found: dict[str, list[Shipment]] = {order_id: [] for order_id in order_ids}
    for row in await tx.fetch_all(_OF_ORDERS.format(placeholders(order_ids)), [*order_ids]):
        found[row["order_id"]].append(Shipment(row["status"], _read_units(row["units"])))
    return found


async def ordered_units(tx: Connection, order_ids: Collection[str]) -> dict[str, Units]:
    """The units of the lines of each of these orders."""
    found: dict[str, dict[UUID, int]] = {order_id: {} for order_id in order_ids}
    for row in await tx.fetch_all(_ORDERED.format(placeholders(order_ids)), [*order_ids]):
        found[row["order_id"]][UUID(row["order_detail_id"])] = row["quantity"]
    return {**found}


async def are_under_way(connection: Connection, order_id: str, command: Command) -> bool:
    """Whether a shipment of the order may still lead to this command, one of `SETTLED`."""
    settled = sorted(SETTLED[command])
    row = await connection.fetch_one(_UNSETTLED.format(placeholders(settled)), [order_id, *settled])
    return row is not None and bool(row["is_unsettled"])


async def find_packed(connection: Connection, order_id: UUID, address_id: UUID) -> UUID | None:
    """A shipment of the order to this address that is packed, or has left; None if there is none."""
    values = [str(order_id), str(address_id), ShipmentStatus.CANCELLED.value]
    row = await connection.fetch_one(_PACKED, values)
    return UUID(row["shipment_id"]) if row else None


async def corrections_of(tx: Connection, order_ids: Collection[UUID]) -> list[Correction]:
    """The corrections of delivery addresses of these orders, by their history."""
    if not order_ids:
        return []
    values = [*map(str, order_ids), Command.CORRECT_ADDRESS.value]
    rows = await tx.fetch_all(_CORRECTIONS.format(placeholders(order_ids)), values)
    return [Correction(UUID(row["order_id"]), row["reason"] or "", aware(row["happened_at"])) for row in rows]


def _units(row: ShipmentRow) -> str:
    """Several entries of a line are its units together."""
    units: dict[str, int] = {}
    for line in read_shipped_lines(row.lines):
        units[str(line.order_line_id)] = units.get(str(line.order_line_id), 0) + line.quantity
    return msgspec.json.encode(units).decode()
