"""Decides whether an order that is imported again is the same as the first time, ignoring later commands. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.alias_generators import to_camel

from chassis.databases.mysql import Row
from orders.models import ImportedOrder
from orders.placement.rows import ORDER_COLUMNS
from orders.refusal import Refusal, Violation
from orders.statuses.life_cycle import Command
from orders.statuses.past import REASONS, TIMES, status_of

_KEY = ("external_id", "source")
_IMPORTED = [name for name in ORDER_COLUMNS if name in ImportedOrder.model_fields and name not in (*_KEY, "status")]
_IMPORTED_OF_A_LINE = ("sku", "quantity", "unit_price", "discount", "delivery_address_id")


class ExternalIdConflict(Refusal):
    """Another order of this source has this externalId."""


class NumberTaken(Refusal):
    """Another order has this number."""


class OrderDiffers(Refusal):
    """The order with this id, or one of its rows, exists and differs."""


def check_is_the_same(
    order: Row,
    lines: Sequence[Row],
    before: Row,
    first_lines: Sequence[Row],
    commands: Sequence[str],
    first_status: str | None,
) -> None:
    """Compare the rows that an import would write with those that it wrote. Raises ExternalIdConflict.

    `commands` are the ones that were applied to the order since; the times that they set were not imported. Without
    `first_status`, the status that was imported follows from the other times.
    """
    then = {**before, **{column: None for command in commands for column in _noted(command)}}
    pointers = [f"#/{to_camel(column)}" for column in _IMPORTED if order[column] != then[column]]
    if order["status"] != (first_status or status_of(then).value):
        pointers.append("#/status")
    if len(lines) != len(first_lines):
        pointers.append("#/lines")
    pointers += [
        f"#/lines/{number}/{to_camel(column)}"
        for number, (line, first) in enumerate(zip(lines, first_lines, strict=False))
        for column in _IMPORTED_OF_A_LINE
        if line[column] != first[column]
    ]
    if pointers:
        raise ExternalIdConflict([Violation(pointer, "differs from the imported order") for pointer in pointers])


def _noted(command: str) -> list[str]:
    of: list[Mapping[Any, str]] = [TIMES, REASONS]
    return [columns[Command(command)] for columns in of if command in columns]
