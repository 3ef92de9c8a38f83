"""The arguments of a field, as its resolver gets them, with slots for values that each request brings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
)

from gateway.compiled.literals import plain_value
from gateway.compiled.values import ABSENT, NotCompilable, reader
from gateway.fields.parameters import ListSlot, Slot, size_of


def arguments(field: GraphQLField, node: FieldNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by their GraphQL names; input objects as instances of their classes. Raises NotCompilable."""
    given = {each.name.value: each.value for each in node.arguments or ()}
    return {name: _argument(of, given.get(name), variables) for name, of in field.args.items()}


def _argument(of: GraphQLArgument, node: ValueNode | None, variables: Mapping[str, Any]) -> Any:
    value = ABSENT if node is None else _symbolic(node, of.type, variables)
    if value is ABSENT:
        value = None if of.default_value is Undefined else of.default_value
    if value is None and isinstance(of.type, GraphQLNonNull):
        raise NotCompilable("a required argument")
    return value


def _symbolic(node: ValueNode, of: GraphQLInputType, variables: Mapping[str, Any]) -> Any:
    if isinstance(node, VariableNode):
        name = node.name.value
        return _of_variable(variables.get(name, ABSENT), (name,), of)
    bare = of.of_type if isinstance(of, GraphQLNonNull) else of
    if isinstance(node, ObjectValueNode) and isinstance(bare, GraphQLInputObjectType):
        parts = {
            field.name.value: _symbolic(field.value, bare.fields[field.name.value].type, variables)
            for field in node.fields
        }
        return _instance(bare, parts)
    if isinstance(node, ListValueNode) and isinstance(bare, GraphQLList):
        return _values([_symbolic(each, bare.of_type, variables) for each in node.values])
    return reader(of)(plain_value(node))


def _values(values: list[Any]) -> Any:
    """The list, or a slot for it if each request brings some of its values. Lists have no null values."""
    if any(each is None or each is ABSENT for each in values):
        raise NotCompilable("null in a list")
    return ListSlot(values) if any(isinstance(each, Slot) for each in values) else values


def _of_variable(value: Any, path: tuple[str, ...], of: GraphQLInputType) -> Any:
    """A slot for a value that each request brings; a value that the plan depends on itself."""
    if value is None or value is ABSENT or isinstance(value, bool | Enum):
        return value
    bare = of.of_type if isinstance(of, GraphQLNonNull) else of
    if isinstance(value, dict) and isinstance(bare, GraphQLInputObjectType):
        parts = {name: _of_variable(part, (*path, name), bare.fields[name].type) for name, part in value.items()}
        return _instance(bare, parts)
    return Slot(path, size=size_of(value) if isinstance(value, list) else 1)


def _instance(of: GraphQLInputObjectType, parts: Mapping[str, Any]) -> Any:
    origin = of.extensions["strawberry-definition"].origin
    names = {name: field.extensions["strawberry-definition"].python_name for name, field in of.fields.items()}
    return origin(**{names[name]: part for name, part in parts.items() if part is not ABSENT})
