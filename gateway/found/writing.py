"""What an operation selects of a found page, compiled to a function that makes its JSON values."""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLList, GraphQLObjectType, get_named_type, get_nullable_type

from gateway.compiled.objects import TYPENAME
from gateway.compiled.selections import Selections
from gateway.compiled.values import NotCompilable
from gateway.found.page import FIELDS, Read
from gateway.shop.products.category_lists import COPIED
from gateway.shop.selection import Fragments, below

OF_A_FIELD = 400
"""The memory of one compiled field, in bytes."""


class Writing:
    """Compiles the selections of one operation. `bytes` is the memory of what it has compiled."""

    def __init__(self, selections: Selections, fragments: Fragments) -> None:
        self._selections = selections
        self._fragments = fragments
        self.bytes = 0

    def object(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Read:
        """The function that makes an object of this type. Raises NotCompilable if a field needs more than a search."""
        if type_.name == "Category" and not below(nodes, self._fragments) <= COPIED:
            raise NotCompilable("more of a category than products have copies of")
        fields = self._selections.of(type_, nodes).items()
        members = [(key, self._member(type_, selected)) for key, selected in fields]
        return lambda it: {key: read(it) for key, read in members}

    def _member(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Read:
        self.bytes += OF_A_FIELD
        name = nodes[0].name.value
        if name == TYPENAME:
            return lambda _: type_.name
        read = FIELDS.get(type_.name, {}).get(name)
        if read is None:
            raise NotCompilable(name)
        return self._value(type_.fields[name], read, nodes)

    def _value(self, field: GraphQLField, read: Read, nodes: list[FieldNode]) -> Read:
        of = get_named_type(field.type)
        if not isinstance(of, GraphQLObjectType):
            return read
        write = self.object(of, nodes)
        if isinstance(get_nullable_type(field.type), GraphQLList):
            return lambda it: [write(each) for each in read(it)]

        def written(it: Any) -> Any:
            return write(read(it))

        return written
