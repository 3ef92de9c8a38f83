"""The units of a stock that are free: SQL and Python count the same, and overreserved ones are not free twice."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import asdict

from contracts.inventory.availability import FREE, LEFT, AvailabilityRow
from inventory.decisions.rules import StockKey
from inventory.levels import Levels, Shelf
from tests.support.shop.rows import an_availability

KEY = StockKey("lima", "A")
UNITS = st.integers(0, 6)
MARGIN = st.sampled_from([0, 1, 3])


def levels_of(promised: int, margin: int, shelf: tuple[int, int, int], *, has_backorders: bool = False) -> Levels:
    """One stock: units promised when there were enough, and then those on hand, unsellable and committed."""
    levels = Levels([an_availability(*KEY, safety_margin=margin, has_backorders=has_backorders)])
    levels.promise(KEY, promised)
    levels.restock(KEY, Shelf(*shelf, 2))
    return levels


@st.composite
def shelves(draw: st.DrawFn) -> tuple[int, int, int]:
    """Units on hand, unsellable and committed."""
    unsellable, committed = draw(UNITS), draw(UNITS)
    return unsellable + committed + draw(UNITS), unsellable, committed


def sql(expression: str, row: AvailabilityRow) -> Any:
    """What MySQL makes of a sum of columns, which is written as in Python."""
    return eval(expression, {}, asdict(row))


@given(UNITS, MARGIN, shelves(), st.booleans())
def test_sql_counts_as_the_row_and_the_decisions_do(
    promised: int, margin: int, shelf: tuple[int, int, int], has_backorders: bool
) -> None:
    levels = levels_of(promised, margin, shelf, has_backorders=has_backorders)
    row = levels.current(KEY)

    assert row.on_hand == row.available + row.reserved + row.committed + row.unsellable
    assert row.available == max(0, sql(LEFT, row))
    assert row.available_to_promise == (0 if has_backorders else max(0, sql(FREE, row)))
    assert levels.free(["A"]) == {"A": {"lima": sql(FREE, row)}}


@given(UNITS, UNITS, MARGIN, shelves())
@example(2, 3, 0, (2, 0, 0))  # three of five reserved units were sold by the till; carts with two of them expire
@example(2, 3, 1, (2, 0, 0))
def test_units_that_expire_are_free_beyond_those_overreserved(
    expired: int, others: int, margin: int, shelf: tuple[int, int, int]
) -> None:
    levels = levels_of(shelf[2] + expired + others, margin, shelf)
    before = levels.current(KEY)

    levels.promise(KEY, -expired)

    after = levels.current(KEY)
    assert max(0, sql(LEFT, before) + expired) == after.available
    assert max(0, sql(FREE, before) + expired) == after.available_to_promise
