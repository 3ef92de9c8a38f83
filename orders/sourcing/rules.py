"""Decides what the sourcing of an order means for its status. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from contracts.inventory.reservations import ReservationState
from contracts.inventory.sourcing import SourcingRow, SourcingStatus, read_lines
from contracts.orders import OrderStatus
from orders.refusal import Refusal, Violation
from orders.statuses.life_cycle import Command, NotAllowed, after


class Outcome(StrEnum):
    """What a sourcing did to its order."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    BACKORDERED = "backordered"
    NOT_ALLOWED = "not-allowed"
    """Another command was faster, such as a cancellation. Inventory releases the units once it reads that."""
    OTHER_LINES = "other-lines"
    """The order has other lines by now; inventory decides about them, too."""
    NO_ORDER = "no-order"
    """The order was deleted."""


class Decision(NamedTuple):
    """What becomes of an order, and the command that does it, if there is one."""

    outcome: Outcome
    command: Command | None = None


_DECISIONS: Mapping[str, Decision] = {
    SourcingStatus.COMMITTED: Decision(Outcome.CONFIRMED, Command.CONFIRM),
    # All units were committed before some were missed: the newest record of a topic may be all that is left to read.
    SourcingStatus.SHORT: Decision(Outcome.CONFIRMED, Command.CONFIRM),
    SourcingStatus.REFUSED: Decision(Outcome.REJECTED, Command.REJECT),
    SourcingStatus.BACKORDERED: Decision(Outcome.BACKORDERED, Command.BACKORDER),
}

_UNPROMISED = (OrderStatus.PLACED, OrderStatus.BACKORDERED, OrderStatus.REJECTED, OrderStatus.CANCELLED)
"""The statuses in which a refused order promises nothing to anybody."""

MOST_SHORT_OF = 200
"""Characters of `short_of`."""

BY_INVENTORY = frozenset({Command.CONFIRM, Command.REJECT, Command.BACKORDER})
"""The commands that inventory gives for the orders that it sources."""


class SourcedByInventory(Refusal):
    """Inventory confirms or rejects this order."""


class UnitsAreMissing(Refusal):
    """Stores do not have all units of this order."""


def decide(sourcing: SourcingRow, order: Mapping[str, Any] | None) -> Decision | None:
    """What follows from a sourcing for its order, a row of the database; `order` is None if it was deleted.

    None if the sourcing asks for nothing, for example because an answer is missing.
    """
    decision = _DECISIONS.get(sourcing.status)
    if decision is None or decision.command is None or sourcing.is_deleted:
        return None
    if order is None:
        return Decision(Outcome.NO_ORDER)
    if sourcing.lines_version != order["lines_version"]:
        return Decision(Outcome.OTHER_LINES)
    try:
        after(order["status"], decision.command)
    except NotAllowed:
        return Decision(Outcome.NOT_ALLOWED)
    return decision


def is_without_stock(sourcing: SourcingRow, order: Mapping[str, Any] | None) -> bool:
    """Whether an order was confirmed by hand, although inventory refuses it."""
    is_refused = sourcing.status == SourcingStatus.REFUSED and not sourcing.is_deleted
    return is_refused and order is not None and order["status"] not in _UNPROMISED


def sourced_by_inventory(command: Command) -> SourcedByInventory:
    """The refusal of a command by hand."""
    detail = f"{command.value} is decided by the order's stock; the order can be cancelled"
    return SourcedByInventory([Violation("#", detail)])


def short_of(sourcing: SourcingRow) -> str | None:
    """Which units of an order its stores do not have, in at most 200 characters; None if none are missing."""
    if sourcing.is_deleted or sourcing.status != SourcingStatus.SHORT:
        return None
    if sourcing.reason:
        return sourcing.reason
    asked = [
        f"{line.sku} waits for {part.quantity} of {part.store_id}"
        for line in read_lines(sourcing.lines)
        for part in line.parts
        if part.state == ReservationState.ASKED
    ]
    return f"short: {', '.join(asked)}"[:MOST_SHORT_OF]


def units_are_missing(missing: str) -> UnitsAreMissing:
    """The refusal to ship by hand what stores do not have; `missing` is that of `short_of`."""
    return UnitsAreMissing([Violation("#", missing)])
