"""A list of products that is written without the executor is the same, byte by byte, and the rest is left to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import orjson
import pytest
from graphql import OperationDefinitionNode, parse
from strawberry.types import ExecutionResult

from chassis.http.errors.problems import Unavailable
from gateway import settings
from gateway.found.plans import FoundPlans, SearchFailed
from gateway.schema import schema
from gateway.shop.context import Context
from gateway.shop.loaders import Loaders
from search.catalogue import ProductSearches
from tests.support.gateway.both_paths import NOON, ODD_TEXT
from tests.support.gateway.operations import Values, made
from tests.support.views.search_index import Index

MADE = 400

ODD: tuple[dict[str, Any], ...] = (
    {"sku": "CHAI", "name": "Tea", "description": ODD_TEXT, "categories": ["Drinks/Hot", "New"], "type": "Leaves"},
    {"sku": 'A"B', "name": f"Tea {ODD_TEXT}", "price": Decimal("0.0050"), "length": Decimal("1.500")},
    {"sku": "Ñ-1", "name": "Tea \x01\x1f", "price": Decimal("440.5000"), "currency": "JPY", "unit": "10 x 20 bags"},
    {"sku": "BHD", "name": "Teas", "price": Decimal("1.2345"), "currency": "BHD", "active": False, "version": 7},
    {"sku": "OLD", "name": "Tea", "created_at": NOON, "updated_at": NOON.replace(microsecond=100_250)},
    {"sku": "GONE", "name": "Tea", "is_deleted": True},
    *({"sku": f"T{number:02}", "name": f"Tea {number}", "weight": Decimal(number)} for number in range(12)),
)

VALUES: Values = {
    "text": ["tea", "teas", "CHAI", "te", "tee", "nothing at all", "", "tea " * 100, ODD_TEXT],
    "category": ["drinks", "hot", "x"],
    "type": ["Leaves", "leaves", "x"],
    "currency": ["USD", "jpy", "EUR"],
    "Decimal": ["0", "1.05", "99999"],
    "Int": [1, 2, 3, 7, 100, 101],
    "after": [None, "x"],
    "before": [None],
}


class Both:
    """Runs operations through the executor, and without it."""

    def __init__(self) -> None:
        self._read_model, self.searches = settings.read_model(), ProductSearches()

    async def executed(self, query: str, variables: dict[str, Any]) -> ExecutionResult:
        context = Context(self._read_model, self.searches, Loaders(self._read_model))
        return await schema.execute(query, variables, context)  # type: ignore[no-any-return, unused-ignore]

    async def found(self, query: str, variables: dict[str, Any]) -> bytes | None:
        document = parse(query)
        [operation] = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        return await FoundPlans(schema._schema, document, operation).data(variables, self.searches, None)

    async def close(self) -> None:
        await self.searches.close()
        await self._read_model.close()


@pytest.fixture
async def both(index: Index) -> AsyncIterator[Both]:
    await index.products(*ODD)
    opened = Both()
    yield opened
    await opened.close()


async def test_lists_made_at_random_are_answered_alike(both: Both) -> None:
    found_ones = 0
    for seed in range(MADE):
        query, variables = made(schema._schema, VALUES, ["products"], seed, without=("stock", "availability", "store"))
        executed = await both.executed(query, variables)
        found = await both.found(query, variables)
        if executed.errors is not None:
            assert found is None, (seed, query, executed.errors)
        elif found is not None:
            assert _without_cursors(found) == _without_cursors(orjson.dumps(executed.data)), (seed, query, variables)
            found_ones += 1

    assert found_ones > MADE * 0.3


def _without_cursors(data: bytes) -> bytes:
    """Cursors contain the id of a point in time, which is another one after a moment."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(each) for key, each in value.items()}
        if isinstance(value, list):
            return [without(each) for each in value]
        return "cursor" if isinstance(value, str) and len(value) > 150 and value.isascii() else value

    return orjson.dumps(without(orjson.loads(data))) if len(data) > 150 else data


OPERATIONS = [
    "{ products { __typename nodes { sku } } t: __typename }",
    '{ products(text: "tea", first: 3) { nodes { sku } nodes { name price { amount currency __typename } } ...More } } '
    "fragment More on ProductConnection { totalCount edges { score node { id ... on Node { id } } } }",
    '{ a: products(text: "tea", sort: NAME_DESC) { didYouMean edges { highlights { field fragments } } } }',
    '{ products(text: "tee") { didYouMean nodes { sku length width weight unit type active version createdAt } } }',
    "{ products { facets { categories { slug count } types { value count } prices { currency from below count } } } }",
    "{ products(first: 2) { pageInfo { hasNextPage hasPreviousPage } nodes { categories { id slug name } } } }",
    "{ products(filter: {currency: null, active: false}) { nodes { sku updatedAt } } }",
    "query ($no: Boolean!) { products { totalCount @include(if: $no) nodes { sku name @skip(if: $no) } } }",
    'query ($f: ProductFilter = {type: ["Leaves"]}, $t: String = "tea") '
    "{ products(text: $t, filter: $f) { nodes { sku } } }",
    '{ products(filter: {category: "drinks"}) { nodes { sku } } }',
]


@pytest.mark.parametrize("query", OPERATIONS)
async def test_these_lists_are_written_without_the_executor(both: Both, query: str) -> None:
    variables: dict[str, Any] = {"no": False}

    executed = await both.executed(query, variables)

    assert executed.errors is None
    assert await both.found(query, variables) == orjson.dumps(executed.data)


@pytest.mark.parametrize(
    "query",
    [
        '{ products { nodes { sku } } category(slug: "hot") { name } }',
        "{ a: products { totalCount } b: products { totalCount } }",
        "{ products { nodes { categories { description } } } }",
        "{ products { facets { categories { category { name } } } } }",
        "{ products(first: 101) { totalCount } }",
        '{ products(after: "x") { totalCount } }',
        '{ products(text: "") { totalCount } }',
        '{ productSuggestions(text: "t") { text } }',
    ],
)
async def test_these_are_left_to_the_executor(both: Both, query: str) -> None:
    assert await both.found(query, {}) is None


async def test_pages_continue_from_one_path_to_the_other(both: Both) -> None:
    query = "query ($after: String) { products(first: 5, after: $after, sort: SKU_ASC) "
    query += "{ nodes { sku } pageInfo { endCursor hasNextPage } } }"
    skus, after, number = [], None, 0
    while True:
        executed = await both.executed(query, {"after": after})
        written = await both.found(query, {"after": after})
        assert written is not None
        pages = [executed.data, orjson.loads(written)]
        assert pages[0]["products"]["nodes"] == pages[1]["products"]["nodes"]
        page = pages[number % 2]["products"]
        skus += [each["sku"] for each in page["nodes"]]
        after, number = page["pageInfo"]["endCursor"], number + 1
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert skus == sorted(each["sku"] for each in ODD if not each.get("is_deleted"))


async def test_a_failed_search_is_reported_by_the_executor_and_not_repeated(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise Unavailable("the product search")

    monkeypatch.setattr(both.searches, "search", fails)

    with pytest.raises(SearchFailed) as failed:
        await both.found("{ products { totalCount } }", {})

    assert isinstance(failed.value.reason, Unavailable)
