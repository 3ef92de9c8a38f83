"""The quality of the search over one catalogue: products, their order, corrections and suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from msgspec import UNSET

from benchmarks.search.judgements import AT, JudgedQuery, JudgedText, ndcg, precision, recall
from benchmarks.search.ranking import Ranking
from search.request import ProductSort

_EVERYTHING = 200
_SORTS = (ProductSort.PRICE_ASC, ProductSort.PRICE_DESC, ProductSort.NAME_ASC, ProductSort.CREATED_AT_DESC)


@dataclass(frozen=True)
class Quality:
    """Of one query: nDCG@10 by relevance, the least precision@10 of the other orders, and recall."""

    query: JudgedQuery
    ndcg: float
    precision: float
    recall: float
    did_you_mean: str | None

    @property
    def is_well_corrected(self) -> bool:
        """Whether the text is corrected as it should be, where that was judged."""
        expected = self.query.did_you_mean
        return expected is UNSET or expected == self.did_you_mean


def mean_ndcg(qualities: Sequence[Quality]) -> float:
    """Of the queries that must find something."""
    return mean(each.ndcg for each in qualities if each.query.good)


def mean_precision(qualities: Sequence[Quality]) -> float:
    """Of all queries."""
    return mean(each.precision for each in qualities)


def mean_recall(qualities: Sequence[Quality]) -> float:
    """Of the queries that must find something."""
    return mean(each.recall for each in qualities if each.query.good)


async def quality(ranking: Ranking, query: JudgedQuery) -> Quality:
    """The quality of one query."""
    page = await ranking.page(query.query)
    sorted_otherwise = [await ranking.skus(query.query, sort) for sort in _SORTS]
    return Quality(
        query,
        ndcg([hit.product.sku for hit in page.hits], query.grades),
        min(precision(found, query.grades) for found in sorted_otherwise),
        recall(await ranking.skus(query.query, ProductSort.SKU_ASC, _EVERYTHING), query.good),
        page.did_you_mean,
    )


async def is_well_suggested(ranking: Ranking, judged: JudgedText) -> bool:
    """Whether the first suggestions are those that must be suggested, and no others than may be."""
    found = set(await ranking.suggested(judged.text))
    must = set(judged.must)
    complete = must <= found if len(must) <= AT else len(found) == AT
    return complete and found <= must | set(judged.may)
