"""The methods and query parameters of a request's path, as the OpenAPI document lists them; all others are refused.

A misspelt filter would otherwise list everything. FastAPI's own way, a query model with `extra="forbid"`, refuses what
other dependencies of the route declare (`limit` and `cursor` of a list), and says nothing for a route without any.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from chassis.http.routing import paths

Operation = Mapping[str, Any]
"""An operation of the OpenAPI document."""

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_query_parameters: ContextVar[Mapping[str, bool] | None] = ContextVar("query_parameters", default=None)
"""Those of the current request's operation, each with whether it is a list; None where nothing is to be checked."""


def allowed_methods(request: Request) -> list[str]:
    """The methods that this path has a route for, HEAD and OPTIONS. Starlette names those of the first route only."""
    operations = _operations(request).get(request.scope["path"])
    if operations is not None:
        found = [method for method in _METHODS if method.lower() in operations]
    else:
        found = [method for method in _METHODS if _matches(request, method)]
    return [*found, *(["HEAD"] if "GET" in found else []), "OPTIONS"]


async def _read_operation(request: Request) -> Operation | None:
    """The operation in the OpenAPI document; None for a path that is not in it.

    Decodes the parameters of the path, before any other dependency or the route reads them. Raises the 405 of a fixed
    path such as `/orders/bulk` that was matched as an id, since it has no such method.
    """
    _query_parameters.set(None)
    operations = _operations(request)
    if request.path_params and request.scope["path"] in operations:
        raise HTTPException(405)
    request.scope["path_params"] = {name: paths.decoded(value) for name, value in request.path_params.items()}
    operation: Operation | None = operations.get(getattr(request.scope["route"], "path", ""), {}).get(
        request.method.lower()
    )
    if operation and request.query_params:
        parameters = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
        _query_parameters.set({each["name"]: _is_list(each["schema"]) for each in parameters})
    return operation


CurrentOperation = Annotated[Operation | None, Depends(_read_operation)]


class _Query(BaseModel):
    """All query parameters. A validator reports faults together with those that FastAPI finds in the same request."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def check_names(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Raises ValidationError for each unknown parameter, and for each that is repeated and may not be."""
        known = _query_parameters.get()
        if known is None:
            return given
        unknown = [_fault(name, "unknown query parameter") for name in given if name not in known]
        repeated = [name for name, value in given.items() if isinstance(value, list) and not known.get(name, True)]
        if unknown or repeated:
            faults = unknown + [_fault(name, "must be given only once") for name in repeated]
            raise ValidationError.from_exception_data("query", faults)
        return given


async def check_query(_: CurrentOperation, __: Annotated[_Query, Query()]) -> None:
    """A dependency of the whole app: 422 for query parameters that the route does not have."""


def _fault(name: str, detail: str) -> InitErrorDetails:
    return {
        "type": PydanticCustomError("query_parameter", "{detail}", {"detail": detail}),
        "loc": (name,),
        "input": None,
    }


def _is_list(schema: dict[str, Any]) -> bool:
    return any(each.get("type") == "array" for each in (schema, *schema.get("anyOf", ())))


def _operations(request: Request) -> dict[str, Any]:
    """The operations of each path, by method."""
    operations: dict[str, Any] = request.app.openapi()["paths"]
    return operations


def _matches(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
