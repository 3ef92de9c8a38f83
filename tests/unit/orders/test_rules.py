from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from orders.placement.rules import InvalidOrder, NotForSale, PriceDiffers, amount_of, imported_terms, place
from orders.replica.references import Address, Customer, LineRequest, Product, References, UnknownReference
from tests.support.shop.rows import a_delivery_address

ANA, BEN = UUID(int=1), UUID(int=2)
HOME, BENS_HOME = UUID(int=11), UUID(int=12)
CHAI = Product("CHAI", "Chai", Decimal("18.0000"), "USD", active=True)
YEN = Product("YEN", "Sencha", Decimal("1000"), "JPY", active=True)
GONE = Product("GONE", "Discontinued", Decimal("1"), "USD", active=False)
KNOWN = References(
    customer=Customer(ANA, active=True),
    addresses={
        HOME: Address(ANA, a_delivery_address(HOME)),
        BENS_HOME: Address(BEN, a_delivery_address(BENS_HOME)),
    },
    products={product.sku: product for product in (CHAI, YEN, GONE)},
)


def test_an_order_is_charged_at_the_prices_of_today() -> None:
    placed = place(ANA, [LineRequest("CHAI", 3, HOME)], KNOWN)

    assert placed.currency == "USD"
    assert placed.lines[0].product_name == "Chai"
    assert placed.subtotal == Decimal("54.00")


def test_all_unknown_references_are_named_at_once() -> None:
    with pytest.raises(UnknownReference) as refusal:
        place(ANA, [LineRequest("NOPE", 1, HOME), LineRequest("CHAI", 1, BENS_HOME)], KNOWN)

    assert [each.pointer for each in refusal.value.violations] == ["#/lines/0/sku", "#/lines/1/deliveryAddressId"]


def test_an_unknown_customer_is_named() -> None:
    nobody = References(None, KNOWN.addresses, KNOWN.products)

    with pytest.raises(UnknownReference) as refusal:
        place(ANA, [LineRequest("CHAI", 1, HOME)], nobody)

    assert refusal.value.violations[0].pointer == "#/customerId"


def test_what_is_not_active_is_not_sold() -> None:
    with pytest.raises(NotForSale) as refusal:
        place(ANA, [LineRequest("CHAI", 1, HOME), LineRequest("GONE", 1, HOME)], KNOWN)

    assert [each.pointer for each in refusal.value.violations] == ["#/lines/1/sku"]


def test_an_order_has_one_currency() -> None:
    with pytest.raises(NotForSale) as refusal:
        place(ANA, [LineRequest("CHAI", 1, HOME), LineRequest("YEN", 1, HOME)], KNOWN)

    assert "JPY" in refusal.value.violations[0].detail


def test_a_shown_price_that_is_no_longer_true_is_refused_naming_the_line() -> None:
    with pytest.raises(PriceDiffers) as refusal:
        place(ANA, [LineRequest("CHAI", 1, HOME, Decimal("17.99"))], KNOWN)

    assert refusal.value.violations[0].pointer == "#/lines/0/unitPrice"
    assert "18.00 USD" in refusal.value.violations[0].detail


def test_a_shown_price_that_is_true_is_taken() -> None:
    assert place(ANA, [LineRequest("CHAI", 1, HOME, Decimal("18"))], KNOWN).subtotal == Decimal("18.00")


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "amount"),
    [
        (1, "0.125", "0", "0.13"),
        (3, "9.99", "0.15", "25.47"),
        (130, "2.50", "0.25", "243.75"),
        (1, "10.00", "1", "0.00"),
    ],
)
def test_a_line_is_rounded_half_up_to_the_currency(quantity: int, price: str, discount: str, amount: str) -> None:
    assert amount_of(quantity, Decimal(price), Decimal(discount), "USD") == Decimal(amount)


def test_yen_have_no_decimals() -> None:
    line = LineRequest("CHAI", 1, HOME, Decimal(199), Decimal("0.5"))

    assert imported_terms("JPY")(ANA, [line], KNOWN).subtotal == Decimal("100")


def test_a_price_may_be_finer_than_its_currency_and_its_amount_is_not() -> None:
    taken_over = imported_terms("USD")(ANA, [LineRequest("CHAI", 1001, HOME, Decimal("0.0125"))], KNOWN)
    screws = Product("SCREW", "Screw", Decimal("0.0125"), "USD", active=True)
    placed = place(ANA, [LineRequest("SCREW", 1001, HOME)], replace(KNOWN, products={"SCREW": screws}))

    for order in (taken_over, placed):
        assert order.lines[0].unit_price == Decimal("0.0125")
        assert order.subtotal == order.lines[0].amount == Decimal("12.51")


def test_nobody_orders_in_a_currency_that_is_retired() -> None:
    known = replace(KNOWN, products={"LEV": Product("LEV", "Rose oil", Decimal(9), "BGN", active=True)})

    with pytest.raises(InvalidOrder) as refusal:
        place(ANA, [LineRequest("LEV", 1, HOME)], known)

    assert [each.pointer for each in refusal.value.violations] == ["#/lines/0/sku"]


def test_an_order_of_the_past_is_in_the_currency_of_its_time() -> None:
    order = imported_terms("ITL")(ANA, [LineRequest("CHAI", 3, HOME, Decimal("1500.5"))], KNOWN)

    assert (order.currency, order.subtotal) == ("ITL", Decimal(4502))


def test_an_amount_that_the_books_do_not_hold_is_refused() -> None:
    most = Decimal("999999999.99")

    with pytest.raises(InvalidOrder) as one_line:
        imported_terms("USD")(ANA, [LineRequest("CHAI", 1_000_000, HOME, most * 10)], KNOWN)
    with pytest.raises(InvalidOrder) as the_total:
        imported_terms("USD")(ANA, [LineRequest("CHAI", 1_000_000, HOME, most)] * 2, KNOWN)

    assert [each.pointer for each in one_line.value.violations] == ["#/lines/0/quantity"]
    assert [each.pointer for each in the_total.value.violations] == ["#/lines"]


def test_an_imported_order_may_hold_what_is_no_longer_sold() -> None:
    assert imported_terms("USD")(ANA, [LineRequest("GONE", 2, HOME, Decimal("3"))], KNOWN).subtotal == Decimal("6.00")


def test_an_order_keeps_the_addresses_it_goes_to_each_once() -> None:
    placed = place(ANA, [LineRequest("CHAI", 1, HOME), LineRequest("CHAI", 2, HOME)], KNOWN)

    assert placed.delivery_addresses == [a_delivery_address(HOME)]


def test_a_discount_is_of_its_line_alone() -> None:
    placed = place(ANA, [LineRequest("CHAI", 1, HOME, discount=Decimal("0.25")), LineRequest("CHAI", 1, HOME)], KNOWN)

    assert [line.amount for line in placed.lines] == [Decimal("13.50"), Decimal("18.00")]
    assert placed.subtotal == Decimal("31.50")
