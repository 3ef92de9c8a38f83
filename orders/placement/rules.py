"""Decisions about orders: pure functions that return the terms of an order or raise a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from contracts.money import format_price, is_current, round_amount
from contracts.orders import DeliveryAddress
from orders.refusal import Refusal, Violation
from orders.replica.references import LineRequest, Product, References, check_references

MOST_AMOUNT = Decimal(10) ** 15
"""Amounts stay below this: the databases hold 15 digits before the decimal point."""


class NotForSale(Refusal):
    """The customer or a product is inactive, or the lines have different currencies."""


class PriceDiffers(Refusal):
    """The price that the client showed is not the current price."""


class InvalidOrder(Refusal):
    """An amount is too large, or in a retired currency."""


@dataclass(frozen=True)
class Line:
    """One line as it is charged: `amount` is quantity x unit price x (1 - discount), rounded."""

    sku: str
    product_name: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    delivery_address_id: UUID


@dataclass(frozen=True)
class OrderTerms:
    """The decided terms of an order: its currency, its lines and their delivery addresses."""

    currency: str
    lines: Sequence[Line]
    delivery_addresses: Sequence[DeliveryAddress]

    @property
    def subtotal(self) -> Decimal:
        """The sum of the lines' amounts, each rounded already."""
        return sum((line.amount for line in self.lines), Decimal(0))


def place(customer_id: UUID, requested: Sequence[LineRequest], known: References) -> OrderTerms:
    """Decide a new order at current prices. Raises UnknownReference, NotForSale, PriceDiffers or InvalidOrder."""
    numbered = dict(enumerate(requested))
    check_references(customer_id, numbered, known)
    currency = known.products[requested[0].sku].currency
    check_for_sale(numbered, known, currency)
    check_shown_prices(numbered, known)
    lines = [charged(line, known.products[line.sku]) for line in requested]
    return within_limits(OrderTerms(currency, lines, delivered_to(requested, known)))


def imported_terms(currency: str) -> Callable[[UUID, Sequence[LineRequest], References], OrderTerms]:
    """The decision for an imported order: with its own prices and discounts, in its own currency."""

    def take_over(customer_id: UUID, requested: Sequence[LineRequest], known: References) -> OrderTerms:
        check_references(customer_id, dict(enumerate(requested)), known)
        products = [
            replace(known.products[line.sku], price=line.unit_price or Decimal(0), currency=currency)
            for line in requested
        ]
        lines = [charged(*each) for each in zip(requested, products, strict=True)]
        return within_limits(OrderTerms(currency, lines, delivered_to(requested, known)))

    return take_over


def charged(line: LineRequest, product: Product) -> Line:
    """The line at the product's price."""
    amount = amount_of(line.quantity, product.price, line.discount, product.currency)
    return Line(line.sku, product.name, line.quantity, product.price, line.discount, amount, line.delivery_address_id)


def charged_terms(currency: str, requested: Sequence[LineRequest]) -> OrderTerms:
    """The terms of an imported order as its request has them, without data from the replica."""
    lines = [
        charged(line, Product(line.sku, "", line.unit_price or Decimal(0), currency, active=True)) for line in requested
    ]
    return OrderTerms(currency, lines, [])


def amount_of(quantity: int, unit_price: Decimal, discount: Decimal, currency: str) -> Decimal:
    """What a line costs: rounded to the currency's decimals, halves away from zero, line by line. Prices are not."""
    return round_amount(quantity * unit_price * (1 - discount), currency)


def delivered_to(lines: Sequence[LineRequest | Line], known: References) -> list[DeliveryAddress]:
    """The delivery addresses of these lines, each once."""
    ids = dict.fromkeys(line.delivery_address_id for line in lines)
    return [known.addresses[each].details for each in ids]


def within_limits(placed: OrderTerms, places: Sequence[int] | None = None) -> OrderTerms:
    """`placed`, if the databases can hold its amounts. `places` are the indexes of the lines in the request.

    Raises InvalidOrder.
    """
    violations = [
        Violation(f"#/lines/{number}/quantity", f"the line's amount must be less than {MOST_AMOUNT}")
        for number, line in zip(places or range(len(placed.lines)), placed.lines, strict=True)
        if line.amount >= MOST_AMOUNT
    ]
    if not violations and placed.subtotal >= MOST_AMOUNT:
        violations = [Violation("#/lines", f"the subtotal must be less than {MOST_AMOUNT}")]
    if violations:
        raise InvalidOrder(violations)
    return placed


def check_for_sale(requested: Mapping[int, LineRequest], known: References, currency: str) -> None:
    """Check that lines, by their index in the request, can be ordered. Raises NotForSale, InvalidOrder."""
    violations = []
    if requested and known.customer and not known.customer.active:
        violations.append(Violation("#/customerId", "this customer is inactive"))
    for number, line in requested.items():
        product = known.products[line.sku]
        if not product.active:
            violations.append(Violation(f"#/lines/{number}/sku", f"product {line.sku} is inactive"))
        if product.currency != currency:
            detail = f"the price of product {line.sku} is in {product.currency}, the order in {currency}"
            violations.append(Violation(f"#/lines/{number}/sku", detail))
    if violations:
        raise NotForSale(violations)
    if requested and not is_current(currency):
        detail = f"the currency {currency} is retired"
        raise InvalidOrder([Violation(f"#/lines/{number}/sku", detail) for number in requested])


def check_shown_prices(requested: Mapping[int, LineRequest], known: References) -> None:
    """Check that the prices in the request are current; lines by their index in the request. Raises PriceDiffers."""
    violations = []
    for number, line in requested.items():
        product = known.products[line.sku]
        if line.unit_price is not None and line.unit_price != product.price:
            price = f"{format_price(product.price, product.currency)} {product.currency}"
            detail = f"the current price of product {line.sku} is {price}"
            violations.append(Violation(f"#/lines/{number}/unitPrice", detail))
    if violations:
        raise PriceDiffers(violations)
