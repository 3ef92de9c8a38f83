"""Searches from page to page, without an index: which requests are sent, and which places there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from search.pagination import InvalidSearchCursor, SearchCursor, SearchPage, SearchRequest, search_page
from search.request import NO_EXTRAS, ProductQuery, ProductSort
from search.synonyms import NO_SYNONYMS
from search.words import singular, words

NAME = ProductSort.NAME_ASC


class Index:
    """Answers one search after the other with products of these sort keys, and remembers what it was asked."""

    def __init__(self, *answers: Sequence[Sequence[Any]]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    async def send(self, body: bytes, is_at_point: bool) -> bytes:
        self.asked.append(msgspec.json.decode(body))
        return msgspec.json.encode({"hits": {"hits": [_hit(key) for key in self.answers.pop(0)]}})


def _hit(key: Sequence[Any]) -> dict[str, Any]:
    product = {"name": "", "price": "1", "currency": "USD", "categories": [], "active": True, "version": 1}
    return {"_source": {**product, "sku": key[1], "created_at": "", "updated_at": ""}, "sort": list(key)}


async def ask(index: Index, asked: SearchRequest) -> SearchPage:
    return await search_page(asked, NO_SYNONYMS, index.send, "300s")


def skus(found: SearchPage) -> list[str]:
    return [hit.product.sku for hit in found.hits]


def place(*key: Any) -> SearchCursor:
    return SearchCursor(key, "point")


@pytest.mark.parametrize(
    "said",
    [
        [],
        ["point"],
        ["point", False, "a"],
        [1, False, "a", "A"],
        ["point", 0, "a", "A"],
        ["point", False, 5, "A"],
        ["point", False, True, "A"],
        ["point", False, "a", None],
        ["point", False, ["a"], "A"],
    ],
)
def test_what_is_no_place_of_a_list_is_refused(said: list[Any]) -> None:
    with pytest.raises(InvalidSearchCursor):
        SearchCursor.from_json(said, NAME)


def test_a_place_is_read_as_it_was_said() -> None:
    said = SearchCursor(("a", "A", 7), "point", is_relaxed=True)

    assert SearchCursor.from_json(said.to_json(), NAME) == said
    assert SearchCursor.from_json(place(None, "A").to_json(), NAME).key == (None, "A")


async def test_a_page_ends_before_a_place_also_where_names_are_missing() -> None:
    keys = [("a", "A"), ("é", "B"), (None, "C"), (None, "D")]

    async def before(*key: Any) -> list[str]:
        return skus(await ask(Index(keys), SearchRequest(ProductQuery(), NAME, 10, before=place(*key))))

    assert await before("é", "B") == ["A"]
    assert await before("z", "Z") == ["A"]  # by their bytes, as the index sorts them
    assert await before(None, "D") == ["A", "B", "C"]


async def test_of_a_page_from_the_back_the_order_is_that_of_the_list() -> None:
    index = Index([("c", "C"), ("b", "B"), ("a", "A")])

    found = await ask(index, SearchRequest(ProductQuery(), NAME, 2, is_backwards=True))

    assert (skus(found), found.has_more) == (["B", "C"], True)
    assert index.asked[0]["sort"][0]["name.sort"]["order"] == "desc"


async def test_one_of_several_words_is_enough_where_nothing_has_them_all_and_the_next_page_knows() -> None:
    index = Index([], [(2.0, "A"), (1.0, "B")], [(1.0, "B")])
    text = ProductQuery(text="green tea")

    first = await ask(index, SearchRequest(text, ProductSort.RELEVANCE, 1, point="point"))
    after = first.cursor(first.hits[-1])
    await ask(index, SearchRequest(text, ProductSort.RELEVANCE, 1, after=after))

    enough = [_minimum(body) for body in index.asked]
    assert (skus(first), after.is_relaxed, enough) == (["A"], True, ["2<75%", "1", "1"])


async def test_what_is_chosen_among_the_facets_does_not_make_a_search_less_strict() -> None:
    index = Index([], [(1.0, "A")])

    found = await ask(
        index, SearchRequest(ProductQuery(text="green tea", types=("Jam",)), ProductSort.RELEVANCE, 10, NO_EXTRAS)
    )

    assert (skus(found), found.is_relaxed, len(index.asked)) == ([], False, 2)


def _minimum(body: dict[str, Any]) -> str:
    text = body["query"]["bool"]["must"][0]["bool"]["should"][-1]
    return str(text["bool"]["minimum_should_match"])


def test_words_are_folded_as_the_index_folds_them() -> None:
    assert words("Chef Anton's Nuß-Creme, sirop d’Érable") == ["chef", "anton", "nuss", "creme", "sirop", "erable"]


@pytest.mark.parametrize(
    ("one", "many"),
    [("cookie", "cookies"), ("berry", "berries"), ("pie", "pies"), ("box", "boxes"), ("sauce", "sauces")],
)
def test_singular_and_plural_are_the_same(one: str, many: str) -> None:
    assert singular(one) == singular(many)
