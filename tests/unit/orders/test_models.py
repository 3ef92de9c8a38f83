"""What `orders` lets in."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from orders.examples import IMPORTED_ORDER, NEW_ORDER
from orders.models import ImportedOrder, NewOrder


def with_quantity(quantity: Any) -> dict[str, Any]:
    return {**NEW_ORDER, "lines": [{**NEW_ORDER["lines"][0], "quantity": quantity}]}


@pytest.mark.parametrize("quantity", [3, 3.0])
def test_a_quantity_is_a_whole_number(quantity: float) -> None:
    assert NewOrder.model_validate(with_quantity(quantity)).lines[0].quantity == 3


@pytest.mark.parametrize("quantity", [3.5, "3", True, None, 0, 1_000_001, 1e308, float("inf"), float("nan")])
def test_what_is_no_quantity_is_refused(quantity: Any) -> None:
    with pytest.raises(ValidationError):
        NewOrder.model_validate(with_quantity(quantity))


@pytest.mark.parametrize("moment", [0, 1.5, "0", "1700000000", "2026-01-31", "2026-01-31T12:00:00", "noon"])
def test_what_is_no_time_with_its_zone_is_refused(moment: Any) -> None:
    with pytest.raises(ValidationError):
        ImportedOrder.model_validate({**IMPORTED_ORDER, "placedAt": moment})
