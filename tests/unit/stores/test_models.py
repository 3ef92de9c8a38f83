"""Movements that are refused for their form, and levels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from stores.models import Levels, NewMovement

RECEIVED = {"sku": "NW-0001", "delta": 1, "reason": "received"}


def faults(body: dict[str, Any]) -> list[str]:
    try:
        NewMovement.model_validate(RECEIVED | body)
    except ValidationError as error:
        return [str(fault["loc"][0]) for fault in error.errors()]
    return []


@pytest.mark.parametrize(
    "body",
    [
        {"delta": 0, "reason": "adjusted", "unsellableDelta": -1},
        {"delta": -1, "reason": "transferred"},
        {"delta": -1_000_000, "reason": "sold", "override": True},
        {"delta": 3.0, "happenedAt": "2026-01-31T12:00:00+01:00"},
        {"sku": "ä/ß 日本", "reference": "x" * 100},
    ],
    ids=str,
)
def test_movements_that_are_taken(body: dict[str, Any]) -> None:
    assert faults(body) == []


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"delta": 0, "reason": "adjusted"}, "delta"),
        ({"delta": 1, "reason": "sold"}, "delta"),
        ({"delta": 0, "reason": "sold", "unsellableDelta": -1}, "delta"),
        ({"delta": -1}, "delta"),
        ({"delta": -1, "reason": "returned"}, "delta"),
        ({"delta": -1, "reason": "shipped"}, "reason"),
        ({"delta": -1, "reason": "counted"}, "reason"),
        ({"delta": 1_000_001}, "delta"),
        ({"delta": 1.5}, "delta"),
        ({"delta": "1"}, "delta"),
        ({"delta": True}, "delta"),
        ({"unsellableDelta": 1_000_001}, "unsellableDelta"),
        ({"reference": "allocation:1"}, "reference"),
        ({"reference": "receipt:1"}, "reference"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"sku": "x" * 65}, "sku"),
        ({"sku": ".."}, "sku"),
        ({"planet": 1}, "planet"),
        ({"happenedAt": "9999-12-31T00:00:00Z"}, "happenedAt"),
    ],
    ids=str,
)
def test_movements_that_are_refused(body: dict[str, Any], member: str) -> None:
    assert faults(body) == [member]


@pytest.mark.parametrize(
    ("ahead", "expected"), [(timedelta(hours=23), []), (timedelta(days=1, minutes=10), ["happenedAt"])], ids=str
)
def test_a_clock_is_at_most_a_day_ahead(ahead: timedelta, expected: list[str]) -> None:
    assert faults({"happenedAt": f"{datetime.now(UTC) + ahead:%Y-%m-%dT%H:%M:%SZ}"}) == expected


@pytest.mark.parametrize("levels", [{}, {"reorderAt": 3}, {"reorderTo": 3}, {"reorderAt": 3, "reorderTo": 4}])
def test_levels_in_order(levels: dict[str, int]) -> None:
    assert Levels.model_validate(levels)


@pytest.mark.parametrize("reorder_to", [3, 2])
def test_levels_out_of_order(reorder_to: int) -> None:
    with pytest.raises(ValidationError):
        Levels.model_validate({"reorderAt": 3, "reorderTo": reorder_to})
