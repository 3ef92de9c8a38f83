"""A merge patch changes what it names; what stays as it is stored is not checked again."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, ValidationInfo

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


class Pair(BaseModel):
    """`last` must be at least `first`, which is the member before it."""

    together: ClassVar = (frozenset({"first", "last"}),)

    first: int
    last: Annotated[int, AfterValidator(lambda last, others: _in_order(last, others))]
    name: str = ""


def _in_order(last: int, others: ValidationInfo) -> int:
    if last < others.data.get("first", last):
        raise ValueError("must be at least first")
    return last


@pytest.mark.parametrize(
    ("first", "patch", "is_refused"),
    [
        (1, {"first": 3}, True),
        (1, {"last": 0}, True),
        (1, {"first": 3, "last": 4}, False),
        (5, {"name": "N"}, False),
        (5, {"first": 4}, True),
        (5, {"first": 2}, False),
    ],
)
def test_members_that_go_together_are_checked_if_one_changes(
    first: int, patch: dict[str, Any], is_refused: bool
) -> None:
    stored = Pair.model_construct(first=first, last=2, name="")
    if not is_refused:
        apply_patch(Pair, stored, patch)
        return
    with pytest.raises(RequestValidationError) as refused:
        apply_patch(Pair, stored, patch)
    assert [fault["loc"] for fault in refused.value.errors()] == [("body", "last")]


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
