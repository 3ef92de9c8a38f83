"""What a store does with inbound units: pure decisions about values.

Each inbound is booked once. A supplier's units are added until as many as `reorder_to` can be sold, whatever was on its
way, and those that orders wait for beyond that; a return always.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from contracts.inventory.restocks import InboundReason, InboundRow, accepted_units
from contracts.stores import Reason
from stores.rules import MAX_UNITS, Movement, Stock, move

_REASONS = {InboundReason.RESTOCK: Reason.RECEIVED, InboundReason.RETURN: Reason.RETURNED}


@dataclass(frozen=True)
class Receipt:
    """What became of an inbound; `stock` is the stock after it."""

    inbound_id: UUID
    reason: InboundReason
    quantity: int
    added: int
    stock: Stock

    @property
    def refused(self) -> int:
        """The units that were not added."""
        return self.quantity - self.added


@dataclass
class Receipts:
    """The stocks to which inbound units are added, by SKU, and what was booked."""

    stocks: dict[str, Stock]
    booked: set[UUID]
    """The ids of receipts that exist."""
    changed_stocks: set[str] = field(default_factory=set)
    receipts: list[Receipt] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)

    def take(self, inbound: InboundRow) -> None:
        """Book one inbound, unless it was booked or deleted. Raises ValueError for an unknown reason."""
        if inbound.is_deleted or inbound.inbound_id in self.booked:
            return
        reason = InboundReason(inbound.reason)
        stock = self.stocks[inbound.sku]
        added = added_units(stock, inbound)
        after = replace(stock, version=stock.version + 1)
        if added:
            unsellable = min(added, inbound.unsellable)
            own = reference(inbound.inbound_id)
            after, movement = move(stock, added, _REASONS[reason], unsellable_delta=unsellable, reference=own)
            self.movements.append(movement)
        after = replace(after, delivered=stock.delivered + inbound.quantity)
        self.stocks[inbound.sku] = after
        self.changed_stocks.add(inbound.sku)
        self.booked.add(inbound.inbound_id)
        self.receipts.append(Receipt(inbound.inbound_id, reason, inbound.quantity, added, after))


def book(stocks: Mapping[str, Stock], booked: Collection[UUID], inbounds: Iterable[InboundRow]) -> Receipts:
    """Book inbounds of this store one after the other, in the order of the log."""
    receipts = Receipts(dict(stocks), set(booked))
    for inbound in inbounds:
        receipts.take(inbound)
    return receipts


def added_units(stock: Stock, inbound: InboundRow) -> int:
    """How many units are added. A stock without `reorder_to` has no limit but that of its column."""
    units = min(inbound.quantity, MAX_UNITS - stock.on_hand)
    if inbound.reason == InboundReason.RESTOCK and stock.reorder_to is not None:
        units = min(units, accepted_units(stock.free, stock.reorder_to, inbound.backordered))
    return units


def reference(inbound_id: UUID) -> str:
    """The reference of the movement with which inbound units arrive."""
    return f"inbound:{inbound_id}"
