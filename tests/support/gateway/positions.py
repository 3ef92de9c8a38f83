"""Every place of the schema that takes a value from a client, each with an operation around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_required_argument,
)

VALID = {"UUID": f'"{"0" * 8}-0000-0000-0000-{"0" * 12}"', "ID": '"x"', "String": '"x"', "Int": "1", "Boolean": "true"}
"""A literal for an argument that a field requires beside the one in question."""

HOLE = "\0"


@dataclass(frozen=True)
class Position:
    """An argument, a part of one, or the argument of a directive. `body` is the operation, with a hole."""

    name: str
    type: str
    body: str
    kind: str = "query"

    def with_literal(self, literal: str) -> str:
        """The operation with a literal in this place."""
        return f"{self.kind} {self.body.replace(HOLE, literal)}"

    def with_variable(self) -> str:
        """The operation with the variable `$value` in this place."""
        return f"{self.kind} ($value: {self.type}) {self.body.replace(HOLE, '$value')}"

    def with_default(self, literal: str) -> str:
        """The operation with a literal as the default of a variable in this place."""
        return f"{self.kind} ($value: {self.type} = {literal}) {self.body.replace(HOLE, '$value')}"


def positions(schema: GraphQLSchema) -> list[Position]:
    """All positions of a schema, by name."""
    found: dict[str, Position] = {}
    for root, kind in ((schema.query_type, "query"), (schema.subscription_type, "subscription")):
        if root is not None:
            for each in _within(root, "{ %s }", kind, set()):
                found.setdefault(each.name, each)
    for directive in schema.directives:
        for name, argument in directive.args.items():
            if "FIELD" in {place.name for place in directive.locations}:
                given = _given(directive.args, name)
                body = f"{{ __typename @{directive.name}({given}) }}"
                found[f"@{directive.name}({name})"] = Position(f"@{directive.name}({name})", str(argument.type), body)
    return list(found.values())


def _within(of: GraphQLObjectType | GraphQLInterfaceType, around: str, kind: str, seen: set[str]) -> Iterator[Position]:
    if of.name in seen:
        return
    seen.add(of.name)
    for name, field in of.fields.items():
        inside = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
        for argument, each in field.args.items():
            body = around % f"{name}({_given(field.args, argument)}){inside}"
            yield from _of_value(f"{of.name}.{name}({argument})", each.type, body, kind)
        yield from _below(name, field, around, kind, seen)


def _below(name: str, field: GraphQLField, around: str, kind: str, seen: set[str]) -> Iterator[Position]:
    inside = get_named_type(field.type)
    required = _given(field.args, "")
    here = around % (f"{name}({required}) {{ %s }}" if required else f"{name} {{ %s }}")
    if isinstance(inside, GraphQLObjectType):
        yield from _within(inside, here, kind, seen)


def _of_value(name: str, of: object, body: str, kind: str) -> Iterator[Position]:
    yield Position(name, str(of), body, kind)
    named = get_named_type(of)  # type: ignore[call-overload]
    if isinstance(named, GraphQLInputObjectType) and not is_list_type(get_nullable_type(of)):  # type: ignore[call-overload]
        for part, field in named.fields.items():
            yield from _of_value(f"{name}.{part}", field.type, body.replace(HOLE, f"{{{part}: {HOLE}}}"), kind)


def _given(arguments: dict[str, GraphQLArgument], asked: str) -> str:
    """The argument `asked` with a hole, and those that are required."""
    parts = [
        f"{name}: {HOLE if name == asked else _valid(each)}"
        for name, each in arguments.items()
        if name == asked or is_required_argument(each)
    ]
    return ", ".join(parts)


def _valid(argument: GraphQLArgument) -> str:
    literal = VALID.get(get_named_type(argument.type).name, '"x"')
    return f"[{literal}]" if is_list_type(get_nullable_type(argument.type)) else literal
