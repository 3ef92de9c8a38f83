"""Checks that all variants give the same responses: value by value, whatever the names of fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from benchmarks.gateway.operations import Operation
from benchmarks.gateway.variants import Variant

LOOKED_AT = 20
"""Responses per operation that are compared completely. Of all others, one value is checked."""


def check_equal(variants: Sequence[Variant], operations: Sequence[Operation]) -> None:
    """Raises RuntimeError for a response with errors, or if two variants differ."""
    for operation in operations:
        for number in range(min(LOOKED_AT, len(operation.variables))):
            told = {variant.name: _values(variant, operation, number) for variant in variants}
            first = told[variants[0].name]
            if different := [name for name, values in told.items() if values != first]:
                raise RuntimeError(f"{operation.name}: {different} say {told[different[0]]}, not {first}")


def _values(variant: Variant, operation: Operation, number: int) -> list[Any]:
    answer = variant.answer(operation, number)
    told = orjson.loads(answer.content)
    if answer.status_code != 200 or "errors" in told:
        raise RuntimeError(f"{variant.name} says {answer.content[:2000]!r}")
    found = list(_leaves(told["data"]))
    if len(found) < 10 or operation.wanted[number] not in found:
        raise RuntimeError(f"{variant.name} has no data: {answer.content[:2000]!r}")
    return found


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        yield len(value)
        for each in value:
            yield from _leaves(each)
    else:
        yield _plain(value)


def _plain(value: Any) -> Any:
    """The value in comparable form: numbers and times by value, texts in lower case."""
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError):
        pass
    try:
        return datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return value.lower() if isinstance(value, str) else value
