"""The variables of one operation: read once for each request, and the shape for which a plan is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import GraphQLNonNull, GraphQLSchema, OperationDefinitionNode, is_input_type, type_from_ast

from gateway.compiled.literals import plain_value
from gateway.compiled.values import ABSENT, NotCompilable, Reader, reader, shape


class _Variable(NamedTuple):
    name: str
    read: Reader
    default: Any
    is_required: bool


class Variables:
    """The variables that an operation declares. Raises NotCompilable for an unsupported type."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._variables = [_declared(schema, each) for each in operation.variable_definitions or ()]

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The value of each variable; ABSENT for one without a value or a default. Raises for an invalid value."""
        values = {}
        for name, read, default, is_required in self._variables:
            if name in given:
                values[name] = read(given[name])
            elif is_required and default is ABSENT:
                raise NotCompilable(name)
            else:
                values[name] = default
        return values

    @staticmethod
    def shape(values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The parts of the values that change the SQL."""
        return tuple([shape(value) for value in values.values()])


def _declared(schema: GraphQLSchema, definition: Any) -> _Variable:
    of = type_from_ast(schema, definition.type)
    if not is_input_type(of):
        raise NotCompilable("no input")
    read = reader(of)
    default = read(plain_value(definition.default_value)) if definition.default_value else ABSENT
    return _Variable(definition.variable.name.value, read, default, isinstance(of, GraphQLNonNull))
