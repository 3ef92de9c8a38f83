"""Cursors: what a list gave out leads back to its place, anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from chassis.rest.cursors import InvalidCursor, encode
from gateway.shop.orders.inputs import KEYSETS, OrderSort

ORDER = {
    "placed_at": datetime(1996, 7, 4, 12, 30, 15, 123456, tzinfo=UTC),
    "updated_at": datetime(1996, 7, 5, tzinfo=UTC),
    "total": Decimal("440.1000"),
    "order_id": UUID(int=7),
}


@pytest.mark.parametrize("sort", OrderSort)
def test_the_cursor_of_an_order_leads_back_to_it(sort: OrderSort) -> None:
    keyset = KEYSETS[sort]

    assert keyset.place(keyset.cursor(ORDER)) == (ORDER[keyset.column], ORDER["order_id"])


def test_the_cursor_of_an_order_goes_with_its_own_order_alone() -> None:
    cursor = KEYSETS[OrderSort.TOTAL_ASC].cursor(ORDER)

    with pytest.raises(InvalidCursor):
        KEYSETS[OrderSort.PLACED_AT_ASC].place(cursor)


@pytest.mark.parametrize(
    "parts",
    [
        ["placed", "1996-07-04T12:30:15+00:00", str(UUID(int=7))],
        ["placed", True, str(UUID(int=7))],
        ["placed", 2**63, str(UUID(int=7))],
        ["placed", -(2**62), str(UUID(int=7))],
        ["placed", 836483415123456, "x"],
        ["placed", 836483415123456],
        ["other", 836483415123456, str(UUID(int=7))],
    ],
)
def test_a_place_that_no_order_has_is_refused(parts: list[Any]) -> None:
    with pytest.raises(InvalidCursor):
        KEYSETS[OrderSort.PLACED_AT_DESC].place(encode(parts))
