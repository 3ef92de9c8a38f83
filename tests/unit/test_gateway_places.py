"""Cursors: what a list gave out leads back to its place, anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from chassis.cursors import InvalidCursor, encode
from gateway.order_sort import KEYSETS, OrderSort
from gateway.places import HitPlace, ProductPlace

ORDER = {
    "placed_at": datetime(1996, 7, 4, 12, 30, 15, 123456, tzinfo=UTC),
    "total": Decimal("440.1000"),
    "order_id": UUID(int=7),
}
PLACES = [ProductPlace("CHAI"), ProductPlace("Ñandú"), HitPlace(12.25, "CHAI")]


@pytest.mark.parametrize("place", PLACES)
def test_a_cursor_leads_back_to_its_place(place: Any) -> None:
    assert type(place).read(place.cursor()) == place


@pytest.mark.parametrize("list_of", [ProductPlace, HitPlace])
@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "=" * 100,
        encode([]),
        encode([None]),
        encode([5]),
        encode([None, None]),
        encode(["1996-07-04T12:30:15+00:00", "x"]),
        encode(["0001-01-01T00:00:00+14:00", str(UUID(int=7))]),
        encode(["x", str(UUID(int=7))]),
        encode([True, "CHAI"]),
        encode([1.5, "CH\0AI"]),
        encode(["CH\0AI"]),
    ],
)
def test_anything_else_is_refused(list_of: Any, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        list_of.read(cursor)


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
