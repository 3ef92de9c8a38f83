"""Moves an order to its next status: by hand through the routes, or by what inventory decided."""

from __future__ import annotations

from chassis.databases.mysql import Connection, Row
from orders import repository
from orders.statuses import history
from orders.statuses.life_cycle import Command, after


def move(tx: Connection, order: Row, command: Command, caller: str | None, reason: str | None = None) -> Row:
    """Give an order, which is locked, the status after `command`, and record it in the history. Returns the new row.

    Raises NotAllowed. The statements are sent together with the next one.
    """
    moved = repository.move(tx, order, command, after(order["status"], command), reason)
    history.note(tx, moved, command, caller, reason)
    return moved
