"""How current a read must be, as its headers or the directives of its operation say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveLocation,
    DirectiveNode,
    DocumentNode,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLString,
    Node,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)

from gateway.compiled.literals import plain_value
from gateway.compiled.values import NotCompilable
from gateway.consistency.tokens import MAX_TOKENS, Token, read_tokens
from gateway.errors import BadInput

DEFAULT_TIMEOUT_MS = 1000

_PLACES = [DirectiveLocation.QUERY, DirectiveLocation.FIELD]

AFTER = GraphQLDirective(
    "after",
    _PLACES,
    {
        "token": GraphQLArgument(
            GraphQLNonNull(GraphQLString),
            description="The `Consistency-Token` of a write; or several, separated by commas.",
        ),
        "timeoutMs": GraphQLArgument(
            GraphQLNonNull(GraphQLInt), DEFAULT_TIMEOUT_MS, description="How long to wait for the write at most."
        ),
    },
    is_repeatable=True,
    description="The whole answer contains at least this write, wherever the directive stands.",
)

FRESH = GraphQLDirective(
    "fresh",
    _PLACES,
    {
        "maxStalenessMs": GraphQLArgument(
            GraphQLNonNull(GraphQLInt), description="The maximum age of the data in milliseconds."
        )
    },
    description="The request is refused when the data it reads is older, wherever the directive stands.",
)

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class ReadPreferences:
    """What a request requires: these writes, within `timeout_ms`, and no data older than `max_staleness_ms`."""

    tokens: tuple[Token, ...] = ()
    timeout_ms: int = DEFAULT_TIMEOUT_MS
    max_staleness_ms: int | None = None


NO_PREFERENCES = ReadPreferences()


class Directives:
    """The directives `@after` and `@fresh` of one operation, whose arguments may be variables.

    The document holds only that operation, with its fragments.
    """

    def __init__(self, document: DocumentNode) -> None:
        found = _Found()
        visit(document, found)
        self._nodes = found.nodes
        self._defaults = found.defaults

    def __bool__(self) -> bool:
        return bool(self._nodes)

    def given(self, variables: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each directive's name with its arguments."""
        values = {**self._defaults, **variables}
        for node in self._nodes:
            yield node.name.value, dict(_given(node, values))


class _Found(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[DirectiveNode] = []
        self.defaults: dict[str, Any] = {}

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Node) -> None:
        if node.default_value is not None:
            with suppress(NotCompilable):  # no argument of a directive has such a value
                self.defaults[node.variable.name.value] = plain_value(node.default_value)

    def enter_directive(self, node: DirectiveNode, *_: Node) -> None:
        if node.name.value in (AFTER.name, FRESH.name):
            self.nodes.append(node)


_HEADERS = frozenset({b"consistency-token", b"consistency-timeout-ms", b"max-staleness-ms"})


def read_preferences(directives: Directives | None, variables: Mapping[str, Any], headers: Headers) -> ReadPreferences:
    """What a request requires: all tokens, the longest timeout, and the lowest maximum age. Raises BadInput."""
    headers_given = [(name, value.decode("latin-1")) for name, value in headers if name in _HEADERS]
    if not headers_given and not directives:
        return NO_PREFERENCES
    tokens = [token for name, value in headers_given if name == b"consistency-token" for token in read_tokens(value)]
    timeouts = [
        _number("Consistency-Timeout-Ms", value) for name, value in headers_given if name == b"consistency-timeout-ms"
    ]
    limits = [_number("Max-Staleness-Ms", value) for name, value in headers_given if name == b"max-staleness-ms"]
    for name, given in directives.given(variables) if directives else ():
        if name == FRESH.name:
            limits.append(_number("maxStalenessMs", given.get("maxStalenessMs")))
            continue
        if not isinstance(token := given.get("token"), str):
            raise BadInput("`token` must be a string")
        tokens += read_tokens(token)
        if "timeoutMs" in given:
            timeouts.append(_number("timeoutMs", given["timeoutMs"]))
    if len(tokens) > MAX_TOKENS:
        raise BadInput(f"a read can wait for at most {MAX_TOKENS} writes")
    return ReadPreferences(tuple(tokens), max(timeouts, default=DEFAULT_TIMEOUT_MS), min(limits, default=None))


def _number(name: str, value: Any) -> int:
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    if type(value) is int and value >= 0:
        return value
    raise BadInput(f"`{name}` must be a number of milliseconds")


def _given(node: DirectiveNode, variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for argument in node.arguments or ():
        if not isinstance(argument.value, VariableNode):
            yield argument.name.value, plain_value(argument.value)
        elif argument.value.name.value in variables:
            yield argument.name.value, variables[argument.value.name.value]
