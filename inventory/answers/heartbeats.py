"""The handler of `store_heartbeat`: up to which moment inventory has everything that a store committed.

A sign of life reaches its topic after the rows that the store committed before it. Once inventory has processed those
up to the ends that their topics had then, it is as fresh as the sign of life.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from aiokafka import TopicPartition

from chassis.chunks.batch import Batch
from chassis.databases.mysql import Connection, Database, transact
from chassis.kafka.offsets import Offset, Offsets
from contracts.stores import ALLOCATION, RECEIPT, STOCK, STORE_HEARTBEAT
from inventory import availability_rows, metrics
from inventory.answers.returning import send_again_to_returned
from inventory.orders.settling import Clock

TOPICS = (STOCK.name, ALLOCATION.name, RECEIPT.name)

MAX_PENDING = 600

FRESH_UNTIL = """
UPDATE store SET fresh_until = %s, updated_at = %s, version = version + 1
WHERE store_id = %s AND (fresh_until IS NULL OR fresh_until < %s)
"""

Positions = Callable[[], Awaitable[Mapping[TopicPartition, int]]]
"""The offset of each partition that has records, which are read or are there."""


class Heartbeats:
    """Signs of life, and those that wait for the rows before them. Call `advance` now and then, and `close` at the end.

    `ends` are the offsets after the last records of the topics, `processed` those that inventory has reached. Both are
    requests to Kafka, so signs of life that arrive during them wait for the next ones together: there may be hundreds
    a second.
    """

    def __init__(self, database: Database, clock: Clock, ends: Positions, processed: Positions) -> None:
        self._database, self._clock, self._ends, self._processed = database, clock, ends, processed
        self._arrived: dict[str, datetime] = {}
        self._pending: deque[tuple[dict[str, datetime], Mapping[TopicPartition, int]]] = deque(maxlen=MAX_PENDING)
        self._advancing = asyncio.Lock()

    async def handle(self, batch: Batch) -> None:
        """Process signs of life. Raises KafkaError and Unavailable."""
        self._arrived |= {row.store_id: row.beaten_at for row in batch.newest(STORE_HEARTBEAT) if not row.is_deleted}
        await self.advance()

    async def advance(self) -> None:
        """Note the freshness of the stores whose rows have been processed. Raises KafkaError and Unavailable.

        Returns at once if that is under way: what arrives meanwhile is for its second round, or for the next call.
        """
        if self._advancing.locked():
            return
        async with self._advancing:
            await self._advance()
            if self._arrived:
                await self._advance()

    async def _advance(self) -> None:
        if arrived := dict(self._arrived):
            ends = await self._ends()
            self._pending.append((arrived, ends))
            self._arrived = {store: beat for store, beat in self._arrived.items() if arrived.get(store) != beat}
        if self._pending:
            await self._note_reached()

    async def _note_reached(self) -> None:
        processed = await self._processed()
        fresh: dict[str, datetime] = {}
        reached = 0
        for beats, ends in self._pending:
            if any(processed.get(partition, 0) < end for partition, end in ends.items()):
                break
            reached += 1
            fresh |= beats
        if fresh:
            await send_again_to_returned(self._database, fresh)
            await transact(self._database, lambda tx: note(tx, fresh, self._clock()))
        for _ in range(reached):
            self._pending.popleft()


async def note(tx: Connection, fresh: Mapping[str, datetime], moment: datetime) -> None:
    """Write up to which moment inventory is fresh, by store. Makes the stores that are unknown; never goes back.

    A store whose clock is ahead is no fresher than now: it would be marked as stale too late.
    """
    await availability_rows.make_missing_stores(tx, fresh, moment)
    for store_id, beaten_at in sorted(fresh.items()):
        until = min(beaten_at, moment)
        tx.later(FRESH_UNTIL, (until, moment, store_id, until))
        metrics.STORE_FRESH_UNTIL.labels(store_id).set(until.timestamp())


class StockOffsets:
    """The offsets of the topics of stores. Raises KafkaError."""

    def __init__(self, group: str) -> None:
        self._own, self._group = Offsets(), Offsets(group)

    async def ends(self) -> Offset:
        """The end of each partition that has records."""
        begins, ends = await self._own.begins(TOPICS), await self._own.ends(TOPICS)
        return {partition: end for partition, end in ends.items() if end > begins[partition]}

    async def processed(self) -> Offset:
        """The committed offsets of the group."""
        return await self._group.committed(TOPICS)

    async def close(self) -> None:
        """Close the connections."""
        await self._own.close()
        await self._group.close()
