"""Topics are aligned by time: what belongs together is processed together in a backlog, and nothing waits for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chassis.chunks.alignment import Part, aligned

times = st.lists(st.integers(0, 20), max_size=20).map(sorted)


def test_records_of_a_topic_that_is_ahead_stay() -> None:
    orders, lines = Part([1, 2, 3, 4], 4, True), Part([1, 1, 1, 2, 2, 2], 2, True)

    assert aligned([orders, lines]) == [1, 3]


def test_at_the_end_of_the_topics_nothing_stays() -> None:
    orders, lines = Part([1, 2, 3, 4], 4, False), Part([1, 1], 1, False)

    assert aligned([orders, lines]) == [4, 2]


def test_nothing_is_processed_before_the_other_topic_arrives() -> None:
    orders, lines = Part([1, 2, 3], 3, True), Part([], None, True)

    assert aligned([orders, lines]) == [0, 0]


def test_records_of_the_last_moment_stay_with_what_belongs_to_them() -> None:
    orders, lines = Part([5, 6], 6, True), Part([4, 5, 5], 5, True)

    assert aligned([orders, lines]) == [0, 1]


@given(st.lists(st.tuples(times, st.booleans()), min_size=1, max_size=3))
def test_nothing_stays_except_behind_a_topic_that_has_more(queues: list[tuple[list[int], bool]]) -> None:
    parts = [Part(times_ms, times_ms[-1], has_more) for times_ms, has_more in queues if times_ms]
    ends_ms = [part.times_ms[-1] for part in parts if part.has_more]

    counts = aligned(parts)

    for count, part in zip(counts, parts, strict=True):
        assert [at_ms for at_ms in part.times_ms if not ends_ms or at_ms < min(ends_ms)] == part.times_ms[:count]
