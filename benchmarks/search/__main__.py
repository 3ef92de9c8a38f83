"""How good the product search is, and what the gateway costs it: `make bench-search`.

nDCG@10 over the judged queries; and requests per second of `products` through the gateway, against the same searches
sent straight to Elasticsearch, interleaved, in two rounds. What finds nothing takes the gateway a second search and is
left out there.
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
from chassis.databases import elasticsearch
from chassis.databases.elasticsearch_requests import ElasticsearchRequests
from contracts.products import SEARCH_INDEX
from oms.repair.synonyms import put
from products import search
from search.pagination import encode
from search.request import NO_EXTRAS, Part, ProductQuery, ProductSort
from search.request import search as search_body
from search.response import read_response

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
    await put(client, catalogue.lines())
    await client.indices.refresh(index=SEARCH_INDEX)
    await client.close()
    await _judge(queries)
    queries = await _found_at_once(queries)
    with variants.running(("gateway",)) as [served]:
        straight, through = ElasticsearchRequests(), requests_to(served.port)
        asking = [("gateway", through.send, _through), ("straight", straight.send, _straight)]
        for name, send, said in asking:
            await _measure(name, queries, send, said)  # Elasticsearch compiles what is run often
        runs: dict[str, list[Measure]] = {"gateway": [], "straight": []}
        for number in range(ROUNDS):
            for name, send, said in asking if number % 2 == 0 else reversed(asking):
                runs[name].append(await _measure(name, queries, send, said))
                print(runs[name][-1].line("searches"))
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
        found = [(each.about, ndcg(await searching.skus(each.query), each.grades)) for each in queries]
    for about in dict.fromkeys(each.about for each in queries):
        of_it = [value for its, value in found if its == about]
        print(f"nDCG@10 {mean(of_it):.3f}  {about} ({len(of_it)} queries)")
    print(ratio("ndcg-at-10", mean(value for _, value in found), 0.90))


async def _found_at_once(queries: list[Judged]) -> list[Judged]:
    """The queries for which there is a product that has enough of their words."""
    requests = ElasticsearchRequests()
    answers = [read_response(await requests.send("POST", *_straight(each.query))) for each in queries]
    await requests.close()
    found = [each for each, answer in zip(queries, answers, strict=True) if answer.found]
    print(f"{len(found)} of {len(queries)} queries find something at once")
    return found


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
    part, wanted = Part(PAGE + 1, None, False), ProductQuery(text=text)
    body = search_body(wanted, ProductSort.RELEVANCE, part, catalogue.synonyms(), NO_EXTRAS, is_relaxed=False)
    return f"/{SEARCH_INDEX}/_search", encode(body)


if __name__ == "__main__":
    with running("kafka", "elasticsearch", "postgres", "redis"):
        asyncio.run(main())
