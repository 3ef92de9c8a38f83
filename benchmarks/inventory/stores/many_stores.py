"""A thousand stores and one worker of `inventory`: its share of a core, and how late it knows that a store is alive."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic

import psutil
from aiokafka import AIOKafkaProducer

from benchmarks.inventory import central
from benchmarks.inventory.stores.edge import BEAT_S, SKUS, STORES, Edge
from benchmarks.measures import ratio
from benchmarks.processes import service
from chassis import addresses
from chassis.databases.mysql import Database
from inventory.settings import STORE_STALE_S
from oms.prepare.topics import create_topics

LOOK_S = 0.25
PATIENCE_S = 120

_FRESH = "SELECT store_id, fresh_until FROM store WHERE store_id LIKE 'store-%%'"
_VERSIONS = "SELECT stock_id, stock_version, on_hand FROM availability WHERE store_id LIKE 'store-%%'"


class Watch:
    """Looks at what central knows of the stores, as a reader of `stale` does."""

    def __init__(self, inventory: Database, edge: Edge) -> None:
        self._inventory, self._edge = inventory, edge
        self.worst_s, self.looks, self.stale = 0.0, 0, 0

    async def look(self) -> None:
        """Note how old the oldest beat is that central has not noted: its store becomes stale so much too early."""
        beaten = dict(self._edge.beaten)
        fresh = await fresh_until(self._inventory)
        now = datetime.now(UTC)
        late_s = [(now - beat).total_seconds() for store_id, beat in beaten.items() if fresh[store_id] < beat]
        self.worst_s = max(self.worst_s, *late_s, 0.0)
        self.stale += sum((now - each).total_seconds() > STORE_STALE_S for each in fresh.values())
        self.looks += 1

    async def keep(self) -> None:
        """Look until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)


async def measure_many_stores(options: Namespace) -> None:
    """1,000 stock rows and 100 beats a second. Raises RuntimeError if a row is lost, or a store that beats is stale."""
    await create_topics()
    async with central.opened() as inventory, producer() as out:
        edge = Edge(out, options.stock_rows)
        with service("inventory.worker", "inventory_worker", {}) as worker:
            await edge.open()
            await _until_known(inventory, edge)
            process, watch = psutil.Process(worker.pid), Watch(inventory, edge)
            began, before_s = monotonic(), sum(process.cpu_times()[:2])
            looking = asyncio.create_task(watch.keep())
            await edge.sell(options.stores_seconds)
            took_s, cpu_s = monotonic() - began, sum(process.cpu_times()[:2]) - before_s
            if looking.done():
                looking.result()
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await _until_known(inventory, edge)
    share = cpu_s / took_s
    print(
        f"{len(STORES)} stores, {options.stock_rows} stock rows and {len(STORES) / BEAT_S:.0f} beats a second for"
        f" {took_s:.0f} s: {share:.2f} of a core, a beat noted"
        f" after {watch.worst_s:.2f} s at most ({watch.looks} looks)"
    )
    if watch.stale or not watch.looks:
        raise RuntimeError(f"stores that beat were marked as stale {watch.stale} times in {watch.looks} looks")
    print(ratio("many-stores-half-a-core-to-worker", 0.5 / share, 1))
    print(ratio("many-stores-second-to-worst-staleness", 1 / watch.worst_s if watch.worst_s else 1000, 1))


@asynccontextmanager
async def producer() -> AsyncIterator[AIOKafkaProducer]:
    """A producer that batches as Connect's does."""
    out = AIOKafkaProducer(bootstrap_servers=addresses.address("kafka"), linger_ms=5)
    await out.start()
    try:
        yield out
    finally:
        await out.stop()


async def fresh_until(inventory: Database) -> dict[str, datetime]:
    """Up to when central has what each store wrote."""
    async with inventory.reading() as connection:
        rows = await connection.fetch_all(_FRESH)
    return {row["store_id"]: row["fresh_until"].replace(tzinfo=UTC) for row in rows if row["fresh_until"]}


async def _until_known(inventory: Database, edge: Edge) -> None:
    """Return once central has the newest row of each stock and the last beat of each store."""
    deadline = monotonic() + PATIENCE_S
    while monotonic() < deadline:
        async with inventory.reading() as connection:
            rows = await connection.fetch_all(_VERSIONS)
        known = {row["stock_id"]: row["stock_version"] for row in rows}
        if known == edge.versions and await fresh_until(inventory) == edge.beaten:
            return
        await asyncio.sleep(0.5)
    raise RuntimeError(f"after {PATIENCE_S} s, central has not the newest rows of {len(STORES) * len(SKUS)} stocks")
