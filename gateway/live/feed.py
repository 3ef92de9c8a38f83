"""The one reader of `orders-graph` in a process: every new version of an order, for all who listen.

At the start it reads the whole topic, which is compacted, to know the version of each order: so it can tell a new
version from one that is told again. Nobody is told anything before it has come to the end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka import partitions_of, reader
from chassis.logs import logger
from contracts.orders_graph import ORDERS_GRAPH
from gateway.listening import Heard, Listening
from gateway.live.change import Told
from gateway.live.versions import Versions

log = logger(__name__)

MOST_RECENT = 5_000
"""So many changes are kept at hand for those who come back after a moment."""

MOST_RECENT_BYTES = 64 * 1024 * 1024
"""And so many bytes of them: a large order's document has some MB."""

Listener = Callable[[Told], Awaitable[None]]
"""Is told a change. The next one is read when it returns, so the feed is never ahead of what everybody was told."""


class _Head(msgspec.Struct, frozen=True):
    id: UUID
    version: int


_head = msgspec.json.Decoder(_Head).decode


class Feed:
    """Reads the log. `next_offsets` is how far; `recent` are the last changes, all of those behind `floor`."""

    def __init__(self, listener: Listener, lost: Callable[[], None], most_orders: int) -> None:
        """`lost` is called when the log is another one now, and no place in it means anything any more."""
        self._listener = listener
        self._lost = lost
        self._most_orders = most_orders
        self._listening = Listening("the changes of orders", self._listen)
        self._versions = Versions(0, 0)
        self._ends: list[int] = []
        self.next_offsets: list[int] = []
        self.floor: list[int] = []
        self.recent: deque[Told] = deque()
        self._recent_bytes = 0
        self.has_caught_up = asyncio.Event()
        self._has_moved = asyncio.Event()

    def start(self) -> None:
        """Read from now on, also when Kafka is away for a while. To be told so again changes nothing."""
        self._listening.start()

    async def close(self) -> None:
        """Read no more."""
        await self._listening.close()

    def was_new(self, partition: int, offset: int) -> bool:
        """Whether a record that was read told a new version."""
        return self._versions.was_new(partition, offset)

    async def reaches(self, offsets: Sequence[int], timeout_s: float) -> bool:
        """Wait until it was read that far. False when it is not in time: there is no such place, or Kafka is away."""
        try:
            async with asyncio.timeout(timeout_s):
                while any(at > here for at, here in zip(offsets, self.next_offsets, strict=False)):
                    self._has_moved.clear()
                    await self._has_moved.wait()
        except TimeoutError:
            return False
        return True

    async def _listen(self, heard: Heard) -> None:
        async with reader() as consumer:
            await self._begin(consumer)
            heard()
            await self._read(consumer)

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        partitions = sorted(each.partition for each in await partitions_of([ORDERS_GRAPH.name]))
        places = [TopicPartition(ORDERS_GRAPH.name, each) for each in partitions]
        ends = await consumer.end_offsets(places)
        if len(partitions) != len(self.next_offsets) or any(
            ends[place] < at for place, at in zip(places, self.next_offsets, strict=True)
        ):
            # The first time; or there are more partitions now, or the topic was made anew.
            self._versions = Versions(len(partitions), self._most_orders)
            self.next_offsets, self.floor = [0] * len(partitions), [0] * len(partitions)
            self.recent.clear()
            self._lost()
            self.has_caught_up.clear()
        consumer.assign(places)
        for place, at in zip(places, self.next_offsets, strict=True):
            consumer.seek(place, at)
        self._ends = [ends[place] for place in places]

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        while len(consumer.partitions_for_topic(ORDERS_GRAPH.name) or ()) in (0, len(self.next_offsets)):
            self._look_whether_caught_up()
            for place, records in (await consumer.getmany(timeout_ms=1000)).items():
                for number, record in enumerate(records):
                    await self._take(place.partition, record)
                    if number % 100 == 99:
                        await asyncio.sleep(0)  # there are requests to be answered, too
            await self._pass_gaps(consumer)
            self._has_moved.set()

    async def _pass_gaps(self, consumer: AIOKafkaConsumer) -> None:
        """The end of a compacted partition may have no record before it."""
        for place in consumer.assignment():
            at = await consumer.position(place)
            self.next_offsets[place.partition] = max(self.next_offsets[place.partition], at)

    def _look_whether_caught_up(self) -> None:
        if all(at >= end for at, end in zip(self.next_offsets, self._ends, strict=True)):
            self.has_caught_up.set()

    async def _take(self, partition: int, record: Any) -> None:
        self.next_offsets[partition] = record.offset + 1
        if record.value is None:
            return
        try:
            head = _head(record.value)
            if self._versions.is_new(partition, record.offset, head.id, head.version):
                await self._tell(Told(partition, record.offset, record.value, tuple(self.next_offsets)))
        except msgspec.MsgspecError as error:
            log.warning("a change that cannot be read", partition=partition, offset=record.offset, reason=str(error))

    async def _tell(self, told: Told) -> None:
        self._recent_bytes = told.size + (self._recent_bytes if self.recent else 0)
        self.recent.append(told)
        while len(self.recent) > MOST_RECENT or self._recent_bytes > MOST_RECENT_BYTES:
            oldest = self.recent.popleft()
            self._recent_bytes -= oldest.size
            self.floor[oldest.partition] = oldest.offset + 1
        if self.has_caught_up.is_set():
            await self._listener(told)
