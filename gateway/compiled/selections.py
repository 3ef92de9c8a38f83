"""What an operation selects of an object: fragments and conditions are resolved, fields with equal keys are merged.

Source: https://spec.graphql.org/September2025/#CollectFields()
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
)

from gateway.compiled.literals import plain_value
from gateway.compiled.values import NotCompilable

OF_THE_REQUEST = frozenset({"after", "fresh"})
"""Directives that apply to the whole request, and change no field."""

Fields = dict[str, list[FieldNode]]


def object_type(field: GraphQLField) -> GraphQLObjectType:
    """The object type of a field, or of the elements of its list."""
    return cast(GraphQLObjectType, get_named_type(field.type))


class Selections:
    """The selections of one operation, for one shape of its variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def of(self, type_: GraphQLObjectType, nodes: Iterable[FieldNode]) -> Fields:
        """The fields by response key that nodes of one field select of an object. Raises NotCompilable."""
        return self.within(type_, [node.selection_set for node in nodes if node.selection_set])

    def within(self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> Fields:
        """The fields by response key that selection sets select of an object. Raises NotCompilable."""
        found: Fields = {}
        seen: set[str] = set()
        for each in sets:
            self._collect(type_, each, found, seen)
        return found

    def names(self, nodes: Iterable[FieldNode]) -> set[str]:
        """The names of the fields that nodes of one field select, also of those that a condition leaves out."""
        found: set[str] = set()
        seen: set[str] = set()
        sets = [node.selection_set for node in nodes if node.selection_set]
        while sets:
            for node in sets.pop().selections:
                if isinstance(node, FieldNode):
                    found.add(node.name.value)
                elif (fragment := self._fragment(node, seen)) is not None:
                    sets.append(fragment.selection_set)
        return found

    def _collect(self, type_: GraphQLObjectType, of: SelectionSetNode, found: Fields, seen: set[str]) -> None:
        for node in of.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                found.setdefault(key, []).append(node)
                continue
            fragment = self._fragment(node, seen)
            if fragment is not None and self._applies(fragment, type_):
                self._collect(type_, fragment.selection_set, found, seen)

    def _fragment(self, node: SelectionNode, seen: set[str]) -> FragmentDefinitionNode | InlineFragmentNode | None:
        if isinstance(node, InlineFragmentNode):
            return node
        assert isinstance(node, FragmentSpreadNode)
        if node.name.value in seen:
            return None
        seen.add(node.name.value)
        return self._fragments[node.name.value]

    def _applies(self, fragment: FragmentDefinitionNode | InlineFragmentNode, type_: GraphQLObjectType) -> bool:
        if fragment.type_condition is None or fragment.type_condition.name.value == type_.name:
            return True
        condition = self._schema.type_map[fragment.type_condition.name.value]
        return is_abstract_type(condition) and self._is_sub_type(condition, type_)

    def _is_sub_type(self, abstract: GraphQLAbstractType, type_: GraphQLObjectType) -> bool:
        return self._schema.is_sub_type(abstract, type_)

    def _is_included(self, node: SelectionNode) -> bool:
        conditions = {each.name.value: self._condition(each) for each in node.directives or ()}
        return not conditions.get("skip", False) and conditions.get("include", True)

    def _condition(self, directive: DirectiveNode) -> bool:
        name = directive.name.value
        if name in OF_THE_REQUEST:
            return True
        if name not in ("skip", "include"):
            raise NotCompilable(f"@{name}")
        [argument] = directive.arguments or ()
        node = argument.value
        value = self._variables.get(node.name.value) if isinstance(node, VariableNode) else plain_value(node)
        if type(value) is not bool:
            raise NotCompilable("a condition without a value")
        return value
