"""Money for any change of any order's lines: what it has costs what it cost, and what is new what it costs today."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.money import decimals, round_amount
from orders.changes.lines import CurrentOrder, LineChange, change
from orders.placement.rules import Line, OrderTerms, amount_of
from orders.refusal import Refusal
from orders.replica.references import Address, Customer, LineRequest, Product, References
from tests.support.shop.rows import a_delivery_address

ANA, HOMES = UUID(int=1), [UUID(int=2), UUID(int=3)]
SKUS = ["A", "B", "C"]
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "BGN"])
PRICES = st.decimals(min_value=0, max_value=10**4, places=4)
DISCOUNTS = st.one_of(st.just(Decimal(0)), st.decimals(min_value=0, max_value=1, places=4))
QUANTITIES = st.integers(1, 1000)


@dataclass(frozen=True)
class Case:
    """An order, and what the catalogue says today."""

    held: CurrentOrder
    today: References


@st.composite
def cases(draw: st.DrawFn) -> Case:
    currency = draw(CURRENCIES)
    lines = {
        UUID(int=100 + number): a_line(draw, currency) for number in range(draw(st.integers(min_value=1, max_value=5)))
    }
    held = CurrentOrder(currency, lines, [a_delivery_address(each) for each in HOMES])
    products = {
        sku: Product(
            sku,
            name=draw(st.sampled_from([sku, "Renamed"])),
            price=draw(PRICES),
            currency=draw(st.sampled_from([currency, "EUR"])),
            active=draw(st.booleans()),
        )
        for sku in draw(st.lists(st.sampled_from(SKUS), unique=True))
    }
    addresses = {each: Address(ANA, a_delivery_address(each, street="Elsewhere")) for each in HOMES}
    return Case(held, References(Customer(ANA, draw(st.booleans())), addresses, products))


def a_line(draw: st.DrawFn, currency: str) -> Line:
    sku, quantity, price, discount = draw(st.tuples(st.sampled_from(SKUS), QUANTITIES, PRICES, DISCOUNTS))
    amount = amount_of(quantity, price, discount, currency)
    return Line(sku, sku, quantity, price, discount, amount, draw(st.sampled_from(HOMES)))


def sent_back(line_id: UUID, line: Line, quantity: int | None = None) -> LineChange:
    """The line as a client sends it who changes nothing else."""
    return LineChange(
        LineRequest(line.sku, quantity or line.quantity, line.delivery_address_id), line_id, keeps_discount=True
    )


def changed(case: Case, lines: list[LineChange]) -> OrderTerms | None:
    try:
        return change(case.held, ANA, lines, case.today)
    except Refusal:
        return None


@given(cases(), st.randoms(use_true_random=False))
def test_lines_that_are_sent_back_are_what_they_were(case: Case, random: Random) -> None:
    items = list(case.held.lines.items())
    random.shuffle(items)

    after = changed(case, [sent_back(*each) for each in items])

    assert after is not None
    assert after.lines == [line for _, line in items]
    assert after.subtotal == sum((line.amount for line in case.held.lines.values()), Decimal(0))


@given(cases(), st.data())
def test_units_that_an_order_has_keep_their_terms_and_others_are_today_s(case: Case, data: st.DataObject) -> None:
    held, today = case.held, case.today
    quantities = {line_id: data.draw(QUANTITIES) for line_id in held.lines}
    new = data.draw(st.lists(st.sampled_from(SKUS), max_size=2))
    requested = [sent_back(each, line, quantities[each]) for each, line in held.lines.items()]
    requested += [LineChange(LineRequest(sku, 1, HOMES[0])) for sku in new]

    after = changed(case, requested)

    raised = [line.sku for each, line in held.lines.items() if quantities[each] > line.quantity]
    products = [today.products.get(sku) for sku in raised + new]
    may_be_new = today.customer and today.customer.active and held.currency != "BGN"
    assert (after is not None) == all(
        may_be_new and product and product.active and product.currency == held.currency for product in products
    )
    if after is None:
        return
    assert after.subtotal == sum((line.amount for line in after.lines), Decimal(0))
    assert after.subtotal == round_amount(after.subtotal, held.currency)
    assert sum(line.quantity for line in after.lines) == sum(quantities.values()) + len(new)
    exact = Decimal(0)
    for each, line in held.lines.items():
        kept = min(quantities[each], line.quantity)
        exact += kept * line.unit_price * (1 - line.discount)
        if quantities[each] > line.quantity:
            exact += (quantities[each] - line.quantity) * today.products[line.sku].price
    exact += sum((today.products[sku].price for sku in new), Decimal(0))
    half_a_unit = Decimal(1).scaleb(-decimals(held.currency)) / 2
    assert abs(after.subtotal - exact) <= len(after.lines) * half_a_unit


@given(cases(), st.data())
def test_what_comes_after_a_change_can_be_sent_back_too(case: Case, data: st.DataObject) -> None:
    requested = [sent_back(each, line, data.draw(QUANTITIES)) for each, line in case.held.lines.items()]
    after = changed(case, requested)
    if after is None:
        return

    held = CurrentOrder(
        after.currency, {UUID(int=200 + n): line for n, line in enumerate(after.lines)}, after.delivery_addresses
    )
    again = change(held, ANA, [sent_back(*each) for each in held.lines.items()], case.today)

    assert again == after
