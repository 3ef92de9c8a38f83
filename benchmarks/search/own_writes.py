"""How soon a search shows a client's own write, against how soon the read model shows an order, by the whole stack.

python -m benchmarks.search.own_writes [--writers 32] [--pairs 500] [--rounds 2] [--products 5000]
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import uvloop

from benchmarks import servers
from benchmarks.measures import Measure, ratio
from chassis import addresses
from local.programs import GROUPS

WARM_UP_PAIRS = 300

_ORDER = "query ($id: ID!) { order(id: $id) { id version } }"
_PRODUCT = "query ($sku: String!) { product(sku: $sku) { sku version } }"
_SEARCH = "query ($text: String!) { products(text: $text, first: 5) { nodes { sku version } } }"


@dataclass
class Reads:
    """The latencies of the reads that showed the write, and how many were refused or did not show it."""

    latencies_ms: list[float] = field(default_factory=list)
    refused: int = 0
    missed: int = 0
    began: float = field(default_factory=perf_counter)

    @property
    def pairs(self) -> int:
        """All pairs of a write and a read."""
        return len(self.latencies_ms) + self.refused + self.missed

    def measure(self, name: str) -> Measure:
        """The reads that showed the write."""
        seconds = perf_counter() - self.began
        return Measure(name=name, done=len(self.latencies_ms), seconds=seconds, latencies_ms=self.latencies_ms)


class Shop:
    """Writes to the services, each followed by a read with its token. A customer and a product are there already."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._line: dict[str, Any] = {}
        self._customer = ""
        self._sku = ""
        self._versions = count(1)

    async def open(self, products: int) -> None:
        """Create a customer with an address, the product of all orders, and many other products."""
        person = {"name": "Ana", "lastName": "Trujillo", "email": f"{uuid4()}@example.com"}
        customer = (await self._write("POST", "customers", "/customers", person)).json()
        place = {"street": "Avda. de la Constitución", "number": "2222", "city": "México D.F.", "country": "MX"}
        path = f"/customers/{customer['id']}/addresses"
        address = (await self._write("POST", "customers", path, place)).json()
        self._customer, self._sku = customer["id"], _sku()
        await self._write("POST", "products", "/products", _product(self._sku))
        self._line = {"sku": self._sku, "quantity": 1, "deliveryAddressId": address["id"]}
        lines = b"".join(msgspec.json.encode(_product(_sku())) + b"\n" for _ in range(products))
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": str(uuid4())}
        stored = await self._http.post(_url("products", "/products/bulk"), content=lines, headers=headers)
        stored.raise_for_status()

    async def order(self, reads: Reads) -> None:
        """Place an order and read it."""
        body = {"customerId": self._customer, "lines": [self._line]}
        placed = await self._write("POST", "orders", "/orders", body)
        wanted = {"id": placed.json()["id"], "version": 1}
        await self._read(reads, placed, _ORDER, {"id": wanted["id"]}, lambda data: data["order"] == wanted)

    async def read_product(self, reads: Reads) -> None:
        """Create a product and read it from the read model."""
        sku = _sku()
        created = await self._write("POST", "products", "/products", _product(sku))
        wanted = {"sku": sku, "version": 1}
        await self._read(reads, created, _PRODUCT, {"sku": sku}, lambda data: data["product"] == wanted)

    async def new_product(self, reads: Reads) -> None:
        """Create a product and search for it."""
        sku = _sku()
        created = await self._write("POST", "products", "/products", _product(sku))
        await self._search(reads, created, sku, 1)

    async def changed_product(self, reads: Reads) -> None:
        """Change the product that all orders have, which others change too, and search for that version or a later."""
        body = {"description": f"The price of today is {uuid4()}"}
        changed = await self._write("PATCH", "products", f"/products/{self._sku}", body)
        await self._search(reads, changed, self._sku, changed.json()["version"])

    async def _search(self, reads: Reads, written: httpx.Response, sku: str, version: int) -> None:
        def is_shown(data: Any) -> bool:
            return any(each["sku"] == sku and each["version"] >= version for each in data["products"]["nodes"])

        await self._read(reads, written, _SEARCH, {"text": sku}, is_shown)

    async def _write(self, method: str, service: str, path: str, body: dict[str, Any]) -> httpx.Response:
        """The response to a write, repeated while the service has too much to do or misses a product."""
        headers = {"Idempotency-Key": str(uuid4())}
        if method == "PATCH":
            headers |= {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
        for _ in range(100):
            written = await self._http.request(
                method, _url(service, path), content=msgspec.json.encode(body), headers=_JSON | headers
            )
            if written.status_code != 503:
                return written.raise_for_status()
            await asyncio.sleep(0.1)
        raise SystemExit(written.text)

    async def _read(
        self,
        reads: Reads,
        written: httpx.Response,
        query: str,
        variables: dict[str, Any],
        is_shown: Callable[[Any], bool],
    ) -> None:
        body = msgspec.json.encode({"query": query, "variables": variables})
        headers = {**_JSON, "Consistency-Token": written.headers["Consistency-Token"]}
        began = perf_counter()
        answer = (await self._http.post(_url("gateway", "/graphql"), content=body, headers=headers)).json()
        took_ms = (perf_counter() - began) * 1000
        if "errors" in answer:
            if answer["errors"][0]["extensions"]["code"] not in ("NOT_YET_CONSISTENT", "UNAVAILABLE"):
                raise SystemExit(str(answer)[:500])
            reads.refused += 1
        elif is_shown(answer["data"]):
            reads.latencies_ms.append(took_ms)
        else:
            reads.missed += 1


Pair = Callable[[Reads], Awaitable[None]]

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


async def measured(options: argparse.Namespace) -> dict[str, list[Reads]]:
    """The reads of each kind of pair, measured alternately."""
    limits = httpx.Limits(max_connections=options.writers, max_keepalive_connections=options.writers)
    async with httpx.AsyncClient(timeout=60, verify=False, limits=limits) as http:
        shop = Shop(http)
        await shop.open(options.products)
        pairs: dict[str, Pair] = {
            "order": shop.order,
            "product": shop.read_product,
            "new": shop.new_product,
            "changed": shop.changed_product,
        }
        for pair in pairs.values():
            await _run(pair, options.writers, WARM_UP_PAIRS)
        found: dict[str, list[Reads]] = {name: [] for name in pairs}
        for _ in range(options.rounds):
            for name, pair in pairs.items():
                reads = await _run(pair, options.writers, options.pairs)
                print(reads.measure(name).line("pairs"), f"  {reads.refused} refused, {reads.missed} missed")
                found[name].append(reads)
        return found


async def _run(pair: Pair, writers: int, pairs: int) -> Reads:
    reads, numbers = Reads(), iter(range(pairs))

    async def write() -> None:
        for _ in numbers:
            await pair(reads)

    await asyncio.gather(*(write() for _ in range(writers)))
    return reads


def report(found: dict[str, list[Reads]]) -> None:
    """Print the share of reads that showed the write in time, and the ratios of the medians."""
    for name in ("new", "changed"):
        shown = sum(len(each.latencies_ms) for each in found[name]) / sum(each.pairs for each in found[name])
        print(ratio(f"search-of-{name}-products-in-time", shown, 1.0))
        print(ratio(f"order-to-search-of-{name}-products-p50", _p50(found["order"]) / _p50(found[name]), 1 / 3))


def _p50(runs: list[Reads]) -> float:
    latencies = [each for run in runs for each in run.latencies_ms]
    return Reads(latencies).measure("all").percentile_ms(0.5)


def _sku() -> str:
    return f"B-{uuid4().hex[:12]}"


def _product(sku: str) -> dict[str, Any]:
    return {"sku": sku, "name": f"Thing {sku}", "price": "12.50", "currency": "USD"}


def _url(service: str, path: str) -> str:
    return addresses.url(service) + path


def main() -> None:
    """Start everything, measure, print the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search.own_writes", description=__doc__)
    parser.add_argument("--writers", type=int, default=32, help="clients that write and read")
    parser.add_argument("--pairs", type=int, default=500, help="writes in each round, each with its read")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each kind")
    parser.add_argument("--products", type=int, default=5000, help="other products in the index")
    options = parser.parse_args()
    with servers.running(*GROUPS):
        report(uvloop.run(measured(options)))


if __name__ == "__main__":
    main()
