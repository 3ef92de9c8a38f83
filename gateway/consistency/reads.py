"""Which sources an operation reads, known from its types alone."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

from gateway.consistency.freshness import SEARCH, SOURCES

_OF_TYPES = {
    "Order": "orders",
    "OrderLine": "orders",
    "Customer": "customers",
    "Address": "customers",
    "Product": "products",
    "Node": "orders",
}

_SEARCHES = frozenset({"products", "productSuggestions"})
"""The fields of a query that ask the search index."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What a document reads: `sources` by name, whether it searches, and whether it reads the read model."""

    sources: frozenset[str]
    searches: bool
    uses_read_model: bool


EVERYTHING = Reads(frozenset(SOURCES), True, True)


def reads(schema: GraphQLSchema, document: DocumentNode) -> Reads:
    """What a document reads, all of its operations and fragments together."""
    info = TypeInfo(schema)
    found = _Found(info)
    visit(document, TypeInfoVisitor(info, found))
    searches = bool(found.roots & _SEARCHES)
    sources = found.sources | ({SEARCH} if searches else set())
    return Reads(frozenset(sources), searches, bool(found.roots - _SEARCHES))


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
        if of is not None and (source := _OF_TYPES.get(get_named_type(of).name)):
            self.sources.add(source)
