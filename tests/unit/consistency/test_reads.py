"""Which stores an operation reads, so that it waits for those alone and is refused when those are old."""

from __future__ import annotations

import pytest

from gateway.consistency.freshness import SEARCH
from gateway.consistency.reads import Reads
from gateway.operations.operations import Operations
from gateway.operations.validation import Limits
from gateway.schema import schema

SKU = '(sku: "NW-0001")'


def read(query: str, name: str | None = None) -> Reads:
    operation = Operations(schema._schema, Limits()).find(query, name)
    assert operation.errors == ()
    return operation.reads


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ("{ __typename }", set()),
        ("{ orders { totalCount } }", {"orders"}),
        ("{ orders { edges { cursor } } }", {"orders"}),
        ("{ customers { edges { node { addresses { id } } } } }", {"customers"}),
        ("{ orders { edges { node { id lines { quantity } } } } }", {"orders"}),
        ("{ orders { edges { node { id lines { product { name } } } } } }", {"orders", "products"}),
        ("{ orders(filter: { status: PLACED }) { totalCount } }", {"orders"}),
        ('{ orders(filter: { customer: { name: "Ana" } }) { totalCount } }', {"orders", "customers"}),
        ("query ($f: OrderFilter) { orders(filter: $f) { totalCount } }", {"orders", "customers"}),
        (f"{{ product{SKU} {{ name }} }}", {"products"}),
        ('{ node(id: "x") { ... on Product { name } } }', {"customers", "orders", "products", "inventory", "shipping"}),
        (
            '{ node(id: "x") { ... on Stock { onHand } } }',
            {"customers", "orders", "products", "inventory", "stores", "shipping"},
        ),
        ("{ shipments { nodes { id lines { sku } parcels { trackingNumber } } } }", {"shipping"}),
        ("{ shipments { nodes { deliveryAddress { city } } } }", {"shipping", "orders"}),
        (
            "{ shipments { nodes { lines { product { name } } store { name } } } }",
            {"shipping", "products", "inventory"},
        ),
        ("{ orders { nodes { shipments { status } } } }", {"orders", "shipping"}),
        ("{ returns { nodes { lines { quantity } } } }", {"shipping"}),
        ("{ orders { nodes { returns { status order { id } } } } }", {"orders", "shipping"}),
        ('{ deliveryDay(depot: "main", date: "2026-02-02") { vans } }', {"shipping"}),
        ('{ deliveryDay(depot: "main", date: "2026-02-02") { deliveries { window { van } } } }', {"shipping"}),
        ("{ orders { nodes { fulfilment } } }", {"orders", "shipping"}),
        ("{ orders { nodes { allowedTransitions } } }", {"orders", "shipping", "inventory"}),
        (f"{{ product{SKU} {{ availability {{ status }} }} }}", {"products", "inventory", "stores"}),
        (f"{{ product{SKU} {{ stock {{ onHand }} }} }}", {"products", "inventory", "stores"}),
        ("{ stock { totalCount } }", {"inventory", "stores"}),
        ("{ stores { nodes { name stale } } }", {"inventory"}),
        ("{ orders { nodes { sourcing { status } } } }", {"orders", "inventory"}),
        ("{ products { nodes { availability { status } } } }", {SEARCH, "inventory", "stores"}),
        ("{ products { nodes { stock { product { name } } name } } }", {SEARCH, "products", "inventory", "stores"}),
        ('{ products(text: "tea") { edges { node { name } } } }', {SEARCH}),
        ('{ productSuggestions(text: "tea") { product { name } } }', {SEARCH}),
        ("{ products { facets { stores { storeId count } inStock { value } } } }", {SEARCH}),
        ("{ products { facets { stores { store { name } } } } }", {SEARCH, "inventory"}),
        ("{ products { nodes { name categories { id slug name } } facets { categories { slug } } } }", {SEARCH}),
        ("{ products { nodes { categories { description } } } }", {SEARCH, "products"}),
        ("{ products { facets { categories { category { parent { slug } } } } } }", {SEARCH, "products"}),
        ("query ($f: CategoryFilter) { categories(filter: $f) { totalCount } }", {"products"}),
        ("{ categories { nodes { slug children { name } } } }", {"products"}),
        ('{ category(slug: "tea") { products { nodes { name } } } }', {SEARCH, "products"}),
        ("query ($f: ProductFilter) { products(filter: $f) { totalCount } }", {SEARCH}),
        ("{ ...all } fragment all on Query { customers { totalCount } }", {"customers"}),
    ],
)
def test_an_operation_reads_what_its_types_come_from(query: str, sources: set[str]) -> None:
    assert read(query).sources == sources


def test_who_searches_does_not_wait_for_the_read_model() -> None:
    found = read('{ products(text: "tea") { edges { node { name } } } }')

    assert (found.searches, found.uses_read_model) == (True, False)


def test_who_searches_and_wants_more_of_categories_waits_for_both() -> None:
    found = read("{ products { nodes { categories { name parent { name } } } } }")

    assert (found.searches, found.uses_read_model) == (True, True)


def test_a_search_with_stock_waits_for_both() -> None:
    found = read("{ products { nodes { name availability { status } } } }")

    assert (found.searches, found.uses_read_model) == (True, True)


def test_who_asks_for_both_reads_both() -> None:
    found = read(f'{{ products(text: "tea") {{ totalCount }} product{SKU} {{ name }} }}')

    assert (found.searches, found.uses_read_model) == (True, True)
    assert found.sources == {SEARCH, "products"}


def test_who_does_not_search_does_not_wait_for_the_index() -> None:
    found = read(f"{{ product{SKU} {{ name }} }}")

    assert (found.searches, found.uses_read_model) == (False, True)


def test_another_operation_of_the_document_is_not_counted() -> None:
    query = 'query Mine { customers { totalCount } } query Other { products(text: "tea") { edges { cursor } } }'

    assert read(query, "Mine").sources == {"customers"}
    assert not read(query, "Mine").searches


@pytest.mark.parametrize(
    ("query", "is_by_stock"),
    [
        ("{ products { totalCount } }", False),
        ('{ products(filter: { category: "tea" }) { totalCount } }', False),
        ("{ products(filter: { inStock: true }) { totalCount } }", True),
        ('{ products(filter: { availableAt: ["lima"] }) { totalCount } }', True),
        ("query ($s: [ID!]) { products(filter: { availableAt: $s }) { totalCount } }", True),
        ("query ($f: ProductFilter) { products(filter: $f) { totalCount } }", True),
        ('{ category(slug: "tea") { products(filter: { inStock: false }) { totalCount } } }', True),
        ("{ products { ...found } } fragment found on ProductConnection { facets { stores { count } } }", True),
        ("{ products { facets { inStock { count } } } }", True),
        ("{ products { facets { types { count } } } }", False),
        ("query ($f: OrderFilter) { orders(filter: $f) { totalCount } stores { totalCount } }", False),
        ("{ products { nodes { availability { status } } } }", False),
    ],
)
def test_only_a_search_by_stock_waits_for_stock(query: str, is_by_stock: bool) -> None:
    assert read(query).searches_stock is is_by_stock
