"""Which sources an operation reads, derived from its types."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphql import (
    SKIP,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableNode,
    Visitor,
    get_named_type,
    print_ast,
    visit,
)
from graphql.language.visitor import VisitorAction

from gateway.consistency.freshness import READ_MODEL_SOURCES, SEARCH, SOURCES

_OF_TYPES = {
    "Order": {"orders"},
    "OrderLine": {"orders"},
    "Customer": {"customers"},
    "Address": {"customers"},
    "Product": {"products"},
    "Node": set(READ_MODEL_SOURCES),
}
"""Connections and edges read what their nodes read."""

_SEARCHES = frozenset({"products", "productSuggestions"})
"""The fields that read only the search index."""

_OF_NODES = re.compile(r"(Connection|Edge)$")
_CUSTOMER = re.compile(r"\bcustomer\b")


@dataclass(frozen=True, slots=True)
class Reads:
    """The sources that an operation reads, by name; whether it searches; and whether it uses the read model."""

    sources: frozenset[str]
    searches: bool
    uses_read_model: bool


EVERYTHING = Reads(frozenset(SOURCES), True, True)


def reads(schema: GraphQLSchema, document: DocumentNode) -> Reads:
    """What the only operation of a document reads, including its fragments."""
    info = TypeInfo(schema)
    found = _Found(info)
    visit(document, TypeInfoVisitor(info, found))
    searches = bool(found.roots & _SEARCHES)
    return Reads(frozenset(found.sources), searches, bool(found.roots - _SEARCHES))


class _Found(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.sources: set[str] = set()
        self.roots: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> VisitorAction:
        parent, of = self._info.get_parent_type(), self._info.get_type()
        if parent is not None and parent.name in ("Query", "Subscription") and not node.name.value.startswith("__"):
            self.roots.add(node.name.value)
            if node.name.value in _SEARCHES:
                self.sources.add(SEARCH)
                return SKIP
        if of is not None:
            self.sources |= _OF_TYPES.get(_OF_NODES.sub("", get_named_type(of).name), set())
        if any(_may_ask_for_customers(each.value) for each in node.arguments or () if each.name.value == "filter"):
            self.sources.add("customers")
        return None


def _may_ask_for_customers(filtered: ValueNode) -> bool:
    """Whether a filter may select orders by their customer; unknown for a variable."""
    return isinstance(filtered, VariableNode) or bool(_CUSTOMER.search(print_ast(filtered)))
