"""`make bench-search`: the quality of the product search, and the throughput of the gateway against Elasticsearch.

nDCG@10, precision@10 and recall over the judged queries; and requests per second of `products` through the gateway,
against the same searches sent directly to Elasticsearch, alternately, in two rounds. Queries that match nothing as
written are excluded there: for them, the gateway sends further searches.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import cycle

from benchmarks.clients import busy
from benchmarks.gateway import variants
from benchmarks.measures import Measure, middle_per_second, ratio
from benchmarks.search import catalogue
from benchmarks.search.judgements import JudgedQuery, held_out_queries, judged_queries, judged_suggestions
from benchmarks.search.quality import is_well_suggested, mean_ndcg, mean_precision, mean_recall, quality
from benchmarks.search.ranking import ranking
from benchmarks.servers import running
from benchmarks.stream import read_model
from chassis.databases import elasticsearch
from chassis.databases.elasticsearch_requests import ElasticsearchRequests
from contracts.products import SEARCH_INDEX
from oms.repair.synonyms import put
from products import search
from search.pagination import encode
from search.request import Part, ProductQuery, ProductSort
from search.request import search as search_body
from search.response import read_response

CLIENTS = 32
ROUNDS = 2
SECONDS = 8.0
PAGE = 10

QUERY = """query Search($text: String!) { products(text: $text, first: 10) {
  nodes { sku name price { amount currency } categories { name } } } }"""


async def main() -> None:
    """Fill the index, print the quality, measure, print the ratios."""
    await read_model.empty()
    queries = judged_queries()
    client = elasticsearch.client()
    await search.make_index(client, replicas=0)
    await search.write(client, catalogue.rows())
    await put(client, catalogue.lines())
    await client.indices.refresh(index=SEARCH_INDEX)
    await client.close()
    await _judge(queries)
    queries = await _first_search_matches(queries)
    with variants.running(("gateway",)) as [served]:
        straight, through = ElasticsearchRequests(), requests_to(served.port)
        asking = [("gateway", through.send, _through_gateway), ("straight", straight.send, _direct)]
        for name, send, said in asking:
            await _measure(name, queries, send, said)  # warm-up: Elasticsearch compiles hot code
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
    """The same client for both, so that it costs both the same."""
    requests = ElasticsearchRequests()
    requests.leads_to("127.0.0.1", port)
    return requests


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


async def _first_search_matches(queries: list[JudgedQuery]) -> list[JudgedQuery]:
    """The queries that a product matches without a second search."""
    requests = ElasticsearchRequests()
    answers = [read_response(await requests.send("POST", *_direct(each.query))) for each in queries]
    await requests.close()
    found = [each for each, answer in zip(queries, answers, strict=True) if answer.found]
    print(f"{len(found)} of {len(queries)} queries match in the first search")
    return found


Send = Callable[[str, str, bytes], Awaitable[bytes]]
Said = Callable[[str], tuple[str, bytes]]


async def _measure(name: str, queries: list[JudgedQuery], send: Send, said: Said) -> Measure:
    bodies = cycle([said(each.query) for each in queries])

    async def once() -> None:
        path, body = next(bodies)
        answer = await send("POST", path, body)
        if b'"errors"' in answer or len(answer) < 50:
            raise SystemExit(f"{name}: {answer[:300]!r}")

    return await busy(name, [once] * CLIENTS, warm_up_s=2.0, seconds=SECONDS)


def _through_gateway(text: str) -> tuple[str, bytes]:
    return "/graphql", json.dumps({"query": QUERY, "variables": {"text": text}}).encode()


def _direct(text: str) -> tuple[str, bytes]:
    part, wanted = Part(PAGE + 1, None, False), ProductQuery(text=text)
    body = search_body(wanted, ProductSort.RELEVANCE, part, catalogue.synonyms())
    return f"/{SEARCH_INDEX}/_search", encode(body)


if __name__ == "__main__":
    with running("kafka", "elasticsearch", "postgres", "redis"):
        asyncio.run(main())
