"""Opens the return of a shipment that is back at its sender, so that its refund is somebody's task."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from chassis.databases.mysql import Connection
from contracts.shipping import ShipmentStatus
from shipping.events.streams import Cause
from shipping.returns import repository
from shipping.returns.decisions.receiving import open_returned
from shipping.shipments.state import Shipment


def return_id_of(shipment_id: UUID) -> UUID:
    """The id of the return of a shipment that is back at its sender."""
    return uuid5(shipment_id, "return")


def open_if_returned_later(tx: Connection, before: Shipment, after: Shipment, cause: Cause, moment: datetime) -> None:
    """Open it together with the next statement, if the locked shipment has just become `returned`."""
    if after.status is ShipmentStatus.RETURNED and before.status is not ShipmentStatus.RETURNED:
        events = open_returned(after, after.returned_at or moment)
        repository.open_later(tx, return_id_of(after.shipment_id), events, cause, moment)
