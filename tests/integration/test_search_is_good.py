"""The search over the sample catalogue reaches its nDCG goal on a hundred judged queries."""

from __future__ import annotations

import pytest

from benchmarks.search import catalogue
from benchmarks.search.judgements import judged_queries, ndcg
from benchmarks.search.ranking import ranking
from tests.support.search_index import Index

FLOOR = 0.9
WORST = 0.3
"""Of one query: it finds something of use at least, and not last."""


@pytest.fixture
async def index(index: Index) -> Index:
    await index.rows(*catalogue.rows())
    return index


async def test_judged_queries_find_what_they_should(index: Index) -> None:
    queries = judged_queries()
    async with ranking(catalogue.synonyms(), index.name) as searching:
        found = {each.query: ndcg(await searching.skus(each.query), each.grades) for each in queries}

    assert len(queries) >= 60
    assert sum(found.values()) / len(found) >= FLOOR, found
    assert {query: value for query, value in found.items() if value < WORST} == {}
