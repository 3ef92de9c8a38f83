"""Computes the depth, the number of aliases and the cost of a valid operation.

Every fragment is computed once. (Strawberry's own limiters compute it at each use, which takes 2^n steps for n
fragments that each use the next one twice.)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_introspection_type,
    is_list_type,
)
from graphql.type import SchemaMetaFieldDef, TypeMetaFieldDef

from gateway.fields.fields import RELATION
from gateway.fields.paging import DEFAULT_SIZE, MAX_SIZE
from gateway.fields.relations import Computed
from gateway.operations.cost import COUNTING, COUNTING_ALL, INTROSPECTION, LIST, SEARCHING, Cost, PageSize, sum_of

Parent = GraphQLObjectType | GraphQLInterfaceType | None
META = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}


SEARCHES = "ProductConnection"
"""The type of a search for products."""

LARGE = ("OrderConnection", "CustomerConnection", "StockConnection", "ShipmentConnection", "ReturnConnection")
"""The types of lists that have any number of rows, as fields of the root."""


class Page(NamedTuple):
    """The page that selections belong to: its size, None outside a page, and the cost of counting its whole list."""

    size: int | PageSize | None
    counting: int = COUNTING


NO_PAGE = Page(None)


class Weight(NamedTuple):
    """The size of a part of an operation."""

    depth: int
    aliases: int
    cost: Cost


NOTHING = Weight(0, 0, Cost())


class Weigher:
    """Computes the weights of the operations of one valid document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._definitions = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._fragments: dict[str, Weight] = {}
        self._defaults: dict[str, int | None] = {}

    def operation(self, definition: OperationDefinitionNode) -> Weight:
        """The weight of the whole operation."""
        for variable in definition.variable_definitions or ():
            self._defaults[variable.variable.name.value] = _number(variable.default_value)
        return self._selections(definition.selection_set, self._schema.get_root_type(definition.operation), NO_PAGE)

    def _selections(self, selections: SelectionSetNode | None, of: Parent, page: Page) -> Weight:
        if selections is None:
            return NOTHING
        return _together([self._selection(each, of, page) for each in selections.selections])

    def _selection(self, node: SelectionNode, of: Parent, page: Page) -> Weight:
        if isinstance(node, FieldNode):
            return self._field(node, of, page)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value, page)
        assert isinstance(node, InlineFragmentNode)
        named = self._type(node.type_condition.name.value) if node.type_condition else of
        return self._selections(node.selection_set, named, page)

    def _fragment(self, name: str, page: Page) -> Weight:
        key = f"{name} {page}"
        if key not in self._fragments:
            definition = self._definitions[name]
            of = self._type(definition.type_condition.name.value)
            self._fragments[key] = self._selections(definition.selection_set, of, page)
        return self._fragments[key]

    def _field(self, node: FieldNode, of: Parent, page: Page) -> Weight:
        name = node.name.value
        field = META.get(name) or (of.fields.get(name) if of else None)
        alias = 1 if node.alias else 0
        if field is None or not is_composite_type(get_named_type(field.type)):
            return Weight(0, alias, Cost(_of_scalar(name, field, page)))
        type_ = get_named_type(field.type).name
        counting = COUNTING_ALL if of is self._schema.query_type and type_ in LARGE else COUNTING
        inside = self._selections(node.selection_set, _parent(field), Page(self._page_size(node, field), counting))
        one = sum_of(iter((Cost(SEARCHING if type_ == SEARCHES else 1), inside.cost)))
        many = is_list_type(get_nullable_type(field.type))
        listed = self._listed(node, field, page) if many else 1
        cost = one.times(listed)
        if name in META:
            cost = Cost(-(-cost.constant // INTROSPECTION))
        # The depth of introspection is limited by a validation rule.
        return Weight(1 if name in META else inside.depth + 1, inside.aliases + alias, cost)

    def _listed(self, node: FieldNode, field: GraphQLField, page: Page) -> int | PageSize:
        """The number of entries a list counts as: those of its page, the number of its keys, its `last`, or 10."""
        if page.size is not None and node.name.value in ("edges", "nodes"):
            return page.size
        for keys in ("ids", "skus", "stores"):
            if keys in field.args:
                return self._given_size(node, (keys,), LIST)
        if "last" in field.args and "first" not in field.args:
            default = field.args["last"].default_value
            return self._given_size(node, ("last",), default if isinstance(default, int) else LIST)
        return len(self._schema.type_map) if node.name.value == "types" and _is_meta(field) else LIST

    def _page_size(self, node: FieldNode, field: GraphQLField) -> int | PageSize | None:
        """The size of the page that a field returns; None when it returns no page."""
        if "first" not in field.args:
            return None
        return self._given_size(node, ("first", "last"), DEFAULT_SIZE)

    def _given_size(self, node: FieldNode, arguments: tuple[str, ...], default: int) -> int | PageSize:
        """The size given by some of a field's arguments."""
        given = [each.value for each in node.arguments or () if each.name.value in arguments]
        names = [each.name.value for each in given if isinstance(each, VariableNode)]
        literal = max((size for each in given if (size := _number(each)) is not None), default=default)
        if names:
            return PageSize(tuple((name, self._defaults.get(name)) for name in names), literal)
        return literal

    def _type(self, name: str) -> Parent:
        found = self._schema.get_type(name)
        return found if isinstance(found, GraphQLObjectType | GraphQLInterfaceType) else None


def _of_scalar(name: str, field: GraphQLField | None, page: Page) -> int:
    """The cost of a scalar: one that is computed from rows of another table counts as their list."""
    if name == "totalCount":
        return page.counting
    definition = field.extensions.get("strawberry-definition") if field else None
    return LIST if definition and isinstance(definition.metadata.get(RELATION), Computed) else 0


def _together(weights: Iterable[Weight]) -> Weight:
    weights = list(weights)
    return Weight(
        max((each.depth for each in weights), default=0),  # a selection may be empty: {}
        sum(each.aliases for each in weights),
        sum_of(each.cost for each in weights),
    )


def _parent(field: GraphQLField) -> Parent:
    found = get_named_type(field.type)
    return found if isinstance(found, GraphQLObjectType | GraphQLInterfaceType) else None


def _is_meta(field: GraphQLField) -> bool:
    return is_introspection_type(get_named_type(field.type))


def _number(value: ValueNode | None) -> int | None:
    """The size in a literal; the maximum for an invalid one; None when it gives none."""
    if isinstance(value, ListValueNode):
        return len(value.values)
    if isinstance(value, IntValueNode):
        size = int(value.value) if len(value.value) < 9 else MAX_SIZE
        return size if 0 <= size <= MAX_SIZE else MAX_SIZE  # an invalid size is refused at execution
    return None if value is None or isinstance(value, NullValueNode | VariableNode) else 1
