"""A thousand stores that sell and beat, as rows on the topics, written as Kafka Connect would write them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from random import choice
from time import monotonic
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer

from contracts.inventory.availability import AVAILABILITY, AvailabilityRow
from contracts.rows import Row
from contracts.stores import STOCK, STORE_HEARTBEAT, StockRow, StoreHeartbeatRow, stock_id
from contracts.topics import Topic

STORES = [f"store-{number:04}" for number in range(1000)]
SKUS = [f"NW-{number:04}" for number in range(20)]
UNITS = 10**6
BEAT_S = 10
"""How often each store beats."""

TICK_S = 0.1

_encode = msgspec.json.Encoder(decimal_format="string").encode


class Edge:
    """The stores: the newest version of each stock, and the last beat of each store."""

    def __init__(self, producer: AIOKafkaProducer, stocks_per_s: int) -> None:
        self._producer, self._stocks_per_tick = producer, int(stocks_per_s * TICK_S)
        self.versions: dict[str, int] = {}
        self.beaten: dict[str, datetime] = {}
        self._next = 0

    async def open(self) -> None:
        """Give each SKU to each store, and let each beat."""
        for store_id in STORES:
            for sku in SKUS:
                await self._move(store_id, sku)
            await self._beat(store_id)
        await self._producer.flush()

    async def sell(self, seconds: float) -> None:
        """Sell and beat at the rate for this long. Raises RuntimeError if the producer is too slow for it."""
        began = monotonic()
        for tick in range(int(seconds / TICK_S)):
            await asyncio.sleep(max(0.0, began + tick * TICK_S - monotonic()))
            for _ in range(self._stocks_per_tick):
                await self._move(choice(STORES), choice(SKUS))
            for _ in range(int(len(STORES) / BEAT_S * TICK_S)):
                await self._beat(STORES[self._next % len(STORES)])
                self._next += 1
        await self._producer.flush()
        if (took_s := monotonic() - began) > seconds + 1:
            raise RuntimeError(f"the stores took {took_s:.1f} s for the rows of {seconds} s")

    async def _move(self, store_id: str, sku: str) -> None:
        """A change of a stock, and that of central's row, which Connect publishes a moment later."""
        key, moment = stock_id(store_id, sku), datetime.now(UTC)
        version = self.versions[key] = self.versions.get(key, 0) + 1
        units: dict[str, Any] = {"stock_id": key, "store_id": store_id, "sku": sku, "on_hand": UNITS - version}
        units |= {"unsellable": 0, "committed": 0, "updated_at": moment, "version": version}
        await self._send(STOCK, StockRow(movements=version, **units))
        await self._send(AVAILABILITY, AvailabilityRow(reserved=0, safety_margin=3, stock_version=version, **units))

    async def _beat(self, store_id: str) -> None:
        moment = self.beaten[store_id] = datetime.now(UTC)
        await self._send(
            STORE_HEARTBEAT, StoreHeartbeatRow(store_id=store_id, beaten_at=moment, version=1 + self._next)
        )

    async def _send(self, topic: Topic[Any], row: Row) -> None:
        await self._producer.send(topic.name, _encode(row), key=_encode({topic.key: getattr(row, topic.key)}))
