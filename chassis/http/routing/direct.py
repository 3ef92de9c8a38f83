"""Dispatches commands at fixed paths without FastAPI's routing and dependency solver, which cost a part of a command.

Only a valid request is handled here. Any other goes to FastAPI unchanged, so that its response is the same.

A rule about who may send a command stands beside its route, `@router.post(…, dependencies=[Security(rule)])`, or is a
parameter of it. The rule is a coroutine function or a scheme of `fastapi.security`, and takes the request, optional
headers, SecurityScopes and results of others. If it raises, FastAPI calls it again and answers. Rules that are not
understood here, and those of the whole app, raise NotDirect when the service starts: none is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, fields
from inspect import iscoroutinefunction
from typing import Any, get_type_hints

from fastapi import APIRouter, FastAPI, Response
from fastapi.dependencies.models import Dependant
from fastapi.params import Body
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http.content import bodies, strict_json
from chassis.http.content.body_contents import check_body
from chassis.http.routing.routes import check_query

Values = dict[str, Any]
"""Arguments by name."""


class NotDirect(Exception):
    """FastAPI must handle this request, or this function."""


@dataclass(frozen=True)
class Parameters:
    """What a function takes: the request, headers that are optional texts, scopes, and results of other functions.

    A function without a name is called for what it raises.
    """

    call: Callable[..., Awaitable[Any]]
    requests: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    scopes: Mapping[str, SecurityScopes]
    dependencies: tuple[tuple[str | None, Parameters], ...]

    async def result(self, request: Request) -> Any:
        """The result of the function."""
        return await self.call(**await self.values(request))

    async def values(self, request: Request) -> Values:
        """The arguments of the function. Raises what the other functions raise."""
        values: Values = {name: request.headers.get(header) for name, header in self.headers}
        values |= self.scopes
        values |= dict.fromkeys(self.requests, request)
        for name, each in self.dependencies:
            result = await each.result(request)
            if name is not None:
                values[name] = result
        return values


@dataclass(frozen=True)
class Operation:
    """A command at a fixed path whose body is one JSON value."""

    parameters: Parameters
    body: Any

    async def values(self, request: Request) -> Values:
        """The arguments of the command. Raises NotDirect for a request that is not valid."""
        if request.scope["query_string"] or not bodies.has_body(request.scope):
            raise NotDirect
        try:
            values = await self.parameters.values(request)
            value, errors = self.body.validate(strict_json.read(await request.body()), {}, loc=("body",))
        except Exception as error:
            raise NotDirect from error
        if errors:
            raise NotDirect
        return {**values, self.body.name: value}


Operations = MutableMapping[tuple[str, str], Operation]
"""By method and path."""


class DirectDispatch:
    """ASGI middleware: calls the command of a request in `operations`, and passes all other requests on."""

    def __init__(self, app: ASGIApp, operations: Operations) -> None:
        self.app = app
        self.operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        operation = self.operations.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if operation is None:
            await self.app(scope, receive, send)
            return
        repeatable = _Repeatable(receive)
        try:
            values = await operation.values(Request(scope, repeatable.receive))
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
            operations["POST", route.path] = _operation(route)
    app.include_router(router)


_REPLACED = (check_query, check_body)
"""Dependencies of the whole app that `Operation.values` replaces."""


def _operation(route: APIRoute) -> Operation:
    returned, bodies_of = get_type_hints(route.endpoint).get("return"), _body_parameters(route.dependant)
    if "{" in route.path or len(bodies_of) != 1 or bodies_of != route.dependant.body_params or returned is not Response:
        raise NotDirect(f"{route.path} has no fixed path, not one body, or does not return a Response")
    body = bodies_of[0]
    if type(body.field_info) is not Body or body.field_info.embed or not body.field_info.is_required():
        raise NotDirect(f"{route.path} has a body that is optional or not one JSON value")
    return Operation(_parameters(route.dependant), body)


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
