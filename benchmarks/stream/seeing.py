"""Measures when an order arrives: at a plain consumer that has all its records, and in the read model.

The read model notifies by a trigger on `sales_order` that this benchmark adds: so there is no polling, and the cost of
the trigger counts against the worker.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from time import perf_counter

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.measures import Measure
from benchmarks.stream import read_model
from benchmarks.stream.shop import LINES
from chassis import addresses
from contracts.orders import ORDER, ORDER_DETAIL

_TRIGGER = """
CREATE FUNCTION tell_shown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('shown', NEW.order_id::text); RETURN NULL; END $$;
CREATE TRIGGER tell_shown AFTER INSERT ON sales_order FOR EACH ROW EXECUTE FUNCTION tell_shown();
"""


class _Key(msgspec.Struct):
    order_id: str


_key = msgspec.json.Decoder(_Key)


class Arrivals:
    """The times at which orders arrived, by order id (`perf_counter`)."""

    def __init__(self, committed_at: Mapping[str, float]) -> None:
        self._committed_at = committed_at
        self._records: Counter[str] = Counter()
        self._consumed_at: dict[str, float] = {}
        self._visible_at: dict[str, float] = {}
        self._everything: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._measured_until = 0

    async def everything_of(self, order_id: str) -> None:
        """Wait until an order is consumed and visible. Raises TimeoutError."""
        await asyncio.wait_for(self._everything[order_id].wait(), 60)

    def measured(self, name: str) -> tuple[Measure, Measure]:
        """The latencies of both paths for the orders since the last call."""
        orders = list(self._committed_at)[self._measured_until :]
        self._measured_until += len(orders)
        times = [self._committed_at[order] for order in orders]
        return (
            self._measure(f"{name} raw", orders, times, self._consumed_at),
            self._measure(f"{name} shown", orders, times, self._visible_at),
        )

    def _measure(self, name: str, orders: list[str], times: list[float], seen: Mapping[str, float]) -> Measure:
        latencies_ms = [(seen[order] - began) * 1000 for order, began in zip(orders, times, strict=True)]
        return Measure(name=name, done=len(orders), seconds=max(times) - min(times), latencies_ms=latencies_ms)

    async def consume(self, consumer: AIOKafkaConsumer) -> None:
        """Record an order as consumed with its last record."""
        async for record in consumer:
            order_id = _key.decode(record.key).order_id
            self._records[order_id] += 1
            if self._records[order_id] == 1 + LINES:
                self._consumed_at[order_id] = perf_counter()
                self._note(order_id)

    def notified(self, *notification: object) -> None:
        """Record an order as visible in the read model."""
        order_id = str(notification[-1])
        self._visible_at[order_id] = perf_counter()
        self._note(order_id)

    def _note(self, order_id: str) -> None:
        if order_id in self._consumed_at and order_id in self._visible_at:
            self._everything[order_id].set()


@asynccontextmanager
async def seeing(committed_at: Mapping[str, float]) -> AsyncIterator[Arrivals]:
    """Record the arrivals on both paths while the block runs."""
    seen = Arrivals(committed_at)
    consumer = AIOKafkaConsumer(bootstrap_servers=addresses.address("kafka"), auto_offset_reset="latest")
    await consumer.start()
    names = (ORDER.name, ORDER_DETAIL.name)
    consumer.assign([TopicPartition(name, number) for name in names for number in range(ORDER.partitions)])
    await consumer.seek_to_end()
    consuming = asyncio.create_task(seen.consume(consumer))
    async with read_model.connected() as connection:
        await connection.execute(_TRIGGER)
        await connection.add_listener("shown", seen.notified)
        try:
            yield seen
        finally:
            consuming.cancel()
            await consumer.stop()
