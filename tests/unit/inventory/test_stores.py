"""What `inventory` lets in of a store."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from chassis.rest.merge_patch import apply_patch
from inventory.stores.models import NewStore, StoreInput

LIMA = {"name": "Lima", "country": "PE"}


@pytest.mark.parametrize("lone", [{"latitude": -12.1}, {"longitude": -77}, {"latitude": None, "longitude": 1}])
def test_a_coordinate_alone_is_refused(lone: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        NewStore.model_validate(LIMA | {"id": "lima"} | lone)

    assert [fault["loc"] for fault in refused.value.errors()] == [("longitude",)]


@pytest.mark.parametrize(
    ("latitude", "patch", "is_refused"),
    [
        (None, {"latitude": 1}, True),
        (None, {"latitude": 1, "longitude": 2}, False),
        (None, {"name": "L"}, False),
        (1, {"name": "L"}, False),  # of a former release
        (1, {"latitude": 2}, True),
        (1, {"latitude": None}, False),
    ],
)
def test_a_patch_leads_to_both_or_none(latitude: int | None, patch: dict[str, Any], is_refused: bool) -> None:
    values = StoreInput.model_validate(LIMA).model_dump() | {"latitude": latitude and Decimal(latitude)}
    stored = StoreInput.model_construct(**values)
    if not is_refused:
        assert apply_patch(StoreInput, stored, patch).name == patch.get("name", "Lima")
        return
    with pytest.raises(RequestValidationError) as refused:
        apply_patch(StoreInput, stored, patch)
    assert [fault["loc"] for fault in refused.value.errors()] == [("body", "longitude")]
