"""The stores that have units of a SKU: their list, and the rows with which a store enters or leaves it."""

from __future__ import annotations

import pytest

from contracts.inventory.availability import NO_STORES, with_stores
from inventory.decisions.rules import StockKey
from inventory.levels import Crossing, Levels, Shelf
from tests.support.shop.rows import NOON, an_availability


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        (NO_STORES, {"lima": True}, '["lima"]'),
        ('["lima"]', {"lima-2": True, "lim": True}, '["lim", "lima", "lima-2"]'),
        ('["lima", "lima-2"]', {"lima": False}, '["lima-2"]'),
        ('["lima"]', {"lima": False}, NO_STORES),
        ('["lima"]', {"lima": True, "quito": False}, '["lima"]'),
    ],
)
def test_the_stores_are_sorted_and_each_is_there_once(before: str, changes: dict[str, bool], after: str) -> None:
    assert with_stores(before, changes) == after


@pytest.mark.parametrize(
    ("before", "after", "has_units"),
    [(3, 4, True), (4, 3, False), (0, 9, True), (3, 0, None), (9, 4, None), (4, 9, None)],
)
def test_a_store_enters_and_leaves_at_the_safety_margin(before: int, after: int, has_units: bool | None) -> None:
    row = an_availability("lima", "A", on_hand=before, safety_margin=3)
    levels = Levels([row])

    levels.restock(StockKey(row.store_id, "A"), Shelf(after, 0, 0, row.stock_version + 1))

    found = levels.crossings(levels.changed(NOON))
    assert found == ([] if has_units is None else [Crossing(row.store_id, "A", has_units)])


def test_units_that_are_promised_are_not_for_sale() -> None:
    row = an_availability("lima", "A", on_hand=2, safety_margin=0)
    levels = Levels([row])

    levels.promise(StockKey(row.store_id, "A"), 2)

    assert levels.crossings(levels.changed(NOON)) == [Crossing(row.store_id, "A", False)]
