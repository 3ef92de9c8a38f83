"""Searches from page to page, without an index: which requests are sent, and which places there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from chassis.rest import cursors, pages
from search.pagination import InvalidSearchCursor, SearchCursor, SearchPage, SearchRequest, search_page
from search.request import NO_EXTRAS, ProductQuery, ProductSort
from search.text.reading import Level, Reading
from search.text.synonyms import NO_SYNONYMS
from search.text.words import singular, words

NAME = ProductSort.NAME_ASC

COUNTS: dict[str, Any] = {
    "aggregations": {"terms": {"buckets": {"whole 0": {"doc_count": 2}, "whole 1": {"doc_count": 0}}}},
    "suggest": {"spelling": [{"text": "teaa", "options": [{"text": "tea"}, {"text": "teak"}]}]},
}
"""`green` is known; `teaa` is not, but words that resemble it."""


class Index:
    """Answers one search after the other with products of these sort keys, and remembers what it was asked."""

    def __init__(self, *answers: Sequence[Sequence[Any]] | dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    async def send(self, body: bytes, is_at_point: bool) -> bytes:
        self.asked.append(msgspec.json.decode(body))
        answer = self.answers.pop(0)
        if isinstance(answer, dict):
            return msgspec.json.encode(answer)
        return msgspec.json.encode({"hits": {"hits": [_hit(key) for key in answer]}})


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
        ["point", None, "a"],
        [1, None, "a", "A"],
        ["point", 0, "a", "A"],
        ["point", ["tea"], "a", "A"],
        ["point", ["tea", "lax"], "a", "A"],
        ["point", [5, "head"], "a", "A"],
        ["point", None, 5, "A"],
        ["point", None, True, "A"],
        ["point", None, "a", None],
        ["point", None, ["a"], "A"],
    ],
)
def test_what_is_no_place_of_a_list_is_refused(said: list[Any]) -> None:
    with pytest.raises(InvalidSearchCursor):
        SearchCursor.from_json(said, NAME)


def test_a_place_is_read_as_it_was_said() -> None:
    said = SearchCursor(("a", "A", 7), "point", Reading("tea*", Level.HEAD))

    assert SearchCursor.from_json(said.to_json(), NAME) == said
    assert SearchCursor.from_json(place(None, "A").to_json(), NAME).key == (None, "A")


def test_the_largest_cursor_of_a_search_is_accepted() -> None:
    largest = SearchCursor(("𠀀" * 200, "S" * 64), "p" * 500, Reading("𠀀" * 200, Level.ANYWHERE))

    assert len(cursors.sign("secret", "question", largest.to_json())) <= pages._MAX_CURSOR


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


async def test_what_is_found_otherwise_than_as_written_is_found_so_on_every_page() -> None:
    index = Index([], COUNTS, [(2.0, "A"), (1.0, "B")], [(1.0, "B")])
    text = ProductQuery(text="green teaa")

    first = await ask(index, SearchRequest(text, ProductSort.RELEVANCE, 1, point="point"))
    after = first.cursor(first.hits[-1])
    second = await ask(index, SearchRequest(text, ProductSort.RELEVANCE, 1, after=after))

    assert (skus(first), skus(second), after.reading) == (["A"], ["B"], Reading("green tea"))
    assert [first.did_you_mean, second.did_you_mean] == ["green tea", "green tea"]
    assert index.asked[2]["query"] == index.asked[3]["query"]


async def test_what_is_chosen_among_the_facets_does_not_change_how_a_text_is_read() -> None:
    index = Index([], [(1.0, "A")])
    wanted = ProductQuery(text="green teaa", types=("Jam",))

    found = await ask(index, SearchRequest(wanted, ProductSort.RELEVANCE, 10, NO_EXTRAS))

    assert (skus(found), found.reading, len(index.asked)) == ([], None, 2)


async def test_what_is_found_as_written_is_asked_for_once() -> None:
    index = Index([(1.0, "A")])

    found = await ask(index, SearchRequest(ProductQuery(text="gummy bears"), ProductSort.RELEVANCE, 10))

    assert (len(index.asked), found.did_you_mean) == (1, None)


def test_words_are_folded_as_the_index_folds_them() -> None:
    assert words("Chef Anton's Nuß-Creme, sirop d’Érable") == ["chef", "anton", "nuss", "creme", "sirop", "erable"]


@pytest.mark.parametrize(
    ("one", "many"),
    [("cookie", "cookies"), ("berry", "berries"), ("pie", "pies"), ("box", "boxes"), ("sauce", "sauces")],
)
def test_singular_and_plural_are_the_same(one: str, many: str) -> None:
    assert singular(one) == singular(many)
