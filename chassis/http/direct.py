"""Dispatches commands at fixed paths without FastAPI's routing and dependency solver, which cost a part of a command.

Only a valid request is handled here. Any other goes to FastAPI unchanged, so that its response is the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, fields
from inspect import iscoroutinefunction
from typing import Any, get_type_hints

from fastapi import APIRouter, FastAPI, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http import bodies, strict_json

Values = dict[str, Any]
"""Arguments by name."""


class NotDirect(Exception):
    """FastAPI must handle this request, or this function."""


@dataclass(frozen=True)
class Parameters:
    """What a function takes: the request, headers that are optional texts, and results of other functions."""

    call: Callable[..., Awaitable[Any]]
    request: str | None
    headers: tuple[tuple[str, str], ...]
    dependencies: tuple[tuple[str, Parameters], ...]

    async def result(self, request: Request) -> Any:
        """The result of the function."""
        return await self.call(**await self.values(request))

    async def values(self, request: Request) -> Values:
        """The arguments of the function. Raises what the other functions raise."""
        values: Values = {name: request.headers.get(header) for name, header in self.headers}
        if self.request is not None:
            values[self.request] = request
        for name, each in self.dependencies:
            values[name] = await each.result(request)
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


def add(app: FastAPI, router: APIRouter) -> None:
    """Handle the POSTs of this router directly. Raises NotDirect for one that FastAPI must handle."""
    operations: Operations = app.state.direct_operations
    for route in router.routes:
        if isinstance(route, APIRoute) and "POST" in (route.methods or ()):
            operations["POST", route.path] = _operation(route)


def _operation(route: APIRoute) -> Operation:
    returned = get_type_hints(route.endpoint).get("return")
    if "{" in route.path or len(route.dependant.body_params) != 1 or returned is not Response:
        raise NotDirect(f"{route.path} has no fixed path, no body, or does not return a Response")
    return Operation(_parameters(route.dependant), route.dependant.body_params[0])


_READ = {"name", "call", "path", "request_param_name", "header_params", "dependencies", "body_params"}
_WITHOUT_EFFECT = {"use_cache", "scope", "concurrency"}
"""They concern generators, functions that are not coroutines, and functions that are called once for several others."""


def _parameters(dependant: Dependant) -> Parameters:
    """The parameters of a function. Raises NotDirect if it has others than these kinds."""
    others = [each.name for each in fields(dependant) if each.name not in _READ | _WITHOUT_EFFECT]
    if unknown := [name for name in others if getattr(dependant, name)]:
        raise NotDirect(f"{dependant.call} has {', '.join(unknown)}")
    if any(each.default is not None or each.validate("a", {}) != ("a", []) for each in dependant.header_params):
        raise NotDirect(f"{dependant.call} has a header that is not an optional text")
    if not iscoroutinefunction(dependant.call):
        raise NotDirect(f"{dependant.call} is not a coroutine function")
    return Parameters(
        dependant.call,
        dependant.request_param_name,
        tuple((each.name, each.alias) for each in dependant.header_params),
        tuple((each.name or "", _parameters(each)) for each in dependant.dependencies),
    )


async def _problem(request: Request, error: Exception) -> Response:
    """The response that the app has for this error. Raises an error that it has none for."""
    handlers = request.app.exception_handlers
    handler = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
    if handler is None:
        raise error
    response: Response = await handler(request, error)
    return response
