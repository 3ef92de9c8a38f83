"""The life of an order: which command leads from which status to which. Pure; the diagram is in the README."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache

from contracts.orders import OrderStatus
from orders.refusal import Refusal, Violation


class Command(StrEnum):
    """What can be done to an order that is there. Others move an order by these alone, never by writing its table."""

    CONFIRM = "confirm"
    REJECT = "reject"
    SHIP = "ship"
    DELIVER = "deliver"
    CANCEL = "cancel"
    CHANGE_LINES = "change-lines"
    CORRECT_ADDRESS = "correct-address"


class Beginning(StrEnum):
    """How an order comes to be here."""

    PLACE = "place"
    IMPORT = "import"


ERASE = "erase"
"""What the history calls the erasure of the person who ordered: it is possible in every status and changes none."""


TRANSITIONS: Mapping[str, Mapping[Command, OrderStatus]] = {
    OrderStatus.PLACED: {
        Command.CONFIRM: OrderStatus.CONFIRMED,
        Command.REJECT: OrderStatus.REJECTED,
        Command.CANCEL: OrderStatus.CANCELLED,
        Command.CHANGE_LINES: OrderStatus.PLACED,
        Command.CORRECT_ADDRESS: OrderStatus.PLACED,
    },
    OrderStatus.CONFIRMED: {
        Command.SHIP: OrderStatus.SHIPPED,
        Command.CANCEL: OrderStatus.CANCELLED,
        Command.CORRECT_ADDRESS: OrderStatus.CONFIRMED,
    },
    OrderStatus.SHIPPED: {Command.DELIVER: OrderStatus.DELIVERED},
    OrderStatus.DELIVERED: {},
    OrderStatus.CANCELLED: {},
    OrderStatus.REJECTED: {},
}


class NotAllowed(Refusal):
    """The order's status does not allow this."""


def after(status: str, command: Command) -> OrderStatus:
    """The status that `command` leads to. Raises NotAllowed, saying what is possible instead."""
    possible = _possible(status)
    if command in possible:
        return possible[command]
    instead = f"possible are: {', '.join(possible)}" if possible else "nothing more can be done to it"
    raise NotAllowed([Violation("#", f"{command.value} is not possible for an order that is {status}; {instead}")])


@cache
def ways_to(status: OrderStatus) -> Sequence[Sequence[Command]]:
    """The commands that lead to a status, in their turn: each way there is."""
    ways: list[tuple[Command, ...]] = [()] if status is OrderStatus.PLACED else []
    for before, possible in TRANSITIONS.items():
        for command, following in possible.items():
            if following is status and before is not status:
                ways += [(*way, command) for way in ways_to(before)]
    return ways


def allowed_transitions(status: str) -> Sequence[OrderStatus]:
    """The statuses that the order can have next."""
    return [following for following in _possible(status).values() if following != status]


def _possible(status: str) -> Mapping[Command, OrderStatus]:
    """What can be done in a status; in one that is stored and not known here, nothing."""
    return TRANSITIONS.get(status, {})


def diagram() -> str:
    """The life cycle as a Mermaid state diagram, as it stands in the README."""
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
