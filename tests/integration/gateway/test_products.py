"""Products by GraphQL: one by SKU from the read model, all else from the search index."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from gateway.api import app
from search import catalogue
from tests.support.apps import running
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel
from tests.support.views.search_index import FACETS_OF_TEAS_TO_DRINK, TEAS, Index

PAGE = """
query (
  $text: String, $filter: ProductFilter, $sort: ProductSort,
  $first: Int, $after: String, $last: Int, $before: String
) {
  products(text: $text, filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { sku } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
FACETS = """
query ($text: String, $filter: ProductFilter) {
  products(text: $text, filter: $filter) {
    nodes { sku }
    totalCount
    facets { categories { slug count } types { value count } prices { currency from below count } }
  }
}
"""
WHOLE = """{
  id sku name description price { amount currency } type length width height weight unit
  categories { id slug name }
  inTree: categories { description version parent { name } } active createdAt updatedAt version
}"""


DRINKS = (
    {"slug": "drinks", "name": "Drinks"},
    {"slug": "teas", "name": "Teas", "description": "Hot or cold", "parent_slug": "drinks"},
)


@pytest.fixture
async def client(read_model: ReadModel, index: Index) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def products(http: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    return (await ask(http, query, **variables))["products"]


async def code(http: httpx.AsyncClient, query: str, **variables: Any) -> str:
    answer = await http.post("/graphql", json={"query": query, "variables": variables})
    return str(answer.json()["errors"][0]["extensions"]["code"])


def skus(connection: Any) -> list[str]:
    return [edge["node"]["sku"] for edge in connection["edges"]]


async def found(http: httpx.AsyncClient, **variables: Any) -> list[str]:
    return skus(await products(http, PAGE, **variables))


async def test_what_is_found_is_told_as_the_product_is_by_its_sku(
    client: httpx.AsyncClient, read_model: ReadModel, index: Index
) -> None:
    rows: dict[str, dict[str, Any]] = {
        "YEN": {"price": "440.5000", "currency": "JPY", "length": "1.250", "active": False},
        "PLAIN": {"price": "0.5000", "weight": "10.000", "type": "Tea", "unit": "kg", "description": "A <b>"},
    }
    await read_model.categories(*DRINKS)
    for sku, said in rows.items():
        teas = [{"slug": "teas", "name": "Teas", "path": ["drinks", "teas"]}]
        await read_model.products({"sku": sku, "categories": teas, **said})
        numbers: dict[str, Any] = {name: Decimal(said[name]) for name in ("price", "length", "weight") if name in said}
        await index.products({"sku": sku, "categories": ["Drinks/Teas"], **said, **numbers})

    answer = await client.post(
        "/graphql",
        json={
            "query": f"{{ products {{ nodes {WHOLE} }} "
            + "".join(f'{s}: product(sku: "{s}") {WHOLE} ' for s in rows)
            + "}"
        },
    )

    data = answer.json()["data"]
    assert data["products"]["nodes"] == [data["PLAIN"], data["YEN"]]


async def test_a_search_finds_by_words_the_best_first(client: httpx.AsyncClient, index: Index) -> None:
    await index.products(
        {"sku": "POT", "name": "Pot", "description": "for green tea"},
        {"sku": "TEA", "name": "Green tea"},
        {"sku": "JAM", "name": "Jam"},
        {"sku": "OLD", "name": "Green tea", "is_deleted": True},
        {"sku": "OUT", "name": "Green tea", "active": False},
    )

    assert await found(client, text="green tea") == ["TEA", "OUT"]
    assert await found(client, text="grean teas") == ["TEA", "OUT"]
    assert await found(client, text="green pot") == ["POT"]
    assert await found(client, text="for") == ["POT"]
    assert await found(client, text="green jam") == ["JAM"]  # nothing has both
    assert await found(client, text="green tea", filter={"active": True}) == ["TEA"]


SORTED = {
    "PRICE_ASC": ["A", "C", "B"],
    "PRICE_DESC": ["B", "C", "A"],
    "NAME_ASC": ["B", "A", "C"],
    "NAME_DESC": ["C", "A", "B"],
    "CREATED_AT_DESC": ["C", "B", "A"],
    "CREATED_AT_ASC": ["A", "B", "C"],
    "SKU_DESC": ["C", "B", "A"],
    None: ["A", "B", "C"],
}


@pytest.mark.parametrize("sort", SORTED)
async def test_products_are_sorted_and_gone_through_both_ways(
    client: httpx.AsyncClient, index: Index, sort: str | None
) -> None:
    said = [("A", "éclair", "9"), ("B", "Date", "100.5"), ("C", "fig", "20")]
    made_at = datetime(2026, 1, 1, tzinfo=UTC)
    await index.products(
        *(
            {"sku": sku, "name": name, "price": Decimal(price), "created_at": made_at + timedelta(days=number)}
            for number, (sku, name, price) in enumerate(said)
        )
    )

    first = await products(client, PAGE, sort=sort, first=2)
    rest = await products(client, PAGE, sort=sort, first=2, after=first["pageInfo"]["endCursor"])
    back = await products(client, PAGE, sort=sort, last=2, before=rest["pageInfo"]["startCursor"])
    end = await products(client, PAGE, sort=sort, last=2)

    assert skus(first) + skus(rest) == SORTED[sort]
    assert (skus(back), skus(end)) == (skus(first), SORTED[sort][1:])
    assert [page["pageInfo"]["hasNextPage"] for page in (first, rest, back)] == [True, False, True]
    assert [page["pageInfo"]["hasPreviousPage"] for page in (first, rest, back, end)] == [False, True, False, True]


async def test_a_page_between_two_cursors_has_only_what_is_between(client: httpx.AsyncClient, index: Index) -> None:
    await index.products(*({"sku": sku} for sku in "ABCDE"))
    cursors = [edge["cursor"] for edge in (await products(client, PAGE))["edges"]]

    assert await found(client, after=cursors[0], before=cursors[3]) == ["B", "C"]
    assert await found(client, first=1, after=cursors[0], before=cursors[3]) == ["B"]
    assert await found(client, last=1, after=cursors[0], before=cursors[3]) == ["C"]


async def test_pages_show_what_there_was_when_the_list_began(client: httpx.AsyncClient, index: Index) -> None:
    await index.products(*({"sku": f"T{number}", "name": "Tea"} for number in range(6)))
    first = await products(client, PAGE, text="tea", first=3)

    await index.products(
        {"sku": "T0", "name": "Coffee", "version": 2},
        {"sku": "T4", "name": "Tea", "version": 2, "is_deleted": True},
        {"sku": "T01", "name": "Tea"},
        {"sku": "T45", "name": "Tea tea"},
    )
    rest = await products(client, PAGE, text="tea", first=10, after=first["pageInfo"]["endCursor"])

    assert (skus(first), skus(rest)) == (["T0", "T1", "T2"], ["T3", "T4", "T5"])


async def test_a_list_that_is_kept_no_longer_is_an_error_of_its_own(client: httpx.AsyncClient, index: Index) -> None:
    await index.products({"sku": "A"}, {"sku": "B"})
    first = await products(client, PAGE, first=1)

    await index.elasticsearch.indices.delete(index=f"{index.name}-1")

    assert await code(client, PAGE, first=1, after=first["pageInfo"]["endCursor"]) == "CURSOR_GONE"


async def test_the_counts_of_a_facet_stay_when_one_is_chosen(client: httpx.AsyncClient, index: Index) -> None:
    await index.products(*TEAS)

    answer = await products(client, FACETS, text="tea", filter={"category": ["drinks"]})

    assert sorted(each["sku"] for each in answer["nodes"]) == ["A", "B", "E"]
    assert answer["totalCount"] == 3
    for each in answer["facets"]["categories"]:
        each["value"] = each.pop("slug")
    assert answer["facets"] == FACETS_OF_TEAS_TO_DRINK


async def test_a_category_lists_its_products_and_those_below_it(
    client: httpx.AsyncClient, read_model: ReadModel, index: Index
) -> None:
    await read_model.categories(*DRINKS)
    await index.products(
        {"sku": "A", "categories": ["Drinks"], "price": Decimal(9)},
        {"sku": "B", "categories": ["Drinks/Teas", "New"], "price": Decimal(7)},
        {"sku": "C", "categories": ["Food"]},
    )
    query = """{
      drinks: category(slug: "drinks") {
        children { name }
        products(sort: PRICE_ASC) { totalCount nodes { sku } pageInfo { endCursor } }
        dear: products(filter: {priceFrom: "8", currency: "USD"}) { nodes { sku } }
      }
      teas: category(slug: "teas") { ancestors { name } products { nodes { sku categories { name } } } }
      products { facets { categories { slug count category { name parent { slug } } } } }
    }"""

    data = await ask(client, query)

    assert data["drinks"]["children"] == [{"name": "Teas"}]
    assert (data["drinks"]["products"]["totalCount"], data["drinks"]["dear"]["nodes"]) == (2, [{"sku": "A"}])
    assert data["drinks"]["products"]["nodes"] == [{"sku": "B"}, {"sku": "A"}]
    assert data["teas"] == {
        "ancestors": [{"name": "Drinks"}],
        "products": {"nodes": [{"sku": "B", "categories": [{"name": "Teas"}, {"name": "New"}]}]},
    }
    assert data["products"]["facets"]["categories"] == [
        {"slug": "drinks", "count": 2, "category": {"name": "Drinks", "parent": None}},
        {"slug": "food", "count": 1, "category": None},
        {"slug": "new", "count": 1, "category": None},
        {"slug": "teas", "count": 1, "category": {"name": "Teas", "parent": {"slug": "drinks"}}},
    ]


async def test_lists_of_products_have_their_categories_without_postgres(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    await index.products({"sku": "CHAI", "categories": ["Drinks/Teas"]})
    monkeypatch.setenv("OMS_POSTGRES_PORT", "1")

    async with running(app(), until_ready=False) as client:
        data = await ask(client, "{ products { nodes { categories { id slug name __typename } } } }")

    teas = {"id": "category:teas", "slug": "teas", "name": "Teas", "__typename": "Category"}
    assert data == {"products": {"nodes": [{"categories": [teas]}]}}


async def test_filters_hold_together(client: httpx.AsyncClient, index: Index) -> None:
    await index.products(
        {"sku": "A", "type": "Leaves", "price": Decimal("10.00")},
        {"sku": "B", "type": "leaves", "price": Decimal("10.01")},
        {"sku": "C", "type": "Bags", "price": Decimal("10.00")},
        {"sku": "D", "type": "Leaves", "price": Decimal("10.00"), "currency": "EUR"},
    )
    ten = {"priceFrom": "10", "priceBelow": "10.01", "currency": "usd"}

    assert await found(client, filter=ten) == ["A", "C"]
    assert await found(client, filter={**ten, "type": ["LEAVES"]}) == ["A"]
    assert await found(client, filter={"type": ["Bags", "Leaves"]}) == ["A", "B", "C", "D"]
    assert await code(client, PAGE, filter={"priceFrom": "10"}) == "BAD_USER_INPUT"


async def test_matches_are_shown_and_all_else_is_escaped(client: httpx.AsyncClient, index: Index) -> None:
    await index.products({"sku": "A", "name": "Teas <b>", "description": "No tea & more"})
    query = '{ products(text: "tea") { edges { score highlights { field fragments } } didYouMean } }'

    answer = await products(client, query)

    [edge] = answer["edges"]
    assert edge["score"] > 0
    assert edge["highlights"] == [
        {"field": "name", "fragments": ["<em>Teas</em> &lt;b&gt;"]},
        {"field": "description", "fragments": ["No <em>tea</em> &amp; more"]},
    ]
    assert answer["didYouMean"] is None


async def test_unknown_words_are_answered_with_known_ones(client: httpx.AsyncClient, index: Index) -> None:
    await index.products({"sku": "A", "name": "Pepper sauce"}, {"sku": "B", "name": "Gnocchi"})
    query = "query ($text: String!) { products(text: $text) { didYouMean nodes { sku } } }"

    answers = [await products(client, query, text=text) for text in ("peper sauces", "gnochi", "pepper", "xyzzy")]

    assert [each["didYouMean"] for each in answers] == ["pepper sauces", "gnocchi", None, None]
    assert [len(each["nodes"]) for each in answers] == [1, 1, 1, 0]


async def test_who_is_typing_gets_suggestions(client: httpx.AsyncClient, index: Index) -> None:
    await index.products(
        {"sku": "A-1", "name": "Crème brûlée"},
        {"sku": "A-2", "name": "Cream cheese"},
        {"sku": "B-1", "name": "Old cream", "is_deleted": True},
    )
    query = "query ($text: String!) { productSuggestions(text: $text, first: 5) { text product { sku } } }"

    async def suggested(text: str) -> list[str]:
        answer = await client.post("/graphql", json={"query": query, "variables": {"text": text}})
        return [each["text"] for each in answer.json()["data"]["productSuggestions"]]

    assert sorted(await suggested("cre")) == ["Cream cheese", "Crème brûlée"]
    assert await suggested("creme b") == ["Crème brûlée"]
    assert await suggested("chees cr") == ["Cream cheese"]
    assert await suggested("a-2") == ["Cream cheese"]


async def test_without_elasticsearch_only_the_search_fails(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.products({"sku": "CHAI"})
    monkeypatch.setenv("OMS_ELASTICSEARCH_PORT", "1")
    both = '{ product(sku: "CHAI") { sku } products(text: "tea") { edges { cursor } } }'

    async with running(app()) as client:
        partly = await client.post("/graphql", json={"query": both})
        nothing = await client.post("/graphql", json={"query": PAGE, "variables": {"text": "tea"}})

    assert (partly.status_code, partly.json()["data"]) == (200, {"product": {"sku": "CHAI"}, "products": None})
    assert partly.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert (nothing.status_code, nothing.headers["Retry-After"]) == (503, "1")


async def test_without_postgres_the_search_answers(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    await index.products({"sku": "CHAI"})
    monkeypatch.setenv("OMS_POSTGRES_PORT", "1")

    async with running(app(), until_ready=False) as client:
        assert await found(client, text="chai") == ["CHAI"]


async def test_without_the_index_a_search_is_unavailable(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "SEARCH_INDEX", "nowhere")

    async with running(app()) as client:
        answer = await client.post("/graphql", json={"query": PAGE, "variables": {"text": "tea"}})

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")


@pytest.mark.parametrize(
    "arguments",
    [
        'text: ""',
        'text: "a\\u0000"',
        'text: "tea", after: "x"',
        'after: "WzFd"',
        "first: 101",
        "first: 1, last: 1",
        "filter: { category: [] }",
    ],
)
async def test_arguments_that_do_not_fit_are_bad_input(client: httpx.AsyncClient, arguments: str) -> None:
    assert await code(client, f"{{ products({arguments}) {{ edges {{ cursor }} }} }}") == "BAD_USER_INPUT"


async def test_a_cursor_goes_with_its_own_question_alone(client: httpx.AsyncClient, index: Index) -> None:
    await index.products({"sku": "A"}, {"sku": "B"})
    after = (await products(client, PAGE, first=1))["pageInfo"]["endCursor"]

    assert await code(client, PAGE, after=after, text="chai") == "BAD_USER_INPUT"
    assert await code(client, PAGE, after=after, sort="NAME_ASC") == "BAD_USER_INPUT"
    assert await code(client, PAGE, after=after, filter={"active": True}) == "BAD_USER_INPUT"
