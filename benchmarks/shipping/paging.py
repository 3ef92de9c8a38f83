"""Pages at the end of a list of many shipments against pages at its beginning, of REST and of GraphQL."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from statistics import median
from typing import Any

import httpx
import msgspec

from benchmarks.measures import Measure, ratio
from benchmarks.processes import service
from benchmarks.shipping import database
from benchmarks.shipping.histories import shipment_id
from benchmarks.shipping.pages import Load, Page
from benchmarks.shipping.projecting import delivered
from benchmarks.stream import read_model
from chassis import addresses
from chassis.databases import elasticsearch
from chassis.databases.postgres_upserts import Upsert
from contracts.shipping import SHIPMENT
from oms.prepare.topics import create_topics
from products.indexing import freshness, search

WARM_UP_S = 1
SIZE = 50
PAGES = 20
"""At each end of the list: as many different ones are read."""

BEGINNING, END = "beginning", "end"

_QUERY = """
query ($first: Int, $after: String, $last: Int, $before: String) {
  shipments(first: $first, after: $after, last: $last, before: $before, sort: PLANNED_AT_ASC) {
    nodes { id status location lines { sku quantity } parcels { carrier trackingNumber } }
    pageInfo { startCursor endCursor }
  }
}
"""

Pages = dict[str, list[Page]]


async def measure_pages(options: Namespace) -> None:
    """Both APIs, each with its own database. Raises RuntimeError if a page has other shipments than it should."""
    await _fill(options.listed)
    with service("shipping.api", "shipping", {}), service("gateway.api", "gateway", {}):
        async with httpx.AsyncClient(timeout=30) as http:
            found = {"shipping": await _pages_of_rest(http, options.listed), "gateway": await _pages_of_graphql(http)}
        for name, pages in found.items():
            _check(pages, options.listed)
            runs: dict[str, list[Measure]] = {BEGINNING: [], END: []}
            for _ in range(options.rounds):
                for where, into in runs.items():
                    into.append(_run(Load(f"{name} {where}", addresses.port(name), pages[where]), options))
                    print(into[-1].line("pages"), flush=True)
            rate = {where: median(run.per_second for run in some) for where, some in runs.items()}
            print(ratio(f"{name}-end-of-list-to-beginning", rate[END] / rate[BEGINNING], 0.8))


async def _fill(shipments: int) -> None:
    async with database.opened() as shipping:
        await database.empty(shipping)
        await database.insert(shipping, range(shipments), whole=False)
        async with shipping.reading() as connection:
            await connection.fetch_all("ANALYZE TABLE shipment")
    await create_topics()
    async with elasticsearch.client() as client:
        await search.make_index(client, replicas=0)
        await freshness.make_index(client, replicas=0)
    await read_model.empty()
    statement, numbers = Upsert("shipment", SHIPMENT), iter(range(shipments))
    async with read_model.connected() as connection:
        while some := [delivered(number) for number in islice(numbers, 1000)]:
            await connection.execute(statement.sql, *statement.arrays(some))
        await connection.execute("VACUUM (FREEZE, ANALYZE) shipment")


async def _pages_of_rest(http: httpx.AsyncClient, shipments: int) -> Pages:
    """The list is read from the beginning to the end, since only its pages lead to the next."""
    found = [page async for page in _walked(http)]
    if len(found) != -(-shipments // SIZE):
        raise RuntimeError(f"the list has {len(found)} pages")
    return {BEGINNING: found[:PAGES], END: found[-PAGES:]}


async def _walked(http: httpx.AsyncClient) -> AsyncIterator[Page]:
    cursor: str | None = ""
    while cursor is not None:
        path = f"/shipments?limit={SIZE}" + (f"&cursor={cursor}" if cursor else "")
        answer = (await http.get(addresses.url("shipping") + path)).raise_for_status().json()
        yield Page([each["id"] for each in answer["items"]], path=path)
        cursor = answer["nextCursor"]


async def _pages_of_graphql(http: httpx.AsyncClient) -> Pages:
    last = await _asked(http, last=SIZE)
    for _ in range(PAGES - 1):  # from the end backwards
        last = await _asked(http, last=SIZE, before=last["pageInfo"]["startCursor"])
    return {
        BEGINNING: [page async for page in _from(http, None)],
        END: [page async for page in _from(http, last["pageInfo"]["startCursor"])],
    }


async def _from(http: httpx.AsyncClient, after: str | None) -> AsyncIterator[Page]:
    for _ in range(PAGES):
        variables: dict[str, Any] = {"first": SIZE, "after": after}
        found = await _asked(http, **variables)
        yield Page([each["id"] for each in found["nodes"]], query={"query": _QUERY, "variables": variables})
        after = found["pageInfo"]["endCursor"]


async def _asked(http: httpx.AsyncClient, **variables: Any) -> dict[str, Any]:
    body = {"query": _QUERY, "variables": variables}
    answer = (await http.post(addresses.url("gateway") + "/graphql", json=body)).json()
    if "errors" in answer:
        raise RuntimeError(f"GraphQL answers with errors: {str(answer)[:500]}")
    found: dict[str, Any] = answer["data"]["shipments"]
    return found


def _check(pages: Pages, shipments: int) -> None:
    """Raise RuntimeError unless the pages are at both ends of the list, whose order is that of the numbers."""
    first, last = str(shipment_id(0)), str(shipment_id(shipments - 1))
    if pages[BEGINNING][0].ids[0] != first or pages[END][-1].ids[-1] != last:
        raise RuntimeError(f"the pages are not those of the ends: {pages[BEGINNING][0]}, {pages[END][-1]}")


def _run(load: Load, options: Namespace) -> Measure:
    command: Sequence[str] = [sys.executable, "-m", "benchmarks.shipping.pages"]
    times = [str(each) for each in (options.readers, WARM_UP_S, options.seconds)]
    printed = subprocess.run(
        [*command, *times], check=True, input=msgspec.json.encode(load), stdout=subprocess.PIPE
    ).stdout
    return msgspec.json.decode(printed, type=Measure)
