"""Variables from JSON, converted to the values that resolvers get; and the parts of them that change the SQL.

Invalid values are left to Strawberry's executor, which reports the error to the client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    Undefined,
)

from gateway.fields.parameters import size_of
from gateway.fields.scalars import read_decimal, read_time

Reader = Callable[[Any], Any]

ABSENT = object()

_LARGEST_INT = 2**31


class NotCompilable(Exception):
    """A value, or a part of an operation, that the compiled path does not support."""


def reader(of: GraphQLInputType) -> Reader:
    """The reader of this type's values other than ABSENT. It raises NotCompilable, or what a scalar raises."""
    if isinstance(of, GraphQLNonNull):
        return _required(reader(of.of_type))
    if isinstance(of, GraphQLList):
        return _optional(_list_of(reader(of.of_type)))
    if isinstance(of, GraphQLEnumType):
        return _optional(_member(of))
    if isinstance(of, GraphQLInputObjectType):
        return _optional(_fields(of))
    assert isinstance(of, GraphQLScalarType)
    read = _SCALARS.get(of.name)
    if read is None:
        raise NotCompilable(of.name)
    return _optional(read)


def shape(value: Any) -> Any:
    """The part of a value that changes the SQL: which members it has, and values that select conditions or orders.

    Of a list, whether it has no value, one or several.
    """
    if isinstance(value, dict):
        return tuple((name, shape(part)) for name, part in value.items())
    if value is None or value is ABSENT or isinstance(value, bool | Enum):
        return value
    return size_of(value) if isinstance(value, list) else 0


def _required(read: Reader) -> Reader:
    def required(value: Any) -> Any:
        if value is None:
            raise NotCompilable("null")
        return read(value)

    return required


def _optional(read: Reader) -> Reader:
    def optional(value: Any) -> Any:
        return None if value is None else read(value)

    return optional


def _list_of(read: Reader) -> Reader:
    def list_of(value: Any) -> Any:
        return [read(each) for each in (value if isinstance(value, list) else [value])]

    return list_of


def _member(of: GraphQLEnumType) -> Reader:
    members: Mapping[str, Enum] = of.extensions["strawberry-definition"].wrapped_cls.__members__

    def member(value: Any) -> Any:
        if not isinstance(value, str) or value not in members:
            raise NotCompilable("no member")
        return members[value]

    return member


def _fields(of: GraphQLInputObjectType) -> Reader:
    readers = {name: reader(field.type) for name, field in of.fields.items()}
    has_defaults = any(field.default_value not in (None, Undefined) for field in of.fields.values())
    if has_defaults or any(isinstance(field.type, GraphQLNonNull) for field in of.fields.values()):
        raise NotCompilable(of.name)

    def fields(value: Any) -> Any:
        if not isinstance(value, dict):
            raise NotCompilable("no object")
        try:
            return {name: readers[name](part) for name, part in value.items()}
        except KeyError as error:
            raise NotCompilable("unknown field") from error

    return fields


def _text(value: Any) -> Any:
    if type(value) is not str:
        raise NotCompilable("no string")
    return value


def _integer(value: Any) -> Any:
    if type(value) is not int or not -_LARGEST_INT <= value < _LARGEST_INT:
        raise NotCompilable("no integer")
    return value


def _boolean(value: Any) -> Any:
    if type(value) is not bool:
        raise NotCompilable("no boolean")
    return value


_SCALARS: dict[str, Reader] = {
    "String": _text,
    "ID": _text,
    "Int": _integer,
    "Boolean": _boolean,
    "DateTime": read_time,
    "Decimal": read_decimal,
}
