"""MySQL counts the free units of a stock as the rest of inventory does."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from contracts.inventory.availability import FREE_TO_PROMISE, LEFT, AvailabilityRow
from contracts.rows import columns
from inventory.stored_rows import read_row
from tests.support.by_hand import rows_by_hand
from tests.support.stock.inventory import availability, put_stock

UNITS = {
    "some are free": {"reserved": 3, "committed": 2, "unsellable": 1},
    "all are reserved": {"reserved": 10},
    "a till sold reserved ones": {"reserved": 10, "overreserved": 3},
    "orders wait for them": {"reserved": 3, "has_backorders": True},
}


@pytest.mark.parametrize("margin", [0, 3])
@pytest.mark.parametrize("units", UNITS.values(), ids=UNITS.keys())
@pytest.mark.usefixtures("inventory_api")
async def test_mysql_counts_as_the_row_does(units: dict[str, Any], margin: int) -> None:
    key = await put_stock(sku := f"F-{uuid4().hex}", 10, safety_margin=margin, **units)
    stored = await availability(sku)

    [counted] = await rows_by_hand(
        "inventory",
        f"SELECT {LEFT} AS units_left, {FREE_TO_PROMISE} AS free FROM availability WHERE stock_id = %s",
        [key],
    )

    row = read_row(AvailabilityRow, {name: stored[name] for name in columns(AvailabilityRow)})
    assert (row.available, row.available_to_promise) == (max(0, counted["units_left"]), max(0, counted["free"]))
    assert counted["units_left"] == row.available - row.overreserved
