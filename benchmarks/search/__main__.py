"""`make bench-search`: the quality of the product search, and the throughput of the gateway against Elasticsearch.

nDCG@10, precision@10 and recall over the judged queries; and requests per second of `products` through the gateway,
against the same searches sent directly to Elasticsearch: of a storefront's page of 24 products with facets, count and
highlights, and of a bare list of ten. Queries that match nothing as written are excluded there: for them, the gateway
sends further searches.
"""

from __future__ import annotations

import asyncio
import os

from benchmarks.measures import ratio
from benchmarks.search import catalogue
from benchmarks.search.judgements import JudgedQuery, held_out_queries, judged_queries, judged_suggestions
from benchmarks.search.quality import is_well_suggested, mean_ndcg, mean_precision, mean_recall, quality
from benchmarks.search.ranking import ranking
from benchmarks.search.throughput import measure_throughput
from benchmarks.servers import running
from benchmarks.stream import read_model
from chassis.databases import elasticsearch
from contracts.products import SEARCH_INDEX, StockedProduct
from oms.repair.synonyms import put
from products.indexing import search


async def main() -> None:
    """Fill the index, print the quality, measure, print the ratios."""
    await read_model.empty()
    client = elasticsearch.client()
    await search.make_index(client, replicas=0)
    await search.write(client, [StockedProduct.of(row) for row in catalogue.rows()])
    await put(client, catalogue.lines())
    await client.indices.refresh(index=SEARCH_INDEX)
    await client.close()
    queries = judged_queries()
    await _judge(queries)
    await measure_throughput(queries)


async def _judge(queries: list[JudgedQuery]) -> None:
    async with ranking(catalogue.synonyms()) as searching:
        found = [await quality(searching, each) for each in queries]
        held_out = [await quality(searching, each) for each in held_out_queries()]
        texts = judged_suggestions()
        suggested = [await is_well_suggested(searching, each) for each in texts]
    for about in dict.fromkeys(each.about for each in queries if each.good):
        of_it = [each for each in found if each.query.about == about and each.query.good]
        print(f"nDCG@10 {mean_ndcg(of_it):.3f}  {about} ({len(of_it)} queries)")
    for name, judged in (("judged", found), ("held out", held_out)):
        print(
            f"{len(judged)} queries {name}: nDCG@10 {mean_ndcg(judged):.3f}, precision@10 in other orders "
            f"{mean_precision(judged):.3f}, recall {mean_recall(judged):.3f}"
        )
    print(f"{sum(suggested)} of {len(texts)} unfinished texts are suggested well")
    print(ratio("ndcg-at-10", mean_ndcg(found), 0.90))
    print(ratio("precision-at-10", mean_precision(found), 0.90))


if __name__ == "__main__":
    with running("kafka", "elasticsearch", "postgres", "redis"):
        os.environ["OMS_ELASTICSEARCH_TIMEOUT_S"] = "30"  # a busy machine is slow, which is measured
        asyncio.run(main())
