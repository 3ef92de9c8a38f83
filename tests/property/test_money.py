"""Money for any order: it adds up, and nothing is lost by rounding but what rounding means."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.money import decimals, format_amount, round_amount
from orders.placement.rules import imported_terms
from orders.replica.references import Address, Customer, LineRequest, Product, References
from tests.support.shop.rows import a_delivery_address

ANA, HOME = UUID(int=1), UUID(int=2)
CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF"])
PRICES = st.decimals(min_value=0, max_value=10**6, places=4)
DISCOUNTS = st.decimals(min_value=0, max_value=1, places=4)
LINES = st.lists(st.tuples(st.integers(1, 10**6), PRICES, DISCOUNTS), min_size=1, max_size=20)


@given(LINES, CURRENCIES)
def test_the_lines_of_an_order_add_up_to_its_total(lines: list[tuple[int, Decimal, Decimal]], currency: str) -> None:
    known = References(
        Customer(ANA, active=True),
        {HOME: Address(ANA, a_delivery_address(HOME))},
        {"A": Product("A", "A", Decimal(1), currency, active=True)},
    )
    asked = [
        LineRequest("A", quantity, HOME, round_amount(price, currency), discount) for quantity, price, discount in lines
    ]

    placed = imported_terms(currency)(ANA, asked, known)

    assert sum(Decimal(format_amount(line.amount, currency)) for line in placed.lines) == Decimal(
        format_amount(placed.subtotal, currency)
    )


@given(PRICES, CURRENCIES)
def test_rounding_moves_an_amount_by_half_a_unit_at_most(amount: Decimal, currency: str) -> None:
    unit = Decimal(1).scaleb(-decimals(currency))

    assert abs(round_amount(amount, currency) - amount) <= unit / 2
    assert round_amount(round_amount(amount, currency), currency) == round_amount(amount, currency)


@given(PRICES, CURRENCIES)
def test_an_amount_is_shown_with_the_decimals_of_its_currency(amount: Decimal, currency: str) -> None:
    _, point, digits = format_amount(amount, currency).partition(".")

    assert len(digits) == decimals(currency)
    assert bool(point) == bool(digits)
