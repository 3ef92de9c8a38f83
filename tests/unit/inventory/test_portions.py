"""Transactions of inventory have a limited number of lines, whatever arrives at once."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contracts.orders import OrderStatus
from inventory.orders.arriving import works
from inventory.portions import MOST_AT_ONCE, MOST_LINES, portions
from tests.support.stock.sourcing import an_order


@given(st.lists(st.integers(0, 500), max_size=700))
def test_portions_have_all_in_their_sequence_and_none_is_too_large(sizes: list[int]) -> None:
    found = list(portions(enumerate(sizes)))

    assert [number for portion in found for number in portion] == [*range(len(sizes))]
    for portion in found:
        assert len(portion) <= MOST_AT_ONCE
        assert len(portion) == 1 or sum(sizes[number] for number in portion) <= MOST_LINES
    for portion, following in pairwise(found):
        lines = sum(sizes[number] for number in [*portion, following[0]])
        assert len(portion) == MOST_AT_ONCE or lines > MOST_LINES


def test_all_lines_of_an_order_count_though_only_its_own_row_arrives() -> None:
    """Two hundred large orders that are cancelled at once give back all their units."""
    orders = [an_order(*[("A", 1)] * 100, status=OrderStatus.CANCELLED)[0] for _ in range(MOST_AT_ONCE)]

    found = list(works(orders, [], [order.order_id for order in orders]))

    assert {len(work.order_ids) for work in found[:-1]} == {MOST_LINES // 100}
    assert [each for work in found for each in work.order_ids] == [order.order_id for order in orders]
