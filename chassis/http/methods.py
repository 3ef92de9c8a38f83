"""Which methods an address has. One that is spelled out, such as `/orders/bulk`, is never taken for an id."""

from __future__ import annotations

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.routing import Match

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def check(request: Request) -> None:
    """Raise the 405 of an address that is spelled out, and has no such method, though it could be somebody's id."""
    if request.path_params and request.url.path in request.app.openapi()["paths"]:
        raise HTTPException(405)


def allowed(request: Request) -> list[str]:
    """The methods that this address has a route for. Starlette names those of the first route alone."""
    spelled_out = request.app.openapi()["paths"].get(request.url.path)
    if spelled_out is not None:
        found = [method for method in _METHODS if method.lower() in spelled_out]
    else:
        found = [method for method in _METHODS if _has(request, method)]
    return ["HEAD", *found] if "GET" in found else found


def _has(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
