"""Checks the past of an imported order: that its status, times and reasons are consistent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from pydantic.alias_generators import to_camel

from contracts.orders import OrderStatus
from orders.refusal import Refusal, Violation
from orders.statuses.life_cycle import Command, commands_to

TIMES: Mapping[Command, str] = {
    Command.CONFIRM: "confirmed_at",
    Command.SHIP: "shipped_at",
    Command.DELIVER: "delivered_at",
    Command.CANCEL: "cancelled_at",
    Command.REJECT: "rejected_at",
}
"""The column with the time of each command, in the order in which commands are possible."""

REASONS: Mapping[Command, str] = {Command.CANCEL: "cancellation_reason", Command.REJECT: "rejection_reason"}
"""The column with the reason of a command."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""Accepted clock difference to other systems."""


class NotPossible(Refusal):
    """The status, times and reasons of an order contradict each other."""


def status_of(order: Mapping[str, Any]) -> OrderStatus:
    """The status that follows from an order's times: that of the last command with a time."""
    ends = {commands_to(status)[0][-1]: status for status in OrderStatus if status is not OrderStatus.PLACED}
    done = [command for command in TIMES if order[TIMES[command]]]
    return ends[done[-1]] if done else OrderStatus.PLACED


def check_status(status: OrderStatus, order: Mapping[str, Any]) -> None:
    """Check that an order has the times that its status requires and no others. Raises NotPossible.

    The time of the confirmation is optional. `order` has the columns of its row.
    """
    ways = commands_to(status)
    possible = {command for way in ways for command in way}
    needed = set.intersection(
        *({each for each in way if each is not Command.CONFIRM or way[-1] is each} for way in ways)
    )
    violations = []
    for command, column in TIMES.items():
        if order[column] and command not in possible:
            violations.append(Violation(_member(column), f"must be empty when the status is {status.value}"))
        if not order[column] and command in needed:
            violations.append(Violation(_member(column), f"is required when the status is {status.value}"))
    violations += [
        Violation(_member(column), f"must be empty when the status is {status.value}")
        for command, column in REASONS.items()
        if order[column] and command not in possible
    ]
    if violations:
        raise NotPossible(violations)


def check_times(order: Mapping[str, Any], now: datetime) -> None:
    """Check that times are in order and not in the future. Raises NotPossible."""
    columns = [column for column in ("placed_at", *TIMES.values()) if order[column]]
    violations = [
        Violation(_member(column), "is in the future") for column in columns if order[column] > now + CLOCKS_DIFFER
    ]
    violations += [
        Violation(_member(later), f"is before {to_camel(earlier)}")
        for earlier, later in pairwise(columns)
        if order[later] < order[earlier]
    ]
    if violations:
        raise NotPossible(violations)


def _member(column: str) -> str:
    return f"#/{to_camel(column)}"
