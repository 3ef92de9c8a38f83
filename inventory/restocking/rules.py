"""When a stock is restocked, and what may happen to a restock request. Pure: writing counts the version."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec.structs import replace

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.restocks import InboundReason, InboundRow, RestockRequestRow, RestockStatus
from contracts.stores import ReceiptRow


class Command(StrEnum):
    """What a supplier, or who asked for the units, may say about a request."""

    MANUFACTURE = "manufacture"
    COMPLETE = "complete"
    CANCEL = "cancel"


class NotAllowed(Exception):
    """A request with this status cannot take this command."""

    def __init__(self, status: str, command: Command) -> None:
        super().__init__(status, command)
        self.status, self.command = status, command


OPEN = (RestockStatus.ACCEPTED, RestockStatus.MANUFACTURING, RestockStatus.COMPLETED)
"""The states of which a stock has one request at most, as the table guarantees."""

_AFTER: dict[tuple[str, Command], RestockStatus] = {
    (RestockStatus.ACCEPTED, Command.MANUFACTURE): RestockStatus.MANUFACTURING,
    (RestockStatus.MANUFACTURING, Command.COMPLETE): RestockStatus.COMPLETED,
    (RestockStatus.ACCEPTED, Command.CANCEL): RestockStatus.CANCELLED,
    (RestockStatus.MANUFACTURING, Command.CANCEL): RestockStatus.CANCELLED,
}

NEXT = {RestockStatus.ACCEPTED: Command.MANUFACTURE, RestockStatus.MANUFACTURING: Command.COMPLETE}
"""What a supplier does next with a request, by its status."""


def missing_units(row: AvailabilityRow) -> int:
    """The units to request: none above `reorder_at`, or as many as are missing to `reorder_to`.

    What is on its way counts as if it were there. A stock without both levels is never restocked.
    """
    if row.reorder_at is None or row.reorder_to is None:
        return 0
    units = row.on_hand - row.unsellable - row.committed + row.incoming
    return row.reorder_to - units if units <= row.reorder_at else 0


def requested(request_id: UUID, stock_id: str, store_id: str, sku: str, units: int, at: datetime) -> RestockRequestRow:
    """A new request."""
    return RestockRequestRow(
        restock_request_id=request_id,
        stock_id=stock_id,
        store_id=store_id,
        sku=sku,
        quantity=units,
        status=RestockStatus.ACCEPTED,
        requested_at=at,
        updated_at=at,
        version=1,
    )


def after(row: RestockRequestRow, command: Command, moment: datetime) -> RestockRequestRow:
    """The request after a command. Raises NotAllowed."""
    status = _AFTER.get((row.status, command))
    if status is None:
        raise NotAllowed(row.status, command)
    return replace(row, status=status, updated_at=moment)


def inbound_of(row: RestockRequestRow, moment: datetime) -> InboundRow:
    """The units of a completed request on their way to the store."""
    return InboundRow(
        inbound_id=row.restock_request_id,
        stock_id=row.stock_id,
        store_id=row.store_id,
        sku=row.sku,
        quantity=row.quantity,
        reason=InboundReason.RESTOCK,
        sent_at=moment,
        version=1,
    )


def received(row: RestockRequestRow, receipt: ReceiptRow, moment: datetime) -> RestockRequestRow:
    """The request after the store has booked its units; the same if it has this receipt.

    What the store booked has happened, whatever is known here of the request.
    """
    if row.status == RestockStatus.RECEIVED:
        return row
    return replace(
        row,
        status=RestockStatus.RECEIVED,
        added=receipt.added,
        refused=receipt.refused,
        received_at=receipt.received_at,
        updated_at=moment,
    )
