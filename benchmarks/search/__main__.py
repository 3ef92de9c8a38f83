"""How good the product search is, and what the gateway costs it: `make bench-search`.

nDCG@10 over the judged queries; and requests per second of `products` through the gateway, against the same searches
sent straight to Elasticsearch, interleaved, in two rounds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import cycle
from statistics import mean

from benchmarks.clients import busy
from benchmarks.gateway import variants
from benchmarks.measures import Measure, middle_per_second, ratio
from benchmarks.search import catalogue
from benchmarks.search.judgements import Judged, judged, ndcg
from benchmarks.search.ranking import ranking
from benchmarks.servers import running
from benchmarks.stream import read_model
from chassis import elasticsearch
from chassis.elasticsearch_requests import ElasticsearchRequests
from contracts.product_search import NO_EXTRAS, Part, ProductSort, Wanted
from contracts.product_search import search as search_body
from contracts.product_search_synonyms import NO_SYNONYMS
from contracts.product_searching import encode
from contracts.products import SEARCH_INDEX
from products import search

CLIENTS = 32
ROUNDS = 2
SECONDS = 8.0
PAGE = 10

QUERY = """query Search($text: String!) { products(text: $text, first: 10) {
  nodes { sku name price { amount currency } hierarchies { name } } } }"""


async def main() -> None:
    """Fill the index, judge, measure, print."""
    await read_model.empty()
    queries = judged()
    client = elasticsearch.client()
    await search.make_index(client, replicas=0)
    await search.write(client, catalogue.rows())
    await client.indices.refresh(index=SEARCH_INDEX)
    await client.close()
    await _judge(queries)
    with variants.running(("gateway",)) as [served]:
        straight, through = ElasticsearchRequests(), requests_to(served.port)
        runs: dict[str, list[Measure]] = {"gateway": [], "straight": []}
        for _ in range(ROUNDS):
            runs["gateway"].append(await _measure("gateway", queries, through.send, _through))
            runs["straight"].append(await _measure("straight", queries, straight.send, _straight))
            print(runs["gateway"][-1].line("searches"))
            print(runs["straight"][-1].line("searches"))
        await straight.close()
        await through.close()
    reached = middle_per_second(runs["gateway"]) / middle_per_second(runs["straight"])
    print(ratio("search-to-elasticsearch", reached, 0.80))


def requests_to(port: int) -> ElasticsearchRequests:
    """The same client, so that it costs both the same."""
    requests = ElasticsearchRequests()
    requests.leads_to("127.0.0.1", port)
    return requests


async def _judge(queries: list[Judged]) -> None:
    async with ranking(catalogue.synonyms()) as searching:
        found = {each: ndcg(await searching.skus(each.query), each.grades) for each in queries}
    for about in dict.fromkeys(each.about for each in queries):
        of_it = [value for each, value in found.items() if each.about == about]
        print(f"nDCG@10 {mean(of_it):.3f}  {about} ({len(of_it)} queries)")
    print(ratio("ndcg-at-10", mean(found.values()), 0.90))


Send = Callable[[str, str, bytes], Awaitable[bytes]]
Said = Callable[[str], tuple[str, bytes]]


async def _measure(name: str, queries: list[Judged], send: Send, said: Said) -> Measure:
    bodies = cycle([said(each.query) for each in queries])

    async def once() -> None:
        path, body = next(bodies)
        answer = await send("POST", path, body)
        if b'"errors"' in answer or len(answer) < 50:
            raise SystemExit(f"{name}: {answer[:300]!r}")

    return await busy(name, [once] * CLIENTS, warm_up_s=2.0, seconds=SECONDS)


def _through(text: str) -> tuple[str, bytes]:
    return "/graphql", json.dumps({"query": QUERY, "variables": {"text": text}}).encode()


def _straight(text: str) -> tuple[str, bytes]:
    part = Part(PAGE + 1, None, False)
    body = search_body(Wanted(text=text), ProductSort.RELEVANCE, part, NO_SYNONYMS, NO_EXTRAS, is_relaxed=False)
    return f"/{SEARCH_INDEX}/_search", encode(body)


if __name__ == "__main__":
    with running("kafka", "elasticsearch", "postgres", "redis"):
        asyncio.run(main())
