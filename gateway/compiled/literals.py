"""Literals of an operation, as the values that a variable would have."""

from __future__ import annotations

from typing import Any

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
)

from gateway.compiled.values import NotCompilable

MAX_DIGITS = 20
"""No type of the schema has longer integers. The executor reports them to the client."""


def plain_value(node: ValueNode) -> Any:
    """The JSON value of a literal. Raises NotCompilable for a variable, or a longer integer."""
    match node:
        case NullValueNode():
            return None
        case IntValueNode(value=value) if len(value) > MAX_DIGITS:
            raise NotCompilable("a number of many digits")  # Python refuses to convert more than 4300
        case IntValueNode(value=value):
            return int(value)
        case FloatValueNode(value=value):
            return float(value)
        case StringValueNode(value=value) | EnumValueNode(value=value) | BooleanValueNode(value=value):
            return value
        case ListValueNode(values=values):
            return [plain_value(each) for each in values]
        case ObjectValueNode(fields=fields):
            return {field.name.value: plain_value(field.value) for field in fields}
        case _:
            raise NotCompilable("a variable")
