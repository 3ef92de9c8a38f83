"""What follows the highest number and version that an import takes can still be read."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import TypeAdapter, ValidationError

from chassis.bulk.exported import Version
from gateway.shop.orders.conditions import _number
from orders.bulk.routes import LINE
from orders.examples import EXPORTED_ORDER
from orders.models import MOST_IMPORTED_NUMBER, ImportedNumber, OrderNumber


@pytest.mark.parametrize(
    ("kind", "most", "above"),
    [(ImportedNumber, "9" * 12, "1" + "0" * 12), (OrderNumber, "9" * 18, "1" + "0" * 18), (Version, 2**52, 2**52 + 1)],
)
def test_the_validator_and_the_schema_have_the_same_limit(kind: Any, most: object, above: object) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    schema = Draft202012Validator(adapter.json_schema())

    assert adapter.validate_python(most) == int(str(most))
    assert schema.is_valid(most)
    assert not schema.is_valid(above)
    with pytest.raises(ValidationError):
        adapter.validate_python(above)


@pytest.mark.parametrize("number", [MOST_IMPORTED_NUMBER + 1, 10**15, 10**18 - 1])
def test_numbers_after_the_highest_imported_one_are_read(number: int) -> None:
    assert TypeAdapter(OrderNumber).validate_python(str(number)) == number
    assert _number(str(number)) == number


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"number": "1" + "0" * 12}, "number"),
        ({"version": 2**52 + 1}, "version"),
        ({"exported": EXPORTED_ORDER["exported"] | {"linesVersion": 2**52 + 1}}, "linesVersion"),
    ],
)
def test_an_imported_order_leaves_a_reserve(changed: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationError) as refused:
        LINE.validate_python(EXPORTED_ORDER | changed)

    assert [error["loc"][-1] for error in refused.value.errors()] == [pointer]


def test_an_exported_order_that_has_lost_a_line_is_taken() -> None:
    """Its lines do not add up to its subtotal."""
    assert LINE.validate_python(EXPORTED_ORDER | {"lines": []}).lines == []
