"""The state machine of an order: the commands of each status. Pure; the diagram is in the README."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache

from contracts.orders import OrderStatus
from orders.refusal import Refusal, Violation


class Command(StrEnum):
    """A command on an order. Order status changes only through these commands, never by writing the table."""

    CONFIRM = "confirm"
    BACKORDER = "backorder"
    REJECT = "reject"
    SHIP_PART = "ship-part"
    SHIP = "ship"
    DELIVER = "deliver"
    CANCEL = "cancel"
    CHANGE_LINES = "change-lines"
    CORRECT_ADDRESS = "correct-address"


class Beginning(StrEnum):
    """How an order was created."""

    PLACE = "place"
    IMPORT = "import"


ERASE = "erase"
"""The name in the history of the erasure of the customer; possible in every status, changes none."""


TRANSITIONS: Mapping[str, Mapping[Command, OrderStatus]] = {
    OrderStatus.PLACED: {
        Command.CONFIRM: OrderStatus.CONFIRMED,
        Command.BACKORDER: OrderStatus.BACKORDERED,
        Command.REJECT: OrderStatus.REJECTED,
        Command.CANCEL: OrderStatus.CANCELLED,
        Command.CHANGE_LINES: OrderStatus.PLACED,
        Command.CORRECT_ADDRESS: OrderStatus.PLACED,
    },
    OrderStatus.BACKORDERED: {
        Command.CONFIRM: OrderStatus.CONFIRMED,
        Command.REJECT: OrderStatus.REJECTED,
        Command.CANCEL: OrderStatus.CANCELLED,
        Command.CHANGE_LINES: OrderStatus.PLACED,
        Command.CORRECT_ADDRESS: OrderStatus.BACKORDERED,
    },
    OrderStatus.CONFIRMED: {
        Command.SHIP_PART: OrderStatus.PARTIALLY_SHIPPED,
        Command.SHIP: OrderStatus.SHIPPED,
        Command.CANCEL: OrderStatus.CANCELLED,
        Command.CORRECT_ADDRESS: OrderStatus.CONFIRMED,
    },
    OrderStatus.PARTIALLY_SHIPPED: {Command.SHIP: OrderStatus.SHIPPED},
    OrderStatus.SHIPPED: {Command.DELIVER: OrderStatus.DELIVERED},
    OrderStatus.DELIVERED: {},
    OrderStatus.CANCELLED: {},
    OrderStatus.REJECTED: {},
}


class NotAllowed(Refusal):
    """The order's status does not allow this."""


def after(status: str, command: Command) -> OrderStatus:
    """The status after `command`. Raises NotAllowed with the commands that are possible instead."""
    possible = _possible(status)
    if command in possible:
        return possible[command]
    by_hand = [each for each in possible if each is not Command.SHIP_PART]
    instead = f"possible: {', '.join(by_hand)}" if by_hand else "no command is possible any more"
    raise NotAllowed([Violation("#", f"{command.value} is not possible when the order is {status}; {instead}")])


@cache
def commands_to(status: OrderStatus) -> Sequence[Sequence[Command]]:
    """All sequences of commands that lead to a status."""
    if status is OrderStatus.PLACED:  # changed lines lead back to it
        return [()]
    ways: list[tuple[Command, ...]] = []
    for before, possible in TRANSITIONS.items():
        for command, following in possible.items():
            if following is status and before is not status:
                ways += [(*way, command) for way in commands_to(before)]
    return ways


def _possible(status: str) -> Mapping[Command, OrderStatus]:
    """The commands of a status; none for a stored status that is unknown here."""
    return TRANSITIONS.get(status, {})


def diagram() -> str:
    """The state machine as a Mermaid diagram, as in the README."""
    arrows = [
        f"  {status} --> {following.value}: {command.value}"
        for status, possible in TRANSITIONS.items()
        for command, following in possible.items()
    ]
    beginnings = [
        f"  [*] --> {OrderStatus.PLACED.value}: {Beginning.PLACE.value}",
        *(f"  [*] --> {status.value}: {Beginning.IMPORT.value}" for status in OrderStatus),
    ]
    ends = [f"  {status} --> [*]" for status, possible in TRANSITIONS.items() if not possible]
    return "\n".join(["stateDiagram-v2", *beginnings, *arrows, *ends])
