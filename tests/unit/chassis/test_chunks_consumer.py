"""The consumer's rules: what is committable, what is fetched again, how much is in flight, what a rebalance forgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import faust
import pytest
from aiokafka import ConsumerRecord
from faust.types import TP

from chassis.chunks.chunk import BACKLOG, Chunk
from chassis.chunks.consumer import MAX_IN_FLIGHT, ChunkConsumer
from contracts.orders import ORDER
from tests.support.shop.rows import a_record

ORDERS = TP(ORDER.name, 0)
LINES = TP("order_detail", 0)


@pytest.fixture
async def consumer() -> ChunkConsumer:
    """As Faust makes it; no broker is asked for anything."""
    app = faust.App("rules", broker="kafka://127.0.0.1:1", broker_consumer="chunkkafka://127.0.0.1:1")
    cast(Any, app.transport).chunked_topics.update([ORDERS.topic, LINES.topic])
    made = cast(Any, app.consumer)
    assert type(made) is ChunkConsumer
    return made


def fetched(offsets: Sequence[int], tp: TP = ORDERS) -> list[ConsumerRecord]:
    return [a_record(tp.topic, offset=offset) for offset in offsets]


def handed_out(consumer: ChunkConsumer, offsets: Sequence[int], position_after: int = 0, tp: TP = ORDERS) -> Chunk:
    return cast(Chunk, consumer._deliver(tp, fetched(offsets, tp), position_after, 1).value)


async def test_nothing_is_committable_before_it_is_done(consumer: ChunkConsumer) -> None:
    chunk = handed_out(consumer, [0, 1, 2])

    before = consumer._new_offset(ORDERS)
    chunk.done()

    assert (before, consumer._new_offset(ORDERS)) == (None, 3)
    assert list(consumer._filter_tps_with_pending_acks()) == [ORDERS]


async def test_what_is_done_out_of_order_waits_for_what_stands_before_it(consumer: ChunkConsumer) -> None:
    first, second, third = (handed_out(consumer, offsets) for offsets in ([0, 1], [2], [3, 4]))

    seen = []
    for chunk in (second, third, first):
        chunk.done()
        seen.append(consumer._new_offset(ORDERS))

    assert seen == [None, None, 5]


@pytest.mark.parametrize(("log_end", "has_more"), [(0, False), (3, False), (50, False), (3 + BACKLOG, True)])
async def test_only_a_backlog_makes_other_topics_wait(consumer: ChunkConsumer, log_end: int, has_more: bool) -> None:
    chunk = cast(Any, consumer._deliver(ORDERS, fetched([0, 1, 2]), 0, 1, log_end)).value

    assert chunk.has_more == has_more


async def test_a_chunk_done_twice_counts_once(consumer: ChunkConsumer) -> None:
    first, _ = handed_out(consumer, [0]), handed_out(consumer, [1])

    first.done()
    first.done()

    assert consumer._new_offset(ORDERS) == 1


async def test_partitions_do_not_wait_for_each_other(consumer: ChunkConsumer) -> None:
    handed_out(consumer, [0])
    lines = handed_out(consumer, [7], tp=LINES)

    lines.done()

    assert (consumer._new_offset(ORDERS), consumer._new_offset(LINES)) == (None, 8)


async def test_a_gap_at_the_end_of_a_fetch_is_committed_with_it(consumer: ChunkConsumer) -> None:
    handed_out(consumer, [0, 4], position_after=9).done()

    assert consumer._new_offset(ORDERS) == 9


@pytest.mark.parametrize(
    ("first", "fetched_from", "continues"),
    [(5, 5, True), (8, 5, True), (8, 8, False), (8, None, False), (3, 5, False)],
    ids=["the next", "behind a gap in the log", "behind a lost fetch", "from who knows where", "read already"],
)
async def test_only_what_continues_the_log_is_handed_out(
    consumer: ChunkConsumer, first: int, fetched_from: int | None, continues: bool
) -> None:
    handed_out(consumer, [0, 1, 2, 3, 4])

    assert consumer._continues(ORDERS, first, fetched_from) is continues


@pytest.mark.parametrize(("fetched_from", "goes_back_to"), [({ORDERS: 9}, [(ORDERS, 5)]), ({ORDERS: 5}, []), ({}, [])])
async def test_what_a_lost_fetch_took_with_it_is_fetched_again_though_nothing_follows(
    consumer: ChunkConsumer,
    monkeypatch: pytest.MonkeyPatch,
    fetched_from: dict[TP, int],
    goes_back_to: list[tuple[TP, int]],
) -> None:
    sought: list[tuple[TP, int]] = []

    async def seek(partition: TP, offset: int) -> None:
        sought.append((partition, offset))

    async def nothing(timeout: float) -> tuple[dict[TP, Any], set[TP]]:
        consumer.fetch_positions = (fetched_from, fetched_from)
        return {}, {ORDERS}

    monkeypatch.setattr(consumer, "_seek", seek)
    monkeypatch.setattr(consumer, "_wait_next_records", nothing)
    consumer.flow_active = True
    handed_out(consumer, [0, 1, 2, 3, 4])

    assert [message async for message in consumer.getmany(1.0)] == []

    assert sought == goes_back_to


@pytest.mark.parametrize("is_in_flight", [True, False])
async def test_offsets_without_records_are_passed_with_what_stands_before_them(
    consumer: ChunkConsumer, is_in_flight: bool
) -> None:
    chunk = handed_out(consumer, [0, 1])
    if not is_in_flight:
        chunk.done()

    consumer.fetch_gaps = [(ORDERS, 2, 6), (ORDERS, 20, 30)]  # the second continues nothing that was read
    consumer._pass_gaps()
    chunk.done()

    assert consumer._new_offset(ORDERS) == 6
    assert consumer._continues(ORDERS, 6, None)


async def test_a_partition_at_its_limit_is_not_fetched_and_others_are(
    consumer: ChunkConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[TP]] = []

    async def getmany(active_partitions: set[TP], timeout: float) -> dict[TP, Any]:
        asked.append(active_partitions)
        return {}

    monkeypatch.setattr(consumer, "_getmany", getmany)
    monkeypatch.setattr(consumer, "_get_active_partitions", lambda: {ORDERS, LINES})
    consumer.flow_active = True
    chunks = [handed_out(consumer, [offset]) for offset in range(MAX_IN_FLIGHT)]

    await consumer._wait_next_records(0.01)
    chunks[0].done()
    await consumer._wait_next_records(0.01)

    assert asked == [{LINES}, {ORDERS, LINES}]


async def test_what_was_in_flight_when_a_partition_went_is_never_committed(consumer: ChunkConsumer) -> None:
    before = handed_out(consumer, [0, 1])

    consumer._forget([ORDERS])
    before.done()
    gone = consumer._new_offset(ORDERS)
    consumer._expected[ORDERS] = 0  # it comes back, to the offset that was committed
    again = handed_out(consumer, [0])
    before.done()
    between = consumer._new_offset(ORDERS)
    again.done()

    assert (gone, between, consumer._new_offset(ORDERS)) == (None, None, 1)


async def test_how_long_the_oldest_chunk_takes_is_known(consumer: ChunkConsumer) -> None:
    assert consumer.longest_unfinished_s() == 0
    chunk = handed_out(consumer, [0])
    chunk.since -= 40

    assert consumer.longest_unfinished_s() >= 40
    chunk.done()
    assert consumer.longest_unfinished_s() == 0
