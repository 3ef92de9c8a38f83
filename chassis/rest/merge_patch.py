"""JSON merge patch (RFC 7396): given members replace, null removes, all others stay."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypeVar

from fastapi import Body
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError, create_model

Input = TypeVar("Input", bound=BaseModel)

Patch = Annotated[
    dict[str, Any],
    Body(media_type="application/merge-patch+json", description="Members to change; null clears one that may be null."),
]


def merge(target: Any, patch: Any) -> Any:
    """`target` with `patch` merged into it; both are JSON values and are not modified."""
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
    """The input that replaces `current` with the patched resource. Raises RequestValidationError (422).

    Null is the value null, which is how a resource shows that it has no such member; a member that cannot be null
    refuses it, and never gets its default instead.
    Unchanged members are not validated again: they were valid once, and must not prevent other changes. The members
    of a set in `model.together`, which a model may have, are all validated if one of them changes.
    """
    sent = current.model_dump(mode="json", by_alias=True, include=set(model.model_fields))
    result = {**sent, **{name: merge(sent.get(name), value) for name, value in patch.items()}}
    try:
        return model.model_validate(result)
    except ValidationError as error:
        stays = {name for name, value in sent.items() if repr(result.get(name, ...)) == repr(value)}  # 1 is not true
        for group in getattr(model, "together", ()):
            stays -= set() if group <= stays else group
        unchecked = stays & {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
    lenient: type[Input] = _unchecked(model, frozenset(unchecked))
    try:
        return lenient.model_validate(result)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from error


@lru_cache(maxsize=256)
def _unchecked(model: type[Input], members: frozenset[str]) -> type[Input]:
    """The model without validation of these members."""
    changes: dict[str, Any] = {
        name: (Any, Field(alias=field.alias))
        for name, field in model.model_fields.items()
        if (field.alias or name) in members
    }
    made: type[Input] = create_model(model.__name__, __base__=model, **changes)
    return made
