"""When a stock is restocked, and what may happen to a restock request. Pure: writing counts the version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace as replace_store
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec.structs import replace

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.restocks import InboundReason, InboundRow, RestockRequestRow, RestockStatus, accepted_units
from contracts.stores import ReceiptRow
from inventory.decisions.places import NOWHERE, Store
from inventory.decisions.rules import StockKey
from inventory.decisions.sourcing_policy import Choice, SourcingPolicy
from inventory.levels import Levels


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


MOST_UNITS = 2**31 - 1
"""The largest value of the column."""

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


def missing_units(row: AvailabilityRow, backordered: int = 0) -> int:
    """The units to request: none above `reorder_at`, or as many as are missing to `reorder_to`, and those back-ordered.

    What is on its way counts as if it were there. Orders wait for the `backordered` units, and none of those here are
    for them. A stock without both levels is never restocked.
    """
    if row.reorder_at is None or row.reorder_to is None:
        return 0
    free = row.on_hand - row.unsellable - row.committed
    if row.incoming >= backordered and free + row.incoming - backordered > row.reorder_at:
        return 0
    return min(MOST_UNITS, accepted_units(free, row.reorder_to, backordered) - row.incoming)


def restocked_for_backorders(
    waiting: Mapping[str, int], levels: Levels, stores: Mapping[str, Store], policy: SourcingPolicy
) -> dict[StockKey, int]:
    """Which stocks are restocked for the orders that wait for these units, by SKU, and for how many of them.

    Units that such a stock has for them do not count: the orders that wait cannot take these without others.
    """
    units: dict[StockKey, int] = {}
    for sku, wanted in waiting.items():
        if key := _restocked_store(levels.of_sku(sku), stores, policy):
            units[key] = max(0, wanted - max(0, levels.free([sku])[sku][key.store_id]))
    return units


def _restocked_store(
    rows: Iterable[AvailabilityRow], stores: Mapping[str, Store], policy: SourcingPolicy
) -> StockKey | None:
    """The best of these stocks by the sourcing policy that sells online and has both levels.

    That a store is stale for a while does not count: another one would request the same units again.
    """
    heard_of = {store_id: replace_store(store, is_stale=False) for store_id, store in stores.items()}
    keys = {
        row.store_id: StockKey(row.store_id, row.sku)
        for row in rows
        if row.reorder_at is not None and row.reorder_to is not None
        if policy.may_ask(heard_of.get(row.store_id) or Store(row.store_id))
    }
    if not keys:
        return None
    [sku] = {key.sku for key in keys.values()}
    choice = Choice({sku: 1}, {sku: dict.fromkeys(keys, 1)}, heard_of, NOWHERE)
    return keys[policy.best(choice, keys)]


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


def inbound_of(row: RestockRequestRow, moment: datetime, backordered: int = 0) -> InboundRow:
    """The units of a completed request on their way to the store, while orders wait for `backordered` of the SKU."""
    return InboundRow(
        inbound_id=row.restock_request_id,
        stock_id=row.stock_id,
        store_id=row.store_id,
        sku=row.sku,
        quantity=row.quantity,
        backordered=min(row.quantity, backordered),
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
