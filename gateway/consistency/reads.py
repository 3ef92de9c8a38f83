"""Which sources an operation reads, known from its types alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphql import (
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
"""The fields of a query that ask the search index."""

_INDEX_ALONE = frozenset({"productSuggestions"})
"""Those of them that show nothing of the read model."""

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
    sources = found.sources | ({SEARCH} if searches else set())
    return Reads(frozenset(sources), searches, bool(found.roots - _INDEX_ALONE))


class _Found(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.sources: set[str] = set()
        self.roots: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent, of = self._info.get_parent_type(), self._info.get_type()
        if parent is not None and parent.name in ("Query", "Subscription") and not node.name.value.startswith("__"):
            self.roots.add(node.name.value)
        if of is not None:
            self.sources |= _OF_TYPES.get(_OF_NODES.sub("", get_named_type(of).name), set())
        if any(_may_ask_for_customers(each.value) for each in node.arguments or () if each.name.value == "filter"):
            self.sources.add("customers")


def _may_ask_for_customers(filtered: ValueNode) -> bool:
    """Whether orders are found by who ordered them; of a filter that is a variable nobody knows."""
    return isinstance(filtered, VariableNode) or bool(_CUSTOMER.search(print_ast(filtered)))
