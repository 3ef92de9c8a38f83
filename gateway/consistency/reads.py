"""Which sources an operation reads, known from its types alone."""

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

from gateway.consistency.freshness import SEARCH, SHOWN, SOURCES

_OF_TYPES = {
    "Order": {"orders"},
    "OrderLine": {"orders"},
    "Customer": {"customers"},
    "Address": {"customers"},
    "Product": {"products"},
    "Node": set(SHOWN),
}
"""A connection and its edges read what their nodes do."""

_SEARCHES = frozenset({"products", "productSuggestions"})
"""The fields of a query that show what is in the search index, and nothing of the read model."""

_OF_NODES = re.compile(r"(Connection|Edge)$")
_CUSTOMER = re.compile(r"\bcustomer\b")


@dataclass(frozen=True, slots=True)
class Reads:
    """What an operation reads: `sources` by name, whether it searches, and whether it reads the read model."""

    sources: frozenset[str]
    searches: bool
    uses_read_model: bool


EVERYTHING = Reads(frozenset(SOURCES), True, True)


def reads(schema: GraphQLSchema, document: DocumentNode) -> Reads:
    """What the operation of a document reads that holds just that, with its fragments."""
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
    """Whether orders are found by who ordered them; of a filter that is a variable nobody knows."""
    return isinstance(filtered, VariableNode) or bool(_CUSTOMER.search(print_ast(filtered)))
