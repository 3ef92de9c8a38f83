"""Cursors: what a list gave out leads back to its place, anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.cursors import InvalidCursor, encode
from gateway.places import HitPlace, OrderPlace, ProductPlace

ORDER = OrderPlace(datetime(1996, 7, 4, 12, 30, 15, 123456, tzinfo=UTC), UUID(int=7))
PLACES = [ORDER, ProductPlace("CHAI"), ProductPlace("Ñandú"), HitPlace(12.25, "CHAI")]


@pytest.mark.parametrize("place", PLACES)
def test_a_cursor_leads_back_to_its_place(place: Any) -> None:
    assert type(place).read(place.cursor()) == place


@pytest.mark.parametrize("list_of", [OrderPlace, ProductPlace, HitPlace])
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
