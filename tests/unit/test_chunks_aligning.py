"""Records of several topics that are processed together: those up to the same time, of chunks of any size."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from chassis.chunks import lanes
from chassis.chunks.aligning import Lane
from chassis.chunks.chunk import Chunk
from chassis.chunks.lanes import Lanes
from tests.support.rows import a_record

ORDER, LINE = TP("order", 0), TP("order_detail", 0)


class Handed:
    """The owner of all chunks, which notes those that are done."""

    def __init__(self) -> None:
        self.done: list[Chunk] = []

    def chunk_done(self, chunk: Chunk) -> None:
        self.done.append(chunk)

    def is_in_flight(self, chunk: Chunk) -> bool:
        return chunk not in self.done

    def out(self, place: TP, times: Sequence[int], first: int = 0, *, has_more: bool = False) -> Chunk:
        records = [a_record(place.topic, offset=first + number) for number in range(len(times))]
        timed = [replaced(record, time) for record, time in zip(records, times, strict=True)]
        return Chunk(place, timed, first + len(times), self, has_more=has_more)


def replaced(record: object, timestamp: int) -> object:
    object.__setattr__(record, "timestamp", timestamp)
    return record


def a_lane(*chunks: Chunk) -> Lane:
    lane = Lane()
    for chunk in chunks:
        lane.add(chunk)
    return lane


def times(groups: Sequence[Sequence[Chunk]]) -> dict[str, list[int]]:
    return {
        group[0].partition.topic: [record.timestamp for chunk in group for record in chunk.records] for group in groups
    }


def test_the_topic_that_is_ahead_waits_for_the_other() -> None:
    handed = Handed()
    lane = a_lane(handed.out(ORDER, [1, 2, 3, 4]), handed.out(LINE, [1, 1, 2]))

    assert times(lane.take(10)) == {"order": [1, 2], "order_detail": [1, 1, 2]}
    assert times(lane.take(10)) == {"order": [3, 4]}, "the other one has no more"


def test_no_more_records_than_allowed_are_taken_of_each_topic() -> None:
    handed = Handed()
    lane = a_lane(handed.out(ORDER, [1, 2, 3, 4]), handed.out(LINE, [1, 1, 1, 2, 2, 2]))

    assert times(lane.take(3)) == {"order": [1], "order_detail": [1, 1, 1]}
    assert times(lane.take(3)) == {"order": [2], "order_detail": [2, 2, 2]}


def test_what_is_ahead_waits_for_a_chunk_that_is_on_its_way() -> None:
    handed = Handed()
    lane = a_lane(handed.out(LINE, [1, 2], has_more=True), handed.out(ORDER, [1, 2, 3]))
    assert times(lane.take(10)) == {"order_detail": [1, 2], "order": [1, 2]}

    assert (lane.take(10), lane.has_chunks()) == ([], True)
    lane.add(handed.out(LINE, [3], first=2))
    assert times(lane.take(10)) == {"order_detail": [3], "order": [3]}


def test_what_is_ahead_does_not_wait_for_ever() -> None:
    handed = Handed()
    lane = a_lane(handed.out(LINE, [1], has_more=True))
    lane.take(10)
    lane.add(handed.out(ORDER, [2]))
    assert lane.take(10) == []

    lane.wait_no_longer()

    assert times(lane.take(10)) == {"order": [2]}


async def test_a_lane_goes_on_without_the_chunk_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "PATIENCE_S", 0.01)
    handed, seen = Handed(), []

    async def work(groups: Sequence[Sequence[Chunk]]) -> None:
        seen.append(times(groups))

    async with asyncio.timeout(60), Lanes(work) as side_by_side:
        side_by_side.add(handed.out(LINE, [1], has_more=True))
        side_by_side.add(handed.out(ORDER, [2]))

    assert seen == [{"order_detail": [1]}, {"order": [2]}]


moments = st.lists(st.integers(1, 9), min_size=1, max_size=5)


@given(
    st.lists(st.tuples(st.sampled_from([ORDER, LINE]), moments, st.booleans()), min_size=1, max_size=8),
    st.integers(1, 7),
)
def test_each_record_is_taken_once_in_order_and_its_chunk_is_done_with_its_last(
    arriving: list[tuple[TP, list[int], bool]], most: int
) -> None:
    """Times that do not increase cannot stop a lane, nor break the order of a partition."""
    handed, lane = Handed(), Lane()
    ends = {ORDER: 0, LINE: 0}
    chunks = []
    for place, at, has_more in arriving:
        chunks.append(handed.out(place, at, ends[place], has_more=has_more))
        ends[place] += len(at)
        lane.add(chunks[-1])
    taken: dict[TP, list[int]] = {ORDER: [], LINE: []}

    while lane.has_chunks():
        groups = lane.take(most)
        if not groups:
            lane.wait_no_longer()
        for group in groups:
            assert sum(len(chunk) for chunk in group) <= most
            for chunk in group:
                taken[chunk.partition] += [record.offset for record in chunk.records]
                assert chunk.end == taken[chunk.partition][-1] + 1
                chunk.done()

    assert taken == {place: list(range(end)) for place, end in ends.items()}
    assert len(handed.done) == len(set(map(id, handed.done))) == len(chunks)
    assert {id(chunk) for chunk in chunks} == {id(chunk) for chunk in handed.done}
