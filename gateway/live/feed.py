"""The one reader of `orders-graph` in a process: every new version of an order, for all who listen.

At the start it reads the whole topic, which is compacted, to know the version of each order: so it can tell a new
version from one that is told again. Nobody is told anything before it has come to the end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka.client import partitions_of, reader, records_between
from chassis.logs import logger
from contracts.orders import ORDERS_GRAPH
from gateway.listening import Heard, Listening
from gateway.live.order_event import Told
from gateway.live.stream_cursor import has_reached
from gateway.live.versions import Versions

log = logger(__name__)

MOST_RECENT = 5_000
"""So many changes are kept at hand for those who come back after a moment."""

MOST_RECENT_BYTES = 64 * 1024 * 1024
"""And so many bytes of them: a large order's document has some MB."""

LOOK_FOR_PARTITIONS_EVERY_S = 10
"""A topic may get more of them; a consumer's own way is to look every five minutes."""

Listener = Callable[[Told], Awaitable[None]]
"""Is told a change. The next one is read when it returns, so the feed is never ahead of what everybody was told."""


class _Head(msgspec.Struct, frozen=True):
    id: UUID
    version: int


_head = msgspec.json.Decoder(_Head).decode


class _AnotherLog(Exception):
    """The topic was made anew while it was read."""


class Feed:
    """Reads the log. `next_offsets` is how far; `recent` are the last changes, all of those behind `floor`."""

    def __init__(self, listener: Listener, lost: Callable[[], None], most_orders: int) -> None:
        """`lost` is called when the log is another one now, and no place in it means anything any more."""
        self._listener = listener
        self._lost = lost
        self._most_orders = most_orders
        self._listening = Listening("the changes of orders", self._listen)
        self._versions = Versions(0, most_orders)
        self._is_another = False
        self._may_have_more_partitions = False
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
        """Wait until it was read that far. False when it is not in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while not has_reached(self.next_offsets, offsets):
                    if len(offsets) > len(self.next_offsets):
                        self._may_have_more_partitions = True
                    self._has_moved.clear()
                    await self._has_moved.wait()
        except TimeoutError:
            return False
        return True

    async def ends(self) -> list[int]:
        """Where the log itself ends now. Raises KafkaError."""
        async with reader() as consumer:
            return list((await _ends(consumer)).values())

    async def _listen(self, heard: Heard) -> None:
        async with reader(metadata_max_age_ms=LOOK_FOR_PARTITIONS_EVERY_S * 1000) as consumer:
            await self._begin(consumer)
            heard()
            await self._read(consumer)

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        """Read what there is already: with more partitions, an order's newer versions may be in another one."""
        ends = await _ends(consumer)
        reached = list(ends.values())
        if self._is_another or len(ends) < len(self.next_offsets) or not has_reached(reached, self.next_offsets):
            self._forget()
        added = len(ends) - len(self.next_offsets)
        self._versions.add_partitions(added)
        self.next_offsets += [0] * added
        self.floor += [0] * added
        starts = dict(zip(ends, self.next_offsets, strict=True))
        number = 0
        async with aclosing(records_between(consumer, starts, ends)) as records:
            async for record in records:
                await self._take(record.partition, record)
                if (number := number + 1) % 100 == 0:
                    self._has_moved.set()
                    await asyncio.sleep(0)  # there are requests to be answered, too
        self.next_offsets = reached
        self._has_moved.set()
        self.has_caught_up.set()
        consumer.assign(list(ends))
        for place, at in ends.items():
            consumer.seek(place, at)

    def _forget(self) -> None:
        """It is another log: nothing that is known of the old one counts."""
        self._is_another = False
        self._versions = Versions(0, self._most_orders)
        self.next_offsets, self.floor = [], []
        self.recent.clear()
        self.has_caught_up.clear()
        self._lost()

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        self._may_have_more_partitions = False
        while len(consumer.partitions_for_topic(ORDERS_GRAPH.name) or ()) in (0, len(self.next_offsets)):
            for place, records in (await consumer.getmany(timeout_ms=1000)).items():
                for number, record in enumerate(records):
                    await self._take(place.partition, record)
                    if number % 100 == 99:
                        await asyncio.sleep(0)  # there are requests to be answered, too
            await self._pass_gaps(consumer)
            self._has_moved.set()
            if self._may_have_more_partitions:
                self._may_have_more_partitions = False
                if len(await _partitions()) > len(self.next_offsets):
                    return

    async def _pass_gaps(self, consumer: AIOKafkaConsumer) -> None:
        """The end of a compacted partition may have no record before it."""
        for place in consumer.assignment():
            self._go_on(place.partition, await consumer.position(place))

    def _go_on(self, partition: int, offset: int) -> None:
        """The partition was read up to there. Raises _AnotherLog when it was read further before."""
        if offset < self.next_offsets[partition]:
            self._is_another = True
            raise _AnotherLog
        self.next_offsets[partition] = offset

    async def _take(self, partition: int, record: Any) -> None:
        if record.offset < self.next_offsets[partition]:
            self._go_on(partition, record.offset)
        self._go_on(partition, record.offset + 1)
        if record.value is None:
            return
        try:
            head = _head(record.value)
        except msgspec.MsgspecError as error:
            log.warning("a change that cannot be read", partition=partition, offset=record.offset, reason=str(error))
            return
        if self._versions.is_new(partition, record.offset, head.id, head.version):
            await self._tell(Told(partition, record.offset, record.value, tuple(self.next_offsets)))

    async def _tell(self, told: Told) -> None:
        self._recent_bytes = told.size + (self._recent_bytes if self.recent else 0)
        self.recent.append(told)
        while len(self.recent) > MOST_RECENT or self._recent_bytes > MOST_RECENT_BYTES:
            oldest = self.recent.popleft()
            self._recent_bytes -= oldest.size
            self.floor[oldest.partition] = oldest.offset + 1
        if self.has_caught_up.is_set():
            await self._listener(told)


async def _partitions() -> list[TopicPartition]:
    """Those of the topic, by their numbers. Raises KafkaError, and LookupError when there is no such topic."""
    places = sorted(await partitions_of([ORDERS_GRAPH.name]))
    if not places:
        raise LookupError(f"there is no topic {ORDERS_GRAPH.name}")
    return places


async def _ends(consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    places = await _partitions()
    ends = await consumer.end_offsets(places)
    return {place: ends[place] for place in places}
