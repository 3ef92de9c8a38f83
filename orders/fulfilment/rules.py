"""Which status the shipments of an order lead to, and the commands on the way there. Pure.

Units are compared with the order's lines, not with each other: the records of its shipments arrive one by one, and of
two shipments the first may be delivered before the second is known. So the order in which they arrive does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts import next_statuses
from contracts.orders import OrderStatus
from contracts.shipping import LEFT, ShipmentStatus
from orders.refusal import Refusal, Violation
from orders.statuses.life_cycle import TRANSITIONS, Command

SETTLED: Mapping[Command, frozenset[ShipmentStatus]] = {
    Command.SHIP: next_statuses.SETTLED[OrderStatus.SHIPPED],
    Command.DELIVER: next_statuses.SETTLED[OrderStatus.DELIVERED],
}
"""The commands that shipments give, and by hand only if all shipments of the order have one of these statuses."""

GONE = (OrderStatus.CANCELLED, OrderStatus.REJECTED)
"""The statuses of an order of which nothing should leave."""

_RANKS = (OrderStatus.CONFIRMED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_COMMANDS = (Command.SHIP_PART, Command.SHIP, Command.DELIVER)

Units = Mapping[UUID, int]
"""Units of order lines, by the id of the line."""


@dataclass(frozen=True)
class Shipment:
    """What counts of a shipment. Its status may be one that is unknown here: its units have not left then."""

    status: str
    units: Units


class Outcome(StrEnum):
    """What the records of shipments did to an order."""

    MOVED = "moved"
    UNCHANGED = "unchanged"
    NOT_ALLOWED = "not-allowed"
    """Units have left of an order that is not confirmed, or no more."""
    NO_ORDER = "no-order"
    """The order was deleted."""


class FollowsShipments(Refusal):
    """The order's shipments give this command."""


def reached(ordered: Units, shipments: Iterable[Shipment]) -> OrderStatus:
    """The status that these shipments of an order lead to; `ordered` has the units of its lines."""
    known = list(shipments)
    left = _units(known, LEFT)
    if not left:
        return OrderStatus.CONFIRMED
    if _covers(_units(known, {ShipmentStatus.DELIVERED}), ordered):
        return OrderStatus.DELIVERED
    return OrderStatus.SHIPPED if _covers(left, ordered) else OrderStatus.PARTIALLY_SHIPPED


def steps(status: str, to: OrderStatus) -> Sequence[Command] | None:
    """The fewest commands from a status to that of the shipments: none if the order is there, or further.

    None if units have left although the order has a status in which none should.
    """
    if to is OrderStatus.CONFIRMED:
        return []
    if status not in _RANKS:
        return None
    current, commands = OrderStatus(status), list[Command]()
    while _RANKS.index(current) < _RANKS.index(to):
        following = {TRANSITIONS[current][each]: each for each in _COMMANDS if each in TRANSITIONS[current]}
        current = max((each for each in following if _RANKS.index(each) <= _RANKS.index(to)), key=_RANKS.index)
        commands.append(following[current])
    return commands


def is_late(before: str | None, after: str, order_status: str) -> bool:
    """Whether a shipment has left, as a newer record says, although its order was cancelled before."""
    return order_status in GONE and after in LEFT and before not in LEFT


def follows_shipments(command: Command) -> FollowsShipments:
    """The refusal of a command by hand."""
    detail = f"{command.value} follows from the order's shipments, which are under way"
    return FollowsShipments([Violation("#", detail)])


def _units(shipments: Iterable[Shipment], statuses: Collection[str]) -> Counter[UUID]:
    units: Counter[UUID] = Counter()
    for shipment in shipments:
        if shipment.status in statuses:
            units.update(shipment.units)
    return units


def _covers(units: Units, ordered: Units) -> bool:
    return all(units.get(line_id, 0) >= quantity for line_id, quantity in ordered.items())
