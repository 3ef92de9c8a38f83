"""Which sources an operation reads, derived from its types."""

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

from gateway.consistency.freshness import READ_MODEL_SOURCES, SEARCH, SOURCES, STORES
from gateway.fields.fields import RELATION

_OF_TYPES = {
    "Order": {"orders"},
    "OrderLine": {"orders"},
    "Customer": {"customers"},
    "Address": {"customers"},
    "Product": {"products"},
    "Category": {"products"},
    "Stock": {"inventory", STORES},
    "Availability": {"inventory", STORES},
    "Store": {"inventory"},
    "Sourcing": {"inventory"},
    "RestockRequest": {"inventory"},
    "Shipment": {"shipping"},
    "Return": {"shipping"},
    "DeliveryDay": {"shipping"},
    "Fulfilment": {"orders", "shipping"},
    "DeliveryAddress": {"orders"},
    "Node": {*READ_MODEL_SOURCES} - {STORES},
}
"""Connections and edges read what their nodes read. A node reads how current stores are only if it is their stock."""

_NEVER_FOUND = frozenset({"Stock", "Availability", "Store"})
"""The types below a list of products that the search index does not have."""

_SEARCHES = frozenset({"products", "productSuggestions"})
"""The fields that read the search index, and the read model only for categories."""

_OF_NODES = re.compile(r"(Connection|Edge)$")
_CUSTOMER = re.compile(r"\bcustomer\b")
_BY_STOCK = re.compile(r"\b(availableAt|inStock)\b")
_FACETS_OF_STOCK = frozenset({"stores", "inStock"})


@dataclass(frozen=True, slots=True)
class Reads:
    """The sources that an operation reads, by name; whether it searches; and whether it uses the read model.

    With `searches_stock`, what the search finds or counts may depend on which stores have a product.
    """

    sources: frozenset[str]
    searches: bool
    uses_read_model: bool
    searches_stock: bool


EVERYTHING = Reads(frozenset(SOURCES), searches=True, uses_read_model=True, searches_stock=True)


def reads(schema: GraphQLSchema, document: DocumentNode) -> Reads:
    """What the only operation of a document reads, including its fragments."""
    info = TypeInfo(schema)
    found = _Found(info)
    visit(document, TypeInfoVisitor(info, found))
    searches = bool(found.roots & _SEARCHES) or SEARCH in found.sources
    uses_read_model = bool(found.roots - _SEARCHES) or found.reads_more
    return Reads(frozenset(found.sources), searches, uses_read_model, found.searches_stock)


class _Found(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.sources: set[str] = set()
        self.roots: set[str] = set()
        self.reads_more = False
        self.searches_stock = False
        self._is_searched = [False]
        """Whether the fields that are being visited come from the search index."""

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent, of = self._info.get_parent_type(), self._info.get_type()
        if parent is not None and parent.name in ("Query", "Subscription") and not node.name.value.startswith("__"):
            self.roots.add(node.name.value)
        named = _OF_NODES.sub("", get_named_type(of).name) if of is not None else ""
        if parent is not None and parent.name == "Stock":
            self.sources |= _OF_TYPES["Stock"]  # also where it is a node
        elif parent is not None and (parent.name, node.name.value) == ("Order", "allowedTransitions"):
            self.sources |= {"shipping", "inventory"}
        elif parent is not None and parent.name == "ProductFacets":
            self.searches_stock |= node.name.value in _FACETS_OF_STOCK
        is_searched = self._is_searched[-1]
        filters = [each.value for each in node.arguments or () if each.name.value == "filter"]
        if self._is_search(node):
            self.sources.add(SEARCH)
            self.searches_stock |= any(map(_may_be_by_stock, filters))
            is_searched = True
        elif is_searched and named in _NEVER_FOUND:
            self.reads_more, is_searched = True, False
        elif is_searched and named == "Category" and not self._has_copies_only(node):
            self.sources |= _OF_TYPES[named]
            self.reads_more = True
        if not is_searched:
            self.sources |= _OF_TYPES.get(named, set())
        self._is_searched.append(is_searched)
        if named in ("Order", "OrderChange") and any(map(_may_ask_for_customers, filters)):
            self.sources.add("customers")

    def leave_field(self, *_: object) -> None:
        self._is_searched.pop()

    def _is_search(self, node: FieldNode) -> bool:
        parent = self._info.get_parent_type()
        return parent is not None and parent.name in ("Query", "Category") and node.name.value in _SEARCHES

    def _has_copies_only(self, node: FieldNode) -> bool:
        """Whether only those fields of a category are selected that its products have copies of."""
        field = self._info.get_field_def()
        relation = field.extensions["strawberry-definition"].metadata.get(RELATION) if field else None
        selections = node.selection_set.selections if node.selection_set else ()
        copied = getattr(relation, "copied", ())
        return all(isinstance(each, FieldNode) and each.name.value in copied for each in selections)


def _may_ask_for_customers(filtered: ValueNode) -> bool:
    """Whether a filter may select orders by their customer; unknown for a variable."""
    return isinstance(filtered, VariableNode) or bool(_CUSTOMER.search(print_ast(filtered)))


def _may_be_by_stock(filtered: ValueNode) -> bool:
    """Whether a filter may select products by their stock; unknown for a variable."""
    return isinstance(filtered, VariableNode) or bool(_BY_STOCK.search(print_ast(filtered)))
