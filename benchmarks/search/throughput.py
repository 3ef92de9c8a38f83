"""Searches per second through the gateway, against the same searches sent directly to Elasticsearch."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import cycle

from benchmarks.clients import busy
from benchmarks.gateway import variants
from benchmarks.measures import Measure, middle_per_second, ratio
from benchmarks.search import catalogue
from benchmarks.search.judgements import JudgedQuery
from chassis.databases.elasticsearch_requests import ElasticsearchRequests
from contracts.products import SEARCH_INDEX
from search.pagination import encode
from search.request import NO_EXTRAS, OF_THE_CATALOGUE, Extras, Part, ProductQuery, ProductSort
from search.request import search as search_body
from search.response import read_response

CLIENTS = 32
ROUNDS = 2
SECONDS = 8.0

_LIST = """query Search($text: String!) { products(text: $text, first: 10) {
  nodes { sku name price { amount currency } categories { name } } } }"""
_PAGE = """query SearchPage($text: String!) { products(text: $text, first: 24) {
  edges { highlights { field fragments } node { sku name price { amount currency } categories { name } } }
  totalCount didYouMean
  facets { categories { slug count } types { value count } prices { currency count } } } }"""


@dataclass(frozen=True)
class Shape:
    """What is asked for: a GraphQL document, and the same for Elasticsearch."""

    name: str
    document: str
    size: int
    extras: Extras
    goal: float

    def through_gateway(self, text: str) -> tuple[str, bytes]:
        """The path and body of a request to the gateway."""
        return "/graphql", json.dumps({"query": self.document, "variables": {"text": text}}).encode()

    def straight(self, text: str) -> tuple[str, bytes]:
        """The path and body of a request to Elasticsearch."""
        part, wanted = Part(self.size + 1, None, False), ProductQuery(text=text)
        body = search_body(wanted, ProductSort.RELEVANCE, part, catalogue.synonyms(), self.extras)
        return f"/{SEARCH_INDEX}/_search", encode(body)


PAGE = Shape(
    "search-page-to-elasticsearch", _PAGE, 24, Extras(OF_THE_CATALOGUE, is_counted=True, is_highlighted=True), 0.85
)
LIST = Shape("search-to-elasticsearch", _LIST, 10, NO_EXTRAS, 0.85)

Send = Callable[[str, str, bytes], Awaitable[bytes]]
Request = Callable[[str], tuple[str, bytes]]


async def measure_throughput(queries: list[JudgedQuery]) -> None:
    """Measure both shapes alternately, in two rounds, and print the ratios."""
    queries = await _matched_as_written(queries)
    with variants.running(("gateway",)) as [served]:
        straight, through = ElasticsearchRequests(), ElasticsearchRequests()  # the same client costs both the same
        through.leads_to("127.0.0.1", served.port)
        for shape in (PAGE, LIST):
            sides = [("gateway", through.send, shape.through_gateway), ("straight", straight.send, shape.straight)]
            for side in sides:
                await _measure(*side, queries)  # warm-up: Elasticsearch compiles hot code
            runs: dict[str, list[Measure]] = {"gateway": [], "straight": []}
            for number in range(ROUNDS):
                for name, send, request in sides if number % 2 == 0 else reversed(sides):
                    runs[name].append(await _measure(name, send, request, queries))
                    print(runs[name][-1].line("searches"))
            reached = middle_per_second(runs["gateway"]) / middle_per_second(runs["straight"])
            print(ratio(shape.name, reached, shape.goal))
        await straight.close()
        await through.close()


async def _matched_as_written(queries: list[JudgedQuery]) -> list[JudgedQuery]:
    """The queries that a product matches without a second search."""
    requests = ElasticsearchRequests()
    answers = [read_response(await requests.send("POST", *LIST.straight(each.query))) for each in queries]
    await requests.close()
    found = [each for each, answer in zip(queries, answers, strict=True) if answer.found]
    print(f"{len(found)} of {len(queries)} queries match in the first search")
    return found


async def _measure(name: str, send: Send, request: Request, queries: list[JudgedQuery]) -> Measure:
    bodies = cycle([request(each.query) for each in queries])

    async def once() -> None:
        path, body = next(bodies)
        answer = await send("POST", path, body)
        if b'"errors"' in answer or len(answer) < 50:
            raise SystemExit(f"{name}: {answer[:300]!r}")

    return await busy(name, [once] * CLIENTS, warm_up_s=2.0, seconds=SECONDS)
