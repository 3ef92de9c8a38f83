"""A backfill hands out every record of its partitions once and in order, whatever a fetch brings."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import cast

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from oms.repair.rebuild import waiting
from oms.repair.rebuild.waiting import Waiting
from tests.support.shop.rows import a_record

PARTITIONS = [TopicPartition("order", 0), TopicPartition("order_detail", 0)]
times = st.lists(st.integers(0, 30), max_size=40).map(sorted)
sizes = st.lists(st.integers(0, 7), min_size=1, max_size=20)


class Log:
    """Partitions in memory with the methods of a consumer; each fetch brings another number of records."""

    def __init__(self, times_ms: dict[TopicPartition, list[int]], sizes: list[int]) -> None:
        self._records = {
            partition: [a_record(partition.topic, offset=offset, at_ms=at_ms) for offset, at_ms in enumerate(its)]
            for partition, its in times_ms.items()
        }
        self._positions = dict.fromkeys(times_ms, 0)
        self._sizes, self._fetches = sizes, 0
        self._late: frozenset[TopicPartition] = frozenset()

    async def getmany(self, partition: TopicPartition, **_: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        start, size = self._positions[partition], self._sizes[self._fetches % len(self._sizes)]
        if size == 0 and partition in self._late:
            size = 1
        self._late = self._late - {partition} if size else self._late | {partition}
        self._fetches += 1
        records = self._records[partition][start : start + size]
        self._positions[partition] += len(records)
        return {partition: records} if records else {}

    async def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    def highwater(self, partition: TopicPartition) -> int:
        return len(self._records[partition])

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._positions[partition] = offset


@given(times, times, sizes, st.integers(1, 6))
def test_every_record_is_handed_out_once_and_in_order(
    orders: list[int], lines: list[int], sizes: list[int], stops_every: int
) -> None:
    log = Log(dict(zip(PARTITIONS, (orders, lines), strict=True)), sizes)
    found: defaultdict[str, list[int]] = defaultdict(list)

    async def read() -> None:
        reached = dict.fromkeys(PARTITIONS, 0)
        for _ in range(4 * (len(orders) + len(lines))):
            if all(reached[partition] == log.highwater(partition) for partition in PARTITIONS):
                break
            reading = Waiting(cast(AIOKafkaConsumer, log), reached)
            for _ in range(stops_every):
                for group in await reading.next_groups():
                    found[group[0].partition.topic] += [each.offset for chunk in group for each in chunk.records]
            reading.give_back()
            reached = reading.reached

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "BACKLOG", 1)
        asyncio.run(read())

    assert found["order"] == list(range(len(orders)))
    assert found["order_detail"] == list(range(len(lines)))
