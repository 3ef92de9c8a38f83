"""Whether an order that is imported again is the one that was imported, whatever became of it here since. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.alias_generators import to_camel

from chassis.databases.mysql import Row
from orders.life_cycle import Command
from orders.models import ImportedOrder
from orders.past import REASONS, TIMES, status_of
from orders.refusal import Refusal, Violation
from orders.rows import ORDER_COLUMNS

_KEY = ("external_id", "source")
_IMPORTED = [name for name in ORDER_COLUMNS if name in ImportedOrder.model_fields and name not in (*_KEY, "status")]
_IMPORTED_OF_A_LINE = ("sku", "quantity", "unit_price", "discount", "delivery_address_id")


class NumberTaken(Refusal):
    """Another order has this number in its source."""


class OrderDiffers(Refusal):
    """The order that has this id, or one of its rows, is here and says something else."""


def check_is_the_same(
    order: Row, lines: Sequence[Row], before: Row, first_lines: Sequence[Row], commands: Sequence[str]
) -> None:
    """Compare the rows that an import would write with those that it wrote. Raises NumberTaken.

    `commands` are those that the order heard here; what they noted was not imported.
    """
    then = {**before, **{column: None for command in commands for column in _noted(command)}}
    pointers = [f"#/{to_camel(column)}" for column in _IMPORTED if order[column] != then[column]]
    if order["status"] != status_of(then).value:
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
        raise NumberTaken([Violation(pointer, "the order with this externalId is another one") for pointer in pointers])


def _noted(command: str) -> list[str]:
    of: list[Mapping[Any, str]] = [TIMES, REASONS]
    return [columns[Command(command)] for columns in of if command in columns]
