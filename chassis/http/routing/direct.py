"""Dispatches commands without FastAPI's routing and dependency solver, which cost a part of a command.

Their paths are fixed, or have one parameter, as `/things/{thing_id}/send` has.

Only a valid request is handled here. Any other goes to FastAPI unchanged, so that its response is the same.

A rule about who may send a command stands beside its route, `@router.post(…, dependencies=[Security(rule)])`, or is a
parameter of it. The rule is a coroutine function or a scheme of `fastapi.security`, and takes the request, optional
headers, SecurityScopes and results of others. If it raises, FastAPI calls it again and answers. Rules that are not
understood here, and those of the whole app, raise NotDirect when the service starts: none is left out.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from inspect import iscoroutinefunction
from typing import Any, get_type_hints

from fastapi import APIRouter, FastAPI, Response
from fastapi.dependencies.models import Dependant
from fastapi.params import Body
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http.content.body_contents import check_body
from chassis.http.routing.operations import NotDirect, Operation, Operations, Parameters
from chassis.http.routing.routes import check_query


class DirectDispatch:
    """ASGI middleware: calls the command of a request in `operations`, and passes all other requests on."""

    def __init__(self, app: ASGIApp, operations: Operations) -> None:
        self.app = app
        self.operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        found = self.operations.find(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        operation, in_path = found
        repeatable = _Repeatable(receive)
        try:
            values = await operation.values(Request(scope, repeatable.receive), in_path)
        except NotDirect:
            await self.app(scope, repeatable.again(), send)
            return
        try:
            response = await operation.parameters.call(**values)
        except Exception as error:
            response = await _problem(Request(scope), error)
        await response(scope, receive, send)


class _Repeatable:
    """What was received, to be received again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._received: list[Message | Exception] = []

    async def receive(self) -> Message:
        """The next message, which is kept."""
        try:
            message = await self._receive()
        except Exception as error:
            self._received.append(error)
            raise
        self._received.append(message)
        return message

    def again(self) -> Receive:
        """Receives everything from the beginning."""
        kept = iter(self._received)

        async def receiving() -> Message:
            match next(kept, None):
                case None:
                    return await self._receive()
                case Exception() as error:
                    raise error
                case message:
                    return message

        return receiving


def include(app: FastAPI, router: APIRouter) -> None:
    """Add the routes of this router to the app, and handle its POSTs directly.

    Raises NotDirect for one that FastAPI must handle.
    """
    if unknown := [each.dependency for each in app.router.dependencies if each.dependency not in _REPLACED]:
        raise NotDirect(f"the app depends on {unknown}")
    operations: Operations = app.state.direct_operations
    for route in router.routes:
        if isinstance(route, APIRoute) and "POST" in (route.methods or ()):
            operations.add("POST", _operation(route))
    app.include_router(router)


_REPLACED = (check_query, check_body)
"""Dependencies of the whole app that `Operation.values` replaces."""


def _operation(route: APIRoute) -> Operation:
    returned, bodies_of = get_type_hints(route.endpoint).get("return"), _body_parameters(route.dependant)
    if len(bodies_of) != 1 or bodies_of != route.dependant.body_params or returned is not Response:
        raise NotDirect(f"{route.path} has not one body, or does not return a Response")
    body = bodies_of[0]
    if type(body.field_info) is not Body or body.field_info.embed:
        raise NotDirect(f"{route.path} has a body that is not one JSON value")
    of_path = route.dependant.path_params
    if len(of_path) > 1 or not re.fullmatch(_PATH, route.path) or ("{" in route.path) != bool(of_path):
        raise NotDirect(f"{route.path} has other parameters than one after its first part")
    parameters = _parameters(replace(route.dependant, path_params=[]))
    return Operation(route.path, parameters, body, of_path[0] if of_path else None)


_PATH = r"/[^/{}]+(/\{[^:{}]+\}/[^{}]+|[^{}]*)"


def _body_parameters(dependant: Dependant) -> list[Any]:
    return [*dependant.body_params, *(body for each in dependant.dependencies for body in _body_parameters(each))]


_REQUEST = ("request_param_name", "http_connection_param_name")
_READ = {
    *("name", "call", "path", "header_params", "dependencies", "body_params", *_REQUEST),
    *("security_scopes_param_name", "own_oauth_scopes", "parent_oauth_scopes"),
}
_WITHOUT_EFFECT = {"use_cache", "scope", "concurrency"}
"""They concern generators, functions that are not coroutines, and functions that are called once for several others."""

_TEXTS = ("", "a", " \xff" * 1000)
"""Values of headers that a parameter must accept as they are."""


def _parameters(dependant: Dependant) -> Parameters:
    """The parameters of a function. Raises NotDirect if it has others than these kinds."""
    others = [each.name for each in fields(dependant) if each.name not in _READ | _WITHOUT_EFFECT]
    if unknown := [name for name in others if getattr(dependant, name)]:
        raise NotDirect(f"{dependant.call} has {', '.join(unknown)}")
    for each in dependant.header_params:
        if each.default is not None or any(each.validate(text, {}) != (text, []) for text in _TEXTS):
            raise NotDirect(f"{dependant.call} has a header that is not an optional text")
    call = dependant.call
    if call is None or not any(map(iscoroutinefunction, (call, getattr(call, "__call__", None)))):  # noqa: B004
        raise NotDirect(f"{call} is not a coroutine function")
    scopes = SecurityScopes(
        list(dict.fromkeys([*(dependant.parent_oauth_scopes or ()), *(dependant.own_oauth_scopes or ())]))
    )
    return Parameters(
        call,
        tuple(name for each in _REQUEST if (name := getattr(dependant, each))),
        tuple((each.name, each.alias) for each in dependant.header_params),
        {dependant.security_scopes_param_name: scopes} if dependant.security_scopes_param_name else {},
        tuple((each.name, _parameters(each)) for each in dependant.dependencies),
    )


async def _problem(request: Request, error: Exception) -> Response:
    """The response that the app has for this error. Raises an error that it has none for."""
    handlers = request.app.exception_handlers
    handler = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
    if handler is None:
        raise error
    response: Response = await handler(request, error)
    return response
