"""JSON merge patch (RFC 7396): a member given replaces, a member that is null is removed, the rest stays."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import Body
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Input = TypeVar("Input", bound=BaseModel)

Patch = Annotated[
    dict[str, Any],
    Body(media_type="application/merge-patch+json", description="Members to change; null clears an optional one."),
]


def merged(target: Any, patch: Any) -> Any:
    """`target` with `patch` merged into it; both are JSON values. Neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def patched(model: type[Input], current: BaseModel, patch: dict[str, Any]) -> Input:
    """What a client would have sent to replace `current` with itself, patched. Raises what a bad body raises (422)."""
    sent = current.model_dump(mode="json", by_alias=True, include=set(model.model_fields))
    try:
        return model.model_validate(merged(sent, patch))
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from error
