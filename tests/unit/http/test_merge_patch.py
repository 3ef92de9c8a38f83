"""A merge patch changes what it names; what stays as it is stored is not checked again."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from chassis.rest.merge_patch import apply_patch


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, alias="shownName")]
    currency: Annotated[str, Field(pattern="^EUR$")]
    note: str | None = None
    active: StrictBool = True


class Stored(BaseModel):
    name: Annotated[str, Field(alias="shownName")] = "Rose oil"
    currency: str = "BGN"
    note: str | None = None
    active: bool = True
    version: int = 3


def test_what_stays_as_it_is_is_taken_as_it_is() -> None:
    thing = apply_patch(Thing, Stored(), {"shownName": "Attar"})

    assert thing.model_dump() == {"name": "Attar", "currency": "BGN", "note": None, "active": True}
    assert apply_patch(Thing, Stored(), {"currency": "BGN", "active": False}).active is False


def test_what_is_not_right_can_be_put_right() -> None:
    assert apply_patch(Thing, Stored(shownName=""), {"currency": "EUR"}).name == ""


@pytest.mark.parametrize(
    ("patch", "member"),
    [
        ({"currency": "HRK"}, "currency"),
        ({"currency": None}, "currency"),
        ({"shownName": ""}, "shownName"),
        ({"active": 1}, "active"),
        ({"planet": "Mars"}, "planet"),
        ({"version": 4}, "version"),
    ],
)
def test_what_changes_is_checked(patch: dict[str, Any], member: str) -> None:
    with pytest.raises(RequestValidationError) as refused:
        apply_patch(Thing, Stored(), patch)

    assert [fault["loc"] for fault in refused.value.errors()] == [("body", member)]
