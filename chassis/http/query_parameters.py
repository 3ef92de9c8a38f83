"""Query parameters that a route does not have are refused: a filter with a slip of the pen would list everything."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import Request, params
from fastapi._compat import field_annotation_is_sequence
from fastapi.dependencies.utils import get_flat_params, solve_dependencies
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from chassis.http import methods


async def only_known(request: Request) -> None:
    """Raise what a bad request raises (422) for unknown parameters, with all that is wrong with it besides.

    A dependency of the whole app. It looks at the routes of the OpenAPI page.
    """
    methods.check(request)
    route = request.scope["route"]
    if request.query_params and isinstance(route, APIRoute) and route.include_in_schema:
        faults = _faults(request, route)
        if faults:
            raise RequestValidationError([*faults, *await _more_faults(request, route)])


def _faults(request: Request, route: APIRoute) -> list[dict[str, Any]]:
    known = {
        field.alias: field_annotation_is_sequence(field.field_info.annotation)
        for field in get_flat_params(route.dependant)
        if isinstance(field.field_info, params.Query)
    }
    times = Counter(name for name, _ in request.query_params.multi_items())
    unknown = [_fault(name, "there is no such parameter here") for name in times if name not in known]
    single = [name for name, takes_many in known.items() if not takes_many]
    return unknown + [_fault(name, "is given more than once") for name in single if times[name] > 1]


async def _more_faults(request: Request, route: APIRoute) -> list[Any]:
    """What FastAPI would find: it looks at a request once all dependencies of the app have returned."""
    body = await request.json() if route.body_field and await request.body() else None
    solved = await solve_dependencies(
        request=request,
        dependant=route.dependant,
        body=body,
        async_exit_stack=request.scope["fastapi_inner_astack"],
        embed_body_fields=route._embed_body_fields,
    )
    return list(solved.errors)


def _fault(name: str, detail: str) -> dict[str, Any]:
    return {"type": "unknown_parameter", "loc": ("query", name), "msg": detail, "input": None}
