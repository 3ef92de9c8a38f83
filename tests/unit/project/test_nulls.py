"""Null is a value or a fault, in every member of every request: it is never taken for the default."""

from __future__ import annotations

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from tests.support.request_models import Json, example_of, patched_models, request_models

MEMBERS = [
    pytest.param(model, example, name, field.alias or name, id=f"{model.__name__}.{name}")
    for model, example in request_models().values()
    for name, field in model.model_fields.items()
]
PATCHED = [
    pytest.param(model, shown, name, field.alias or name, id=f"{path} {name}")
    for path, (model, shown) in patched_models().items()
    for name, field in model.model_fields.items()
]


def test_the_models_are_found() -> None:
    assert {"CustomerInput", "NewProduct", "ProductInput", "AddressInput", "NewOrder"} <= request_models().keys()
    assert {"/customers/{customer_id}", "/products/{sku}"} <= patched_models().keys()


@pytest.mark.parametrize(("model", "example", "name", "member"), MEMBERS)
def test_a_null_that_is_sent_is_stored_or_refused(
    model: type[BaseModel], example: Json, name: str, member: str
) -> None:
    try:
        taken = model.model_validate({**example, member: None})
    except ValidationError as refused:
        faults = {fault["loc"][0] for fault in refused.errors()}
    else:
        faults = set() if getattr(taken, name) is None else {"it was replaced"}
    assert faults <= _of(model, member)


@pytest.mark.parametrize(("model", "shown", "name", "member"), PATCHED)
def test_a_null_in_a_patch_is_stored_or_refused(
    model: type[BaseModel], shown: type[BaseModel], name: str, member: str
) -> None:
    current = shown.model_validate(example_of(shown))
    try:
        taken = _patched(model, current, {member: None})
    except RequestValidationError as refused:
        faults = [fault["loc"] for fault in refused.errors()]
    else:
        faults = [] if getattr(taken, name) is None else ["it was replaced"]
    assert faults in ([], *([("body", each)] for each in _of(model, member)))


@pytest.mark.parametrize(("model", "shown"), patched_models().values())
def test_a_null_for_no_member_is_refused(model: type[BaseModel], shown: type[BaseModel]) -> None:
    with pytest.raises(RequestValidationError):
        _patched(model, shown.model_validate(example_of(shown)), {"planet": None})


def _of(model: type[BaseModel], member: str) -> set[str]:
    """The members at which a fault of this one may be: those that go together with it, and itself."""
    return {member}.union(*(group for group in getattr(model, "together", ()) if member in group))


def _patched(model: type[BaseModel], current: BaseModel, patch: Json) -> BaseModel:
    from chassis.rest.merge_patch import apply_patch

    return apply_patch(model, current, patch)
