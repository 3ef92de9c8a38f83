"""Nothing is lost, nothing stops: what a chunk's reader does when the store is away or a record is bad."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis.chunks.batch import Batch, position_after
from chassis.chunks.handling import BadRecord, handle_safely
from chassis.chunks.reading import EXIT_UNFINISHED
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.topics import Topic
from tests.support.aside import Aside
from tests.support.shop.rows import a_batch, a_line, a_record, an_order


async def handled(batch: Batch, bad: set[int], away_for: int = 0) -> tuple[list[int], list[int], int]:
    """Offsets that were handled, offsets that were set aside, and the furthest position stored."""
    done: list[int] = []
    furthest, failures = 0, 0

    async def handle(part: Batch) -> None:
        nonlocal furthest, failures
        if failures < away_for:
            failures += 1
            raise ConnectionRefusedError("the store is away")
        offsets = [entry.record.offset for entry in part.entries]
        if bad & set(offsets):
            raise BadRecord("not like that")
        done.extend(offsets)
        furthest = max(furthest, part.position.next_offset)

    aside = Aside()
    await handle_safely(batch, handle, aside)
    return done, aside.offsets, furthest


@pytest.mark.parametrize("bad", [set(), {0}, {9}, {4}, {3, 4}, {0, 5, 9}, set(range(10))])
async def test_exactly_the_bad_records_are_set_aside(bad: set[int]) -> None:
    batch = a_batch(ORDER, [an_order() for _ in range(10)])

    done, aside, furthest = await handled(batch, bad)

    assert done == [offset for offset in range(10) if offset not in bad]
    assert aside == sorted(bad)
    assert furthest == 10


@pytest.mark.parametrize("bad", [set(), {0}, {7}, {2, 8}, set(range(10))])
async def test_of_two_topics_together_exactly_the_bad_records_are_set_aside(bad: set[int]) -> None:
    lines = a_batch(ORDER_DETAIL, [a_line(an_order()) for _ in range(5)], first_offset=5)
    together = replace(a_batch(ORDER, [an_order() for _ in range(5)]), beside=lines)
    stored: dict[str, int] = {}
    handled_rows = 0

    async def handle(part: Batch) -> None:
        nonlocal handled_rows
        parts = [part, *([part.beside] if part.beside else [])]
        offsets = {entry.record.offset for each in parts for entry in each.entries}
        if bad & offsets:
            raise BadRecord("not like that")
        handled_rows += len(part.newest(ORDER)) + len(part.newest(ORDER_DETAIL))
        stored.update({each.topic: each.next_offset for each in part.positions})

    aside = Aside()
    await handle_safely(together, handle, aside)

    assert sorted(aside.offsets) == sorted(bad)
    assert handled_rows == 10 - len(bad)
    assert stored == {"order": 5, "order_detail": 10}


async def test_a_store_that_is_away_is_waited_for() -> None:
    batch = a_batch(ORDER, [an_order() for _ in range(3)])

    done, aside, _ = await handled(batch, bad=set(), away_for=3)

    assert (done, aside) == ([0, 1, 2], [])


def test_the_newest_version_of_a_row_counts_wherever_it_stands() -> None:
    first = an_order(version=2)
    older = an_order(order_id=first.order_id, version=1)
    other = an_order()

    newest: list[Any] = a_batch(ORDER, [first, other, older]).newest(ORDER)

    assert newest == sorted([first, other], key=lambda row: row.order_id)


def test_a_delete_is_newer_than_the_version_it_deletes() -> None:
    row = an_order(version=2)
    deleted = an_order(order_id=row.order_id, version=2, is_deleted=True)

    assert a_batch(ORDER, [deleted, row]).newest(ORDER) == [deleted]


@pytest.mark.parametrize("value", [None, b"not json", b'{"__source_ts_ms": "x"}'])
def test_a_record_without_a_commit_time_has_the_brokers(value: bytes | None) -> None:
    position = position_after(a_record("order", value, offset=41))

    assert position.next_offset == 42
    assert position.committed_at.timestamp() == 1_795_410_000


def test_an_error_that_nobody_foresaw_ends_the_process() -> None:
    code = "from chassis.chunks.reading import _exit_on_error\nwith _exit_on_error(): 1 / 0"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True)

    assert ended.returncode == EXIT_UNFINISHED


@pytest.mark.parametrize("value", [b'{"__source_ts_ms": 99999999999999999}', b"[" * 100_000])
def test_an_absurd_commit_time_does_not_stop_the_reader(value: bytes) -> None:
    assert position_after(a_record("order", value)).committed_at.timestamp() == 1_795_410_000


def tries_again(topic: Topic[Any]) -> float:
    return REGISTRY.get_sample_value("oms_retries_total", {"topic": topic.name}) or 0


@pytest.mark.parametrize("lines_come_first", [False, True])
async def test_rows_that_are_tried_again_count_for_each_of_their_topics(lines_come_first: bool) -> None:
    orders, lines = a_batch(ORDER, [an_order()]), a_batch(ORDER_DETAIL, [a_line(an_order())])
    batch = replace(lines, beside=orders) if lines_come_first else replace(orders, beside=lines)
    before = {topic.name: tries_again(topic) for topic in batch.topics}
    tries = 0

    async def handle(_: Batch) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionRefusedError

    await handle_safely(batch, handle, Aside())

    counted = {topic.name: tries_again(topic) - before[topic.name] for topic in batch.topics}
    assert counted == {"order": 2, "order_detail": 2}
