"""Records of several topics that are processed together: those up to the same time, of chunks of any size."""

from __future__ import annotations

from collections.abc import Sequence

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from chassis.chunks.aligning import Lane
from chassis.chunks.chunk import Chunk
from tests.support.shop.rows import a_record

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
