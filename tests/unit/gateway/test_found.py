"""Lists of products that are written without the executor: which fields that covers, and which operations."""

from __future__ import annotations

from typing import Any, cast

import pytest
from graphql import GraphQLObjectType

from gateway.compiled.shapes import OF_A_SHAPE
from gateway.found.page import FIELDS
from gateway.found.plans import SearchFailed
from gateway.found.writing import OF_A_FIELD
from gateway.operations.operations import Operations
from gateway.operations.validation import Limits
from gateway.schema import schema

OF_THE_READ_MODEL = {
    "Product": {"availability", "stock"},
    "CategoryFacet": {"category"},
    "StoreFacet": {"store"},
    "Category": {"ancestors", "children", "createdAt", "description", "parent", "products", "updatedAt", "version"},
}
"""The fields that the search index does not have."""


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_a_page_is_written_or_is_not_in_the_index(name: str) -> None:
    type_ = schema._schema.type_map[name]
    assert isinstance(type_, GraphQLObjectType)

    assert set(type_.fields) - set(FIELDS[name]) == OF_THE_READ_MODEL.get(name, set())
    assert set(FIELDS[name]) <= set(type_.fields)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("{ products { nodes { sku categories { name } } } }", True),
        ('{ products(text: "tea") @after(token: "product:A:1") { totalCount } }', True),
        ("{ products { nodes { categories { description } } } }", False),
        ("{ products { facets { categories { category { name } } } } }", False),
        ("{ products(filter: { inStock: true }) { facets { stores { storeId } inStock { value } } } }", True),
        ("{ products { facets { stores { store { name } } } } }", False),
        ("{ products { nodes { availability { status } } } }", False),
        ("{ products { nodes { stock { onHand } } } }", False),
        ('{ products { totalCount } product(sku: "A") { sku } }', False),
        ('{ product(sku: "A") { sku } }', False),
    ],
)
def test_only_operations_of_the_search_alone_are_written(query: str, is_found: bool) -> None:
    operation = Operations(schema._schema, Limits()).find(query, None)

    assert operation.errors == ()
    assert (operation.found is not None) == is_found


async def test_the_memory_of_plans_is_counted() -> None:
    operations = Operations(schema._schema, Limits())
    operation = operations.find("{ products { nodes { sku name price { amount } } } }", None)
    before = operations.cache.bytes
    assert operation.found is not None

    with pytest.raises(SearchFailed):  # there are no searches here
        await operation.found.data({}, cast(Any, None), None)

    assert operations.cache.bytes == before + OF_A_SHAPE + 5 * OF_A_FIELD
