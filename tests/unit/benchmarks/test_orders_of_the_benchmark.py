"""The benchmark of the stream writes its orders by templates: they are the rows that all else is compared with."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from benchmarks.stream import shop
from contracts.orders import ORDER, ORDER_DETAIL
from orders.placement import rows


@pytest.mark.parametrize("number", [0, 1, shop.PATTERNS, 3 * shop.PATTERNS + 17])
def test_the_records_of_an_order_are_its_rows(number: int) -> None:
    row, lines = shop.order_rows(number)

    key, value, line_values = shop.order(number)

    assert json.loads(key) == {"order_id": row["order_id"]}
    assert json.loads(value) == row
    assert [json.loads(each) for each in line_values] == lines
    assert ORDER.decoder()(value).line_count == len([ORDER_DETAIL.decoder()(each) for each in line_values])


def test_orders_have_all_columns_of_the_service() -> None:
    row, lines = shop.order_rows(0)

    assert row.keys() >= set(rows.ORDER_COLUMNS)
    assert [each.keys() >= set(rows.LINE_COLUMNS) for each in lines] == [True] * shop.LINES


def test_the_total_is_that_of_the_rows() -> None:
    orders = shop.PATTERNS + 20

    total = sum(Decimal(shop.order_rows(number)[0]["subtotal"]) for number in range(orders))

    assert shop.total_of(orders) == total
