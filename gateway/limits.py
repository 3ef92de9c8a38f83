"""How much one query may ask for: its depth, its aliases, and how many entries its pages can have in all.

Every fragment is weighed once. (Strawberry's own limiters weigh it at each of its uses, which takes 2^n steps for n
fragments that each use the next one twice.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
)
from graphql.type import GraphQLField

from gateway.paging import DEFAULT, MOST

MOST_TOKENS = 2000
MOST_DEPTH = 12
MOST_ALIASES = 30
MOST_ENTRIES = MOST * (1 + MOST)
"""A full page, and for each of its entries a full page."""


class Weight(NamedTuple):
    """What a part of a query asks for."""

    depth: int = 0
    aliases: int = 0
    entries: int = 0


class QueryLimits(ValidationRule):
    """Refuses a query that asks for too much, before anything of it runs."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: dict[str, Weight] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Weigh one operation of the document."""
        root = self.context.schema.get_root_type(node.operation)
        weight = self._selections(node.selection_set, root)
        for what, has, may in (
            ("levels", weight.depth, MOST_DEPTH),
            ("aliases", weight.aliases, MOST_ALIASES),
            ("entries of lists", weight.entries, MOST_ENTRIES),
        ):
            if has > may:
                self.report_error(GraphQLError(f"a query has at most {may} {what}; this one has {has}", node))

    def _selections(self, selections: SelectionSetNode | None, of: GraphQLObjectType | None) -> Weight:
        if selections is None:
            return Weight()
        weights = [self._selection(each, of) for each in selections.selections]
        return Weight(
            depth=max(each.depth for each in weights),
            aliases=sum(each.aliases for each in weights),
            entries=sum(each.entries for each in weights),
        )

    def _selection(self, node: Any, of: GraphQLObjectType | None) -> Weight:
        if isinstance(node, FieldNode):
            return self._field(node, of)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value)
        assert isinstance(node, InlineFragmentNode)
        return self._selections(
            node.selection_set, self._type(node.type_condition.name.value) if node.type_condition else of
        )

    def _fragment(self, name: str) -> Weight:
        if name not in self._fragments:
            self._fragments[name] = Weight()  # what a fragment that uses itself adds; another rule refuses it
            fragment: FragmentDefinitionNode | None = self.context.get_fragment(name)
            if fragment is not None:
                of = self._type(fragment.type_condition.name.value)
                self._fragments[name] = self._selections(fragment.selection_set, of)
        return self._fragments[name]

    def _field(self, node: FieldNode, of: GraphQLObjectType | None) -> Weight:
        if node.name.value.startswith("__"):
            return Weight()
        field = of.fields.get(node.name.value) if of else None
        inside = self._selections(node.selection_set, _object_type(field))
        return Weight(
            depth=inside.depth + (1 if node.selection_set else 0),
            aliases=inside.aliases + (1 if node.alias else 0),
            entries=_page_size(node) * (1 + inside.entries) if field and "first" in field.args else inside.entries,
        )

    def _type(self, name: str) -> GraphQLObjectType | None:
        found = self.context.schema.get_type(name)
        return found if isinstance(found, GraphQLObjectType) else None


def _object_type(field: GraphQLField | None) -> GraphQLObjectType | None:
    found = get_named_type(field.type) if field else None
    return found if isinstance(found, GraphQLObjectType) else None


def _page_size(node: FieldNode) -> int:
    """`first` or `last` of a list; a variable may be anything, so it counts as the most."""
    given = next((each.value for each in node.arguments or () if each.name.value in ("first", "last")), None)
    if given is None:
        return DEFAULT
    return min(int(given.value), MOST) if isinstance(given, IntValueNode) and len(given.value) < 9 else MOST
