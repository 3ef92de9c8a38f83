"""Lines of an order that is there: each keeps the terms it was placed at, and what is new has those of today."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.orders import DeliveryAddress
from contracts.sizes import MOST_LINES
from orders.changes.lines import CurrentOrder, LineChange, change
from orders.placement.rules import InvalidOrder, Line, NotForSale, OrderTerms, PriceDiffers, amount_of
from orders.replica.references import Address, Customer, LineRequest, Product, References, UnknownReference
from tests.support.shop.rows import a_delivery_address

ANA, HOME, WORK = UUID(int=1), UUID(int=11), UUID(int=12)
FIRST, SECOND = UUID(int=21), UUID(int=22)
CHAI = Product("CHAI", "Chai", Decimal(20), "USD", active=True)
TODAY = References(
    Customer(ANA, active=True),
    {each: Address(ANA, a_delivery_address(each, street="Elsewhere")) for each in (HOME, WORK)},
    {"CHAI": CHAI, "YEN": Product("YEN", "Sencha", Decimal(1000), "JPY", active=True)},
)
NOTHING_LEFT = References(Customer(ANA, active=False), {}, {})


def a_line(price: str, quantity: int = 1, discount: str = "0", **changes: Any) -> Line:
    amount = amount_of(quantity, Decimal(price), Decimal(discount), "USD")
    line = Line("CHAI", "Chai of then", quantity, Decimal(price), Decimal(discount), amount, HOME)
    return replace(line, **changes)


def held(*lines: Line, currency: str = "USD") -> CurrentOrder:
    addresses: list[DeliveryAddress] = [a_delivery_address(HOME)]
    return CurrentOrder(currency, {UUID(int=21 + place): line for place, line in enumerate(lines)}, addresses)


def line(line_id: UUID | None = None, quantity: int = 1, discount: str | None = None, **changes: Any) -> LineChange:
    values: dict[str, Any] = {"sku": "CHAI", "delivery_address_id": HOME} | changes
    requested = LineRequest(quantity=quantity, discount=Decimal(discount or 0), **values)
    return LineChange(requested, line_id, keeps_discount=discount is None)


def changed(before: CurrentOrder, *lines: LineChange, known: References = TODAY) -> OrderTerms:
    return change(before, ANA, lines, known)


def test_the_same_product_at_two_prices_is_kept_at_both() -> None:
    before = held(a_line("9.00"), a_line("1.00"))

    after = changed(before, line(FIRST), line(SECOND), known=NOTHING_LEFT)

    assert after.lines == list(before.lines.values())
    assert after.subtotal == Decimal("10.00")


def test_a_line_keeps_its_discount_unless_another_is_said() -> None:
    before = held(a_line("10.00", 1, "0.5"))

    assert changed(before, line(FIRST)).subtotal == Decimal("5.00")
    assert changed(before, line(FIRST, discount="0")).subtotal == Decimal("10.00")
    assert changed(before, line(FIRST, discount="0.2")).subtotal == Decimal("8.00")


def test_units_beyond_those_held_are_a_line_of_their_own_at_today_s_terms() -> None:
    before = held(a_line("9.00", 2, "0.5"))

    after = changed(before, line(FIRST, 1000))

    assert after.lines == [
        a_line("9.00", 2, "0.5"),
        Line("CHAI", "Chai", 998, Decimal(20), Decimal(0), Decimal("19960.00"), HOME),
    ]


def test_units_at_the_same_terms_stay_on_one_line() -> None:
    before = held(a_line("20.0000", 2, product_name="Chai"))

    [only] = changed(before, line(FIRST, 5)).lines

    assert (only.quantity, only.amount) == (5, Decimal("100.00"))


@pytest.mark.parametrize(
    ("today", "refusal"),
    [
        ({}, UnknownReference),
        ({"CHAI": replace(CHAI, active=False)}, NotForSale),
        ({"CHAI": replace(CHAI, currency="EUR")}, NotForSale),
    ],
)
def test_a_line_of_what_is_not_sold_any_more_is_kept_or_lowered_and_not_raised(
    today: dict[str, Product], refusal: type[Exception]
) -> None:
    before, known = held(a_line("9.00", 3)), replace(TODAY, products=today)

    assert changed(before, line(FIRST, 3), known=known).subtotal == Decimal("27.00")
    assert changed(before, line(FIRST, 2), known=known).subtotal == Decimal("18.00")
    with pytest.raises(refusal) as refused:
        changed(before, line(FIRST, 4), known=known)
    assert refused.value.violations[0].pointer == "#/lines/0/sku"  # type: ignore[attr-defined]


def test_a_line_without_an_id_is_new() -> None:
    after = changed(held(a_line("9.00")), line(FIRST), line(None))

    assert [each.unit_price for each in after.lines] == [Decimal("9.00"), Decimal(20)]


def test_a_new_line_is_in_the_order_s_currency() -> None:
    with pytest.raises(NotForSale) as refused:
        changed(held(a_line("9.00")), line(FIRST), line(None, sku="YEN"))

    assert refused.value.violations[0].pointer == "#/lines/1/sku"


def test_an_order_in_a_retired_currency_is_kept_and_gets_nothing_new() -> None:
    before = held(a_line("9.00", 3), currency="BGN")
    known = replace(TODAY, products={"CHAI": replace(CHAI, currency="BGN")})

    assert changed(before, line(FIRST, 2), known=known).subtotal == Decimal("18.00")
    with pytest.raises(InvalidOrder):
        changed(before, line(FIRST, 4), known=known)


def test_an_address_that_the_order_goes_to_says_what_it_said_then() -> None:
    after = changed(held(a_line("9.00", 2)), line(FIRST, 3), line(None, delivery_address_id=WORK))

    assert after.delivery_addresses == [a_delivery_address(HOME), a_delivery_address(WORK, street="Elsewhere")]


def test_a_line_may_go_to_another_address() -> None:
    [moved] = changed(held(a_line("9.00", 2)), line(FIRST, 2, delivery_address_id=WORK)).lines

    assert moved == a_line("9.00", 2, delivery_address_id=WORK)


def test_a_price_that_was_shown_is_that_of_the_units_it_is_asked_for() -> None:
    before = held(a_line("9.00", 2))

    assert changed(before, line(FIRST, 2, unit_price=Decimal("9.0"))).subtotal == Decimal("18.00")
    with pytest.raises(PriceDiffers):  # of the units that it has
        changed(before, line(FIRST, 2, unit_price=Decimal(20)))
    with pytest.raises(PriceDiffers):  # of the unit that is new
        changed(before, line(FIRST, 3, unit_price=Decimal(9)))


@pytest.mark.parametrize(
    ("lines", "refusal", "pointer"),
    [
        ([line(UUID(int=1))], UnknownReference, "#/lines/0/id"),
        ([line(FIRST), line(FIRST)], InvalidOrder, "#/lines/1/id"),
        ([line(FIRST, sku="YEN")], InvalidOrder, "#/lines/0/sku"),
        ([line(FIRST, delivery_address_id=UUID(int=1))], UnknownReference, "#/lines/0/deliveryAddressId"),
        ([line(None, sku="NOPE")], UnknownReference, "#/lines/0/sku"),
        ([line(FIRST, 1_000_000_000)], InvalidOrder, "#/lines/0/quantity"),
    ],
)
def test_what_an_order_cannot_have_is_named(lines: list[LineChange], refusal: type[Exception], pointer: str) -> None:
    dear = replace(TODAY, products={"CHAI": replace(CHAI, price=Decimal(10) ** 7)})

    with pytest.raises(refusal) as refused:
        changed(held(a_line("9.00")), *lines, known=dear)

    assert [each.pointer for each in refused.value.violations] == [pointer]  # type: ignore[attr-defined]


def test_lines_that_become_two_are_counted_as_two() -> None:
    before = held(*[a_line("9.00")] * MOST_LINES)

    with pytest.raises(InvalidOrder, match="501 lines"):
        changed(before, *[line(each) for each in list(before.lines)[1:]], line(FIRST, 2))


def test_an_erased_customer_s_order_is_not_changed() -> None:
    with pytest.raises(UnknownReference):
        changed(held(a_line("9.00")), line(FIRST), known=References(None, {}, {}))
