"""The lines of an order in a comparison and in its repair."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import msgspec

from contracts.orders import ORDER_DETAIL
from reconciliation.emission import deletion
from reconciliation.order_lines import surplus_lines
from tests.support.shop.rows import a_line, an_order

ORDER = an_order(line_count=2)
LINES = [a_line(ORDER, number) for number in (1, 2)]


def values(*lines: Any, **changes: Any) -> dict[str, Any]:
    """An order as a database has it."""
    order = {**msgspec.structs.asdict(ORDER), "order_id": str(ORDER.order_id), **changes}
    return order | {"lines": tuple(a_value(line) for line in lines)}


def a_value(line: Any) -> dict[str, Any]:
    return {**msgspec.structs.asdict(line), "order_detail_id": str(line.order_detail_id)}


def test_an_order_with_all_its_lines_has_no_surplus() -> None:
    assert surplus_lines(values(*LINES), [values(*LINES), values(), values(LINES[1])]) == []


def test_a_line_that_only_a_view_has_is_surplus() -> None:
    ghost = a_line(ORDER, 1)

    [found] = surplus_lines(values(*LINES), [values(*LINES, ghost)])

    assert found.values["order_detail_id"] == str(ghost.order_detail_id)
    assert found.of_order == {"order_id": str(ORDER.order_id), "lines_version": 1, "line_number": 1}


def test_lines_of_another_version_are_replaced_with_it() -> None:
    assert surplus_lines(values(*LINES), [values(a_line(ORDER, 1), lines_version=7)]) == []


def test_a_line_without_an_id_cannot_be_deleted() -> None:
    spoilt = values(*LINES)
    spoilt["lines"] = (*spoilt["lines"], {**a_value(LINES[0]), "order_detail_id": None})

    assert surplus_lines(values(*LINES), [spoilt]) == []


def test_a_line_that_was_deleted_by_hand_is_sent_as_deleted_under_one_id() -> None:
    [first] = surplus_lines(values(LINES[0]), [])
    [again] = surplus_lines(values(LINES[0]), [])

    assert first == again
    assert first.of_order["line_number"] == 2
    record = deletion(ORDER_DETAIL, first.values["order_detail_id"], 1, first.values, first.of_order)
    row = ORDER_DETAIL.decoder()(msgspec.json.encode(record))
    assert (row.is_deleted, row.line_number, row.lines_version, row.order_id) == (True, 2, 1, ORDER.order_id)


def test_the_deletion_of_a_spoilt_line_names_its_order() -> None:
    spoilt = {**a_value(LINES[0]), "sku": None, "quantity": None}
    of_order = {"order_id": str(ORDER.order_id), "lines_version": 3, "line_number": 1}

    record = deletion(ORDER_DETAIL, str(uuid4()), 4, spoilt, of_order)

    row = ORDER_DETAIL.decoder()(msgspec.json.encode(record))
    assert (row.order_id, row.lines_version, row.line_number) == (UUID(str(ORDER.order_id)), 3, 1)
    assert row.newest_version == 5
