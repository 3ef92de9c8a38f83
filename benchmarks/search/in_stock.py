"""python -m benchmarks.search.in_stock [PRODUCTS] [SECONDS]: searches by stock, against the same searches without.

A page of 24 products with facets, through the gateway with 32 clients; with the stock, also filtered by store and by in
stock, with the facets of both. Four of five products are in stock, each in one to three of twenty stores.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Mapping
from itertools import cycle

import msgspec
from elasticsearch import AsyncElasticsearch

from benchmarks.clients import busy
from benchmarks.gateway import variants
from benchmarks.measures import Measure, middle_per_second, ratio
from benchmarks.search import catalogue
from benchmarks.servers import running
from benchmarks.stream import read_model
from chassis.databases import elasticsearch
from chassis.databases.elasticsearch_requests import ElasticsearchRequests
from contracts import json_text
from contracts.products import SEARCH_INDEX, StockedProduct
from products.indexing import search

CLIENTS = 32
ROUNDS = 2
STORES = [f"store-{number}" for number in range(20)]
TEXTS = [row.name for row in catalogue.rows()[::9]]
"""Names, which match as written: for others, the gateway sends further searches."""

_PAGE = """query Search($text: String!%s) { products(text: $text, first: 24%s) {
  nodes { sku name price { amount currency } } totalCount
  facets { categories { slug count } types { value count }%s } } }"""
WITHOUT = _PAGE % ("", "", "")
WITH = _PAGE % (
    ", $filter: ProductFilter",
    ", filter: $filter",
    " stores { storeId count } inStock { value count }",
)


def products(count: int) -> list[StockedProduct]:
    """Copies of the products of the sample company, with the same stock in each run."""
    chance, rows = random.Random(7), cycle(catalogue.rows())
    return [
        msgspec.structs.replace(
            StockedProduct.of(next(rows), json_text.to_json_text(_stores(chance)), 1), sku=f"S-{number:06}"
        )
        for number in range(count)
    ]


def _stores(chance: random.Random) -> list[str]:
    return sorted(chance.sample(STORES, chance.randint(1, 3))) if chance.random() < 0.8 else []


async def main(count: int, seconds: float) -> None:
    """Fill the index, measure both alternately, and print the ratio."""
    await read_model.empty()
    client = elasticsearch.client()
    await _fill(client, products(count))
    await client.close()
    with variants.running(("gateway",)) as [served]:
        requests = ElasticsearchRequests()
        requests.leads_to("127.0.0.1", served.port)
        sides = {"without": _bodies(WITHOUT, {}), "with stock": _bodies(WITH, _FILTER)}
        runs: dict[str, list[Measure]] = {name: [] for name in sides}
        for number in range(-1, ROUNDS):  # the first round is a warm-up: Elasticsearch compiles hot code
            for name in sides if number % 2 == 0 else reversed(sides):
                measured = await _measure(name, requests, sides[name], seconds)
                if number >= 0:
                    runs[name].append(measured)
                    print(measured.line("searches"))
        await requests.close()
    print(ratio("search-with-stock-to-without", _reached(runs), 0.80))


_FILTER = {"filter": {"inStock": True, "availableAt": STORES[:5]}}


async def _fill(client: AsyncElasticsearch, rows: list[StockedProduct]) -> None:
    await search.make_index(client, replicas=0)
    for first in range(0, len(rows), 2000):
        await search.write(client, rows[first : first + 2000])
    await client.indices.refresh(index=SEARCH_INDEX)


def _bodies(document: str, variables: Mapping[str, object]) -> list[bytes]:
    return [json.dumps({"query": document, "variables": {"text": text, **variables}}).encode() for text in TEXTS]


async def _measure(name: str, requests: ElasticsearchRequests, sent: list[bytes], seconds: float) -> Measure:
    bodies = cycle(sent)

    async def once() -> None:
        answer = await requests.send("POST", "/graphql", next(bodies))
        if b'"errors"' in answer or b'"nodes":[{' not in answer:
            raise SystemExit(f"{name}: {answer[:300]!r}")

    return await busy(name, [once] * CLIENTS, warm_up_s=2.0, seconds=seconds)


def _reached(runs: dict[str, list[Measure]]) -> float:
    return middle_per_second(runs["with stock"]) / middle_per_second(runs["without"])


if __name__ == "__main__":
    with running("kafka", "elasticsearch", "postgres", "redis"):
        os.environ["OMS_ELASTICSEARCH_TIMEOUT_S"] = "30"  # a busy machine is slow, which is measured
        asyncio.run(main(int([*sys.argv, "10000"][1]), float([*sys.argv, "", "8"][2] or 8)))
