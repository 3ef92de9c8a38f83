"""The handler of `shipment`: stores shall book out what has left them, and book in what came back."""

from __future__ import annotations

from uuid import UUID

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.mysql import Database
from contracts.shipping import SHIPMENT, ShipmentRow, read_shipped_lines
from inventory import metrics
from inventory.orders.scope import Work
from inventory.orders.settling import Clock, settle
from inventory.portions import portions


def follow_shipments(database: Database, clock: Clock) -> Handler:
    """Stores the shipments of a chunk and decides their orders: what is known already changes nothing."""

    async def handle(batch: Batch) -> None:
        of_order: dict[UUID, list[ShipmentRow]] = {}
        for row in batch.newest(SHIPMENT):
            of_order.setdefault(row.order_id, []).append(row)
        sized = ((each, sum(_size(row) for row in of_order[each])) for each in sorted(of_order))
        for ids in portions(sized):
            shipments = sorted((row for each in ids for row in of_order[each]), key=lambda row: row.shipment_id)
            metrics.count(await settle(database, Work(ids, shipments=shipments), clock))

    return handle


def _size(row: ShipmentRow) -> int:
    return len(read_shipped_lines(row.lines))
