"""The content of a body, before the route sees it: strict JSON, and nothing where the operation has no body."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from chassis.http.content import bodies, strict_json
from chassis.http.errors.problems import Problem
from chassis.http.routing.routes import CurrentOperation


async def check_body(request: Request, operation: CurrentOperation) -> None:
    """A dependency of the whole app.

    Raises the 400 or 422 of a body that is not JSON, has a member twice, or is sent to an operation without a body; an
    empty object is as good as none.
    """
    if not bodies.has_body(request.scope) or bodies.is_bulk(request.scope):
        return
    body = await request.body()
    if not body.strip():
        return
    value = _read(body)
    if operation is not None and "requestBody" not in operation and value != {}:
        names = list(value) if isinstance(value, dict) else []
        raise RequestValidationError([_fault((name,), "unknown member") for name in names] or [_NOT_EMPTY])


LONG_NUMBER = "A number in the {} has too many digits."


def _read(body: bytes) -> Any:
    try:
        return strict_json.read(body)
    except strict_json.DuplicateMember as error:
        raise RequestValidationError([duplicate_member(error)]) from error
    except (ValueError, RecursionError) as error:
        if strict_json.is_long_number(error):
            raise Problem(400, "bad-request", LONG_NUMBER.format("body")) from error
        raise Problem(400, "not-json", "The body is not valid JSON.") from error


def duplicate_member(error: strict_json.DuplicateMember) -> dict[str, Any]:
    """The fault of a member that is given twice."""
    return _fault(error.path, "must be given only once")


def _fault(path: tuple[str | int, ...], detail: str) -> dict[str, Any]:
    return {"type": "body", "loc": ("body", *path), "msg": detail, "input": None}


_NOT_EMPTY = _fault((), "must be empty, or an empty object: this operation has no body")
