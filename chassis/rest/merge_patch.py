"""JSON merge patch (RFC 7396): a member given replaces, a member that is null is removed, the rest stays."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypeVar

from fastapi import Body
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError, create_model

Input = TypeVar("Input", bound=BaseModel)

Patch = Annotated[
    dict[str, Any],
    Body(media_type="application/merge-patch+json", description="Members to change; null clears an optional one."),
]


def merge(target: Any, patch: Any) -> Any:
    """`target` with `patch` merged into it; both are JSON values. Neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), value)
    return result


def apply_patch(model: type[Input], current: BaseModel, patch: dict[str, Any]) -> Input:
    """What a client would have sent to replace `current` with itself, patched. Raises what a bad body raises (422).

    What stays as it is stored is not checked again: it was right once, and must not keep anybody from changing the
    rest.
    """
    sent = current.model_dump(mode="json", by_alias=True, include=set(model.model_fields))
    wanted = merge(sent, patch)
    try:
        return model.model_validate(wanted)
    except ValidationError as error:
        stays = {name for name, value in sent.items() if repr(wanted.get(name, ...)) == repr(value)}  # 1 is not true
        unchecked = stays & {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
    lenient: type[Input] = _unchecked(model, frozenset(unchecked))
    try:
        return lenient.model_validate(wanted)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from error


@lru_cache(maxsize=256)
def _unchecked(model: type[Input], members: frozenset[str]) -> type[Input]:
    """The model with these members taken as they are."""
    changes: dict[str, Any] = {
        name: (Any, Field(alias=field.alias))
        for name, field in model.model_fields.items()
        if (field.alias or name) in members
    }
    made: type[Input] = create_model(model.__name__, __base__=model, **changes)
    return made
