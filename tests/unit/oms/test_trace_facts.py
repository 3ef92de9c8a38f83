"""What `oms trace` counts of an order's lines: those that the order has, not what a repair has deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest

from contracts.orders import OrderDetailRow
from oms.inspect.order_trace import OrderTrace, Record, Row, Waiting
from oms.inspect.trace_facts import facts
from oms.inspect.verdict import verdict
from tests.support.shop.rows import NOON, a_line, an_order

ORDER = an_order(line_count=2)
LINES = [a_line(ORDER, number) for number in (1, 2)]
DELETED_BY_HAND = msgspec.structs.replace(LINES[1], is_deleted=True)
INVENTED = a_line(ORDER, 1, is_deleted=True)


def places(*messages: OrderDetailRow) -> OrderTrace:
    records = [Record("order_detail", 0, at, datetime.now(UTC), message) for at, message in enumerate(messages)]
    row = msgspec.structs.asdict(ORDER)
    return OrderTrace(ORDER.order_id, row=row, records=records, ends={("order_detail", 0): len(records)})


def a_stored(line: OrderDetailRow, **changes: object) -> Row:
    """A line as the read model has it."""
    return {"order_line_id": line.order_detail_id, "line_number": line.line_number, "deleted": False, **changes}


@pytest.mark.parametrize(
    ("messages", "count"),
    [
        ([], 0),
        ([LINES[0]], 1),
        ([*LINES, LINES[0]], 2),
        ([*LINES, INVENTED], 2),
        ([LINES[0], INVENTED], 1),
        ([*LINES, DELETED_BY_HAND], 2),
        ([*LINES, a_line(ORDER, 1, lines_version=2)], 2),
    ],
)
def test_lines_on_the_topic_are_counted_as_the_read_model_counts(messages: list[OrderDetailRow], count: int) -> None:
    assert facts(places(*messages)).lines_on_topic == count


def test_a_line_that_mysql_does_not_have_is_a_difference() -> None:
    found = places(*LINES)
    found.row_lines = [
        {"order_detail_id": str(line.order_detail_id), "line_number": line.line_number} for line in LINES
    ]
    there: list[Row] = [a_stored(line) for line in LINES]
    found.shown = {"version": ORDER.version, "deleted": False}
    found.shown_lines = there
    as_it_is = facts(found)
    found.shown_lines = [*there, a_stored(LINES[0], order_line_id=uuid4())]

    outcome = verdict(facts(found))

    assert as_it_is.differing == ()
    assert facts(found).differing == ("line 1 (not in MySQL)",)
    assert not outcome.is_whole


@pytest.mark.parametrize(
    ("shown", "waiting", "missing"),
    [
        (None, [], (1, 2)),
        (None, [LINES[1]], (1,)),
        (1, [], ()),
        (1, [DELETED_BY_HAND], ()),
        (2, [LINES[0]], (2,)),
        (2, [LINES[0], a_line(ORDER, 2, lines_version=2)], (2,)),
    ],
)
def test_the_lines_for_which_an_order_waits_are_named(
    shown: int | None, waiting: list[OrderDetailRow], missing: tuple[int, ...]
) -> None:
    found = OrderTrace(ORDER.order_id)
    newest = msgspec.structs.replace(ORDER, version=2)
    found.waiting = [Waiting(newest, NOON), *(Waiting(line, NOON) for line in waiting)]
    if shown:
        found.shown = {"version": 1, "lines_version": shown, "deleted": False}
        found.shown_lines = [a_stored(line) for line in LINES]

    assert facts(found).lines_missing == missing
    assert facts(found).received == 2


def test_an_order_of_which_only_lines_wait_is_known() -> None:
    found = OrderTrace(ORDER.order_id)
    found.waiting = [Waiting(LINES[0], NOON)]

    assert found.is_known
    assert facts(found).received is None
