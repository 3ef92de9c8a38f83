"""The commands that are dispatched directly: what they take, and how they are found by method and path."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.security import SecurityScopes
from starlette.requests import Request

from chassis.http.content import bodies, strict_json

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
    """A command whose body is one JSON value. `of_path` is the parameter of its path, if that has one."""

    path: str
    parameters: Parameters
    body: Any
    of_path: Any = None

    async def values(self, request: Request, in_path: str | None = None) -> Values:
        """The arguments of the command. Raises NotDirect for a request that is not valid."""
        if request.scope["query_string"] or not bodies.has_body(request.scope):
            raise NotDirect
        try:
            values = self._of_path(in_path) | await self.parameters.values(request)
            value, errors = self.body.validate(strict_json.read(await request.body()), {}, loc=("body",))
        except Exception as error:
            raise NotDirect from error
        if errors:
            raise NotDirect
        return {**values, self.body.name: value}

    def _of_path(self, text: str | None) -> Values:
        """The argument for the parameter of the path. Raises NotDirect if it is not valid."""
        if self.of_path is None:
            return {}
        value, errors = self.of_path.validate(text, {}, loc=("path", self.of_path.alias))
        if errors or text is None or not _PLAIN.fullmatch(text):
            raise NotDirect
        return {self.of_path.name: value}


_PLAIN = re.compile("[A-Za-z0-9-]+")
"""What is the same in a path before and after it is decoded."""


class Operations:
    """The commands by method and path."""

    def __init__(self) -> None:
        self._fixed: dict[tuple[str, str], Operation] = {}
        self._with_parameter: dict[tuple[str, str, str], Operation] = {}

    def add(self, method: str, operation: Operation) -> None:
        """Add a command."""
        before, is_open, rest = operation.path.partition("{")
        if is_open:
            self._with_parameter[method, before, rest.partition("}")[2]] = operation
        else:
            self._fixed[method, operation.path] = operation

    def find(self, method: str, path: str) -> tuple[Operation, str | None] | None:
        """The command of a method and a path, and the text of the parameter in this path."""
        if fixed := self._fixed.get((method, path)):
            return fixed, None
        begin = path.find("/", 1) + 1
        end = path.find("/", begin)
        if begin == 0 or end < 0:
            return None
        found = self._with_parameter.get((method, path[:begin], path[end:]))
        return (found, path[begin:end]) if found else None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """The methods and paths of all commands."""
        yield from self._fixed
        yield from ((method, operation.path) for (method, _, _), operation in self._with_parameter.items())
