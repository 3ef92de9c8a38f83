"""The search finds what was judged by hand that it must, and nothing else, in every order of the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest

from benchmarks.search import catalogue
from benchmarks.search.judgements import (
    JudgedQuery,
    department_store_queries,
    held_out_queries,
    judged_queries,
    judged_suggestions,
)
from benchmarks.search.quality import is_well_suggested, mean_ndcg, mean_precision, mean_recall, quality
from benchmarks.search.ranking import ranking
from contracts.products import ProductRow
from search.text.synonyms import Synonyms
from tests.support.views.search_index import Index

FLOOR = 0.95
WELL_WRITTEN = {
    "accents",
    "beginning",
    "category",
    "name",
    "plural",
    "singular",
    "size",
    "sku",
    "sku fragment",
    "synonym",
}
"""What queries are about that are written as they should be."""

WORST_NDCG = 0.5
"""Of one query: it finds something of use at least, and not last."""

Rows = Callable[[], Sequence[ProductRow]]


@pytest.mark.parametrize(
    ("rows", "synonyms", "queries", "least"),
    [
        (catalogue.rows, catalogue.synonyms, judged_queries, 150),
        (catalogue.rows, catalogue.synonyms, held_out_queries, 60),
        (catalogue.rows_of_department_store, catalogue.synonyms_of_department_store, department_store_queries, 100),
    ],
)
async def test_a_search_finds_what_it_must_in_every_order(
    index: Index,
    rows: Rows,
    synonyms: Callable[[], Synonyms],
    queries: Callable[[], list[JudgedQuery]],
    least: int,
) -> None:
    await index.rows(*rows())
    async with ranking(synonyms(), index.name) as searching:
        found = [await quality(searching, each) for each in queries()]

    assert len(found) >= least
    assert mean_ndcg(found) >= FLOOR, sorted((each.ndcg, each.query.query) for each in found)[:10]
    assert mean_precision(found) >= FLOOR, sorted((each.precision, each.query.query) for each in found)[:10]
    assert mean_recall(found) >= FLOOR, sorted((each.recall, each.query.query) for each in found)[:10]
    assert {each.query.query: each.ndcg for each in found if each.query.good and each.ndcg < WORST_NDCG} == {}


async def test_what_the_catalogue_does_not_have_is_not_found(index: Index) -> None:
    await index.rows(*catalogue.rows())
    none = [each.query for each in (*judged_queries(), *held_out_queries()) if not each.grades]
    async with ranking(catalogue.synonyms(), index.name) as searching:
        found = {query: await searching.skus(query) for query in none}

    assert len(none) >= 20
    assert {query: skus for query, skus in found.items() if skus} == {}


async def test_a_text_is_corrected_only_if_it_finds_nothing(index: Index) -> None:
    await index.rows(*catalogue.rows())
    judged = [each for each in (*judged_queries(), *held_out_queries()) if each.did_you_mean is not msgspec.UNSET]
    async with ranking(catalogue.synonyms(), index.name) as searching:
        found = [await quality(searching, each) for each in judged]

    assert len(judged) >= 20
    assert {each.query.query: each.did_you_mean for each in found if not each.is_well_corrected} == {}


async def test_a_text_that_finds_something_as_written_is_never_corrected(index: Index) -> None:
    await index.rows(*catalogue.rows())
    written = [each.query for each in (*judged_queries(), *held_out_queries()) if each.about in WELL_WRITTEN]
    async with ranking(catalogue.synonyms(), index.name) as searching:
        found = {query: (await searching.page(query)).did_you_mean for query in written}

    assert len(written) >= 100
    assert {query: text for query, text in found.items() if text is not None} == {}


async def test_suggestions_complete_words_categories_synonyms_and_skus(index: Index) -> None:
    await index.rows(*catalogue.rows())
    judged = judged_suggestions()
    async with ranking(catalogue.synonyms(), index.name) as searching:
        wrong = [each.text for each in judged if not await is_well_suggested(searching, each)]

    assert len(judged) >= 30
    assert wrong == []
