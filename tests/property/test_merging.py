"""Merging the rows of an order: whatever comes when, the same is shown, and each whole version is published once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.orders import OrderDetailRow, OrderRow
from orders_stream.merging import Merged, Order, Rows, by_order, is_whole, merge
from tests.support.shop.rows import a_line, an_order

PLACED = an_order(line_count=2)
MOVED = msgspec.structs.replace(PLACED, version=2, status="confirmed")
CHANGED = msgspec.structs.replace(MOVED, version=3, lines_version=2, line_count=1)
FINAL = msgspec.structs.replace(CHANGED, version=4, status="shipped")
FIRST_LINES = [a_line(PLACED, 1), a_line(PLACED, 2)]
CHANGED_LINE = a_line(CHANGED, 1)
BY_HAND = msgspec.structs.replace(FIRST_LINES[1], is_deleted=True)

Row = OrderRow | OrderDetailRow

HISTORIES: list[list[Row]] = [
    [PLACED, *FIRST_LINES, MOVED],
    [PLACED, *FIRST_LINES, BY_HAND, MOVED],
    [PLACED, *FIRST_LINES, CHANGED, CHANGED_LINE],
    [PLACED, *FIRST_LINES, MOVED, CHANGED, CHANGED_LINE, FINAL],
    [PLACED, *FIRST_LINES, MOVED, msgspec.structs.replace(MOVED, is_deleted=True)],
]


def rows_of(rows: Sequence[Row]) -> Rows:
    [found] = by_order(
        [row for row in rows if isinstance(row, OrderRow)], [row for row in rows if isinstance(row, OrderDetailRow)]
    )
    return found


def fed(chunks: Sequence[Sequence[Row]]) -> Iterator[Merged]:
    """Each chunk is merged with what is stored, and its versions are published."""
    shown: Order | None = None
    waiting = Rows(PLACED.order_id)
    for chunk in chunks:
        merged = merge(shown, waiting, rows_of(chunk))
        yield merged
        published = {each.row.newest_version for each in merged.superseded}
        shown, waiting = merged.shown, Rows(PLACED.order_id)
        waiting.orders = [row for row in merged.waiting.orders if row.newest_version not in published]
        waiting.lines = merged.waiting.lines


def cut(rows: Sequence[Row], ends: Sequence[int]) -> list[list[Row]]:
    places = sorted({0, len(rows), *(end % (len(rows) + 1) for end in ends)})
    return [list(rows[start:end]) for start, end in pairwise(places)]


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Row], list[list[Row]]]:
    """The rows of an order, and how they arrive: in any order, some of them again, in chunks of any size."""
    history = draw(st.sampled_from(HISTORIES))
    again = draw(st.lists(st.sampled_from(history), max_size=4))
    rows = draw(st.permutations([*history, *again]))
    return history, cut(rows, draw(st.lists(st.integers(0, 12), max_size=6)))


@given(arrivals())
def test_the_same_is_shown_however_the_rows_arrive(arrival: tuple[list[Row], list[list[Row]]]) -> None:
    history, chunks = arrival
    [at_once] = fed([history])

    *_, last = fed(chunks)

    assert last.shown == at_once.shown
    assert last.waiting.orders == [each.row for each in last.superseded], "no version waits any longer"
    assert last.shown is not None
    assert last.shown.row.is_deleted or {line.lines_version for line in last.waiting.lines} <= {
        each.row.lines_version for each in last.superseded
    }


@given(arrivals())
def test_only_whole_versions_are_shown_and_published_in_order(arrival: tuple[list[Row], list[list[Row]]]) -> None:
    _, chunks = arrival
    published: list[int] = []
    for merged in fed(chunks):
        for order in [*merged.superseded, *([merged.shown] if merged.shown else [])]:
            assert is_whole(order.row, order.lines)
            assert {line.lines_version for line in order.lines} <= {order.row.lines_version}
            published.append(order.row.newest_version)
    assert published == sorted(published)


@given(arrivals())
def test_every_version_that_was_whole_before_a_newer_one_is_published(
    arrival: tuple[list[Row], list[list[Row]]],
) -> None:
    _, chunks = arrival
    known: list[Row] = []
    published: set[int] = set()
    for chunk, merged in zip(chunks, fed(chunks), strict=True):
        known += chunk
        newest = max(published, default=-1)
        published |= {order.row.newest_version for order in (*merged.superseded, merged.shown) if order}
        whole = {
            row.newest_version
            for row in known
            if isinstance(row, OrderRow)
            and is_whole(
                row,
                [
                    line
                    for line in known
                    if isinstance(line, OrderDetailRow) and line.lines_version == row.lines_version
                ],
            )
        }
        assert {version for version in whole if version > newest} <= published


@pytest.mark.parametrize("rows", [HISTORIES[0], HISTORIES[2][:5]])
def test_every_order_of_arrival_row_by_row(rows: list[Row]) -> None:
    [at_once] = fed([rows])

    for arrival in permutations(rows):
        *_, last = fed([[row] for row in arrival])
        assert last.shown == at_once.shown


@given(st.sampled_from(HISTORIES), st.data())
def test_a_chunk_that_is_read_again_changes_nothing(history: list[Row], data: st.DataObject) -> None:
    *_, before = fed([history])
    again = data.draw(st.lists(st.sampled_from(history), min_size=1))

    merged = merge(before.shown, Rows(PLACED.order_id), rows_of(again))

    assert (merged.shown, merged.is_changed, merged.superseded) == (before.shown, False, [])


def test_versions_that_nobody_publishes_are_not_kept() -> None:
    merged = merge(None, Rows(PLACED.order_id), rows_of([PLACED, MOVED, *FIRST_LINES]), publishes=False)

    assert merged.shown is not None
    assert (merged.shown.row, merged.superseded, merged.waiting.orders) == (MOVED, [], [])


def test_lines_of_a_superseded_version_are_kept_until_it_is_published() -> None:
    merged = merge(None, Rows(PLACED.order_id), rows_of([PLACED, CHANGED, *FIRST_LINES, CHANGED_LINE]))

    assert [order.row for order in merged.superseded] == [PLACED]
    assert (merged.waiting.orders, merged.waiting.lines) == ([PLACED], FIRST_LINES)


def test_a_deleted_order_that_is_restored_has_the_lines_that_came_before_its_row() -> None:
    deleted = msgspec.structs.replace(PLACED, is_deleted=True)
    restored = msgspec.structs.replace(PLACED, version=5)
    lines = [msgspec.structs.replace(line, version=3) for line in FIRST_LINES]

    *_, last = fed([[PLACED, *FIRST_LINES], [deleted], lines, [restored]])

    assert last.shown == Order(restored, tuple(lines))
