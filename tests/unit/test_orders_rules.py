from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from contracts.orders import OrderStatus
from orders.rules import (
    AskedLine,
    Customer,
    DoesNotFit,
    NotAllowed,
    NotForSale,
    PriceDiffers,
    Product,
    References,
    UnknownReference,
    as_it_was,
    charged,
    check_cancellable,
    place,
)

ANA, BEN = UUID(int=1), UUID(int=2)
HOME, BENS_HOME = UUID(int=11), UUID(int=12)
CHAI = Product("CHAI", "Chai", Decimal("18.0000"), "USD", active=True)
YEN = Product("YEN", "Sencha", Decimal("1000"), "JPY", active=True)
GONE = Product("GONE", "Discontinued", Decimal("1"), "USD", active=False)
KNOWN = References(
    customer=Customer(ANA, active=True),
    address_owners={HOME: ANA, BENS_HOME: BEN},
    products={product.sku: product for product in (CHAI, YEN, GONE)},
)


def test_an_order_is_charged_at_the_prices_of_today() -> None:
    placed = place(ANA, [AskedLine("CHAI", 3, HOME)], KNOWN)

    assert placed.currency == "USD"
    assert placed.lines[0].product_name == "Chai"
    assert placed.total == Decimal("54.00")


def test_all_unknown_references_are_named_at_once() -> None:
    with pytest.raises(UnknownReference) as refusal:
        place(ANA, [AskedLine("NOPE", 1, HOME), AskedLine("CHAI", 1, BENS_HOME)], KNOWN)

    assert [fault.pointer for fault in refusal.value.faults] == ["#/lines/0/sku", "#/lines/1/deliveryAddressId"]


def test_an_unknown_customer_is_named() -> None:
    nobody = References(None, KNOWN.address_owners, KNOWN.products)

    with pytest.raises(UnknownReference) as refusal:
        place(ANA, [AskedLine("CHAI", 1, HOME)], nobody)

    assert refusal.value.faults[0].pointer == "#/customerId"


def test_what_is_not_active_is_not_sold() -> None:
    with pytest.raises(NotForSale) as refusal:
        place(ANA, [AskedLine("CHAI", 1, HOME), AskedLine("GONE", 1, HOME)], KNOWN)

    assert [fault.pointer for fault in refusal.value.faults] == ["#/lines/1/sku"]


def test_an_order_has_one_currency() -> None:
    with pytest.raises(NotForSale) as refusal:
        place(ANA, [AskedLine("CHAI", 1, HOME), AskedLine("YEN", 1, HOME)], KNOWN)

    assert "JPY" in refusal.value.faults[0].detail


def test_a_shown_price_that_is_no_longer_true_is_refused_naming_the_line() -> None:
    with pytest.raises(PriceDiffers) as refusal:
        place(ANA, [AskedLine("CHAI", 1, HOME, Decimal("17.99"))], KNOWN)

    assert refusal.value.faults[0].pointer == "#/lines/0/unitPrice"
    assert "18.00 USD" in refusal.value.faults[0].detail


def test_a_shown_price_that_is_true_is_taken() -> None:
    assert place(ANA, [AskedLine("CHAI", 1, HOME, Decimal("18"))], KNOWN).total == Decimal("18.00")


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
    line = AskedLine("CHAI", quantity, HOME, Decimal(price), Decimal(discount))

    assert charged(line, "Chai", Decimal(price), "USD").amount == Decimal(amount)


def test_yen_have_no_decimals() -> None:
    line = AskedLine("CHAI", 1, HOME, Decimal(199), Decimal("0.5"))

    assert as_it_was("JPY")(ANA, [line], KNOWN).total == Decimal("100")


def test_a_price_finer_than_its_currency_is_refused_naming_the_line() -> None:
    lines = [AskedLine("CHAI", 1, HOME, Decimal("1.50")), AskedLine("CHAI", 1, HOME, Decimal("1.505"))]

    with pytest.raises(DoesNotFit) as refusal:
        as_it_was("USD")(ANA, lines, KNOWN)

    assert [fault.pointer for fault in refusal.value.faults] == ["#/lines/1/unitPrice"]


def test_an_amount_that_the_books_do_not_hold_is_refused() -> None:
    most = Decimal("999999999.99")

    with pytest.raises(DoesNotFit) as one_line:
        as_it_was("USD")(ANA, [AskedLine("CHAI", 1_000_000, HOME, most * 10)], KNOWN)
    with pytest.raises(DoesNotFit) as the_total:
        as_it_was("USD")(ANA, [AskedLine("CHAI", 1_000_000, HOME, most)] * 2, KNOWN)

    assert [fault.pointer for fault in one_line.value.faults] == ["#/lines/0/quantity"]
    assert [fault.pointer for fault in the_total.value.faults] == ["#/lines"]


def test_an_imported_order_may_hold_what_is_no_longer_sold() -> None:
    assert as_it_was("USD")(ANA, [AskedLine("GONE", 2, HOME, Decimal("3"))], KNOWN).total == Decimal("6.00")


@pytest.mark.parametrize("status", [OrderStatus.SHIPPED, OrderStatus.CANCELLED])
def test_only_a_placed_order_can_be_cancelled(status: OrderStatus) -> None:
    check_cancellable(OrderStatus.PLACED)

    with pytest.raises(NotAllowed):
        check_cancellable(status)
