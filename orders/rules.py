"""Decisions about orders: pure functions of values, which raise a named refusal or say what the order is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from contracts.money import rounded, shown
from contracts.orders import DeliveryAddress
from orders.references import Address, AskedLine, Product, References, check_references
from orders.refusal import Fault, Refusal

MOST_AMOUNT = Decimal(10) ** 15
"""Amounts stay below this: the stores keep 15 digits before the point."""


class NotForSale(Refusal):
    """It refers to a customer or product that is not active, or mixes currencies."""


class PriceDiffers(Refusal):
    """The price the client showed is not the price of today."""


class DoesNotFit(Refusal):
    """An amount is larger than the books hold, or finer than its currency."""


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
class Placed:
    """What is decided about an order's lines: their currency, what they say, where they go."""

    currency: str
    lines: Sequence[Line]
    delivery_addresses: Sequence[DeliveryAddress]

    @property
    def total(self) -> Decimal:
        """The sum of the lines' amounts, each rounded already."""
        return sum((line.amount for line in self.lines), Decimal(0))


def place(customer_id: UUID, asked: Sequence[AskedLine], known: References) -> Placed:
    """Decide a new order at today's prices. Raises UnknownReference, NotForSale, PriceDiffers or DoesNotFit."""
    check_references(customer_id, asked, known)
    _check_for_sale(asked, known)
    _check_shown_prices(asked, known)
    products = [known.products[line.sku] for line in asked]
    lines = [
        charged(line, product.name, product.price, product.currency)
        for line, product in zip(asked, products, strict=True)
    ]
    return _within_the_books(Placed(products[0].currency, lines, _delivered_to(asked, known)))


def change(before: Placed, customer_id: UUID, asked: Sequence[AskedLine], known: References) -> Placed:
    """Decide an order's lines anew. What it holds already keeps the name, price and address it was placed with.

    Raises what `place` raises; NotForSale also for lines in another currency than the order's.
    """
    placed = place(customer_id, asked, _as_placed(before, customer_id, known))
    if placed.currency != before.currency:
        raise NotForSale([Fault("#/lines", f"the order is in {before.currency}, these lines in {placed.currency}")])
    return placed


def as_it_was(currency: str) -> Callable[[UUID, Sequence[AskedLine], References], Placed]:
    """How to decide an order taken over from another system: its own prices and discounts, in its own currency."""

    def take_over(customer_id: UUID, asked: Sequence[AskedLine], known: References) -> Placed:
        check_references(customer_id, asked, known)
        names = [known.products[line.sku].name for line in asked]
        prices = [line.unit_price or Decimal(0) for line in asked]
        _check_decimals(currency, prices)
        lines = [charged(*each, currency) for each in zip(asked, names, prices, strict=True)]
        return _within_the_books(Placed(currency, lines, _delivered_to(asked, known)))

    return take_over


def as_charged(currency: str, asked: Sequence[AskedLine]) -> Placed:
    """What an imported order says of its lines, with nothing that is known only here."""
    return Placed(currency, [charged(line, "", line.unit_price or Decimal(0), currency) for line in asked], [])


def charged(line: AskedLine, name: str, unit_price: Decimal, currency: str) -> Line:
    """The line with its amount: rounded to the currency's decimals, halves away from zero, line by line."""
    amount = rounded(line.quantity * unit_price * (1 - line.discount), currency)
    return Line(line.sku, name, line.quantity, unit_price, line.discount, amount, line.delivery_address_id)


def _as_placed(before: Placed, customer_id: UUID, known: References) -> References:
    products: Mapping[str, Product] = {
        line.sku: Product(line.sku, line.product_name, line.unit_price, before.currency, active=True)
        for line in before.lines
    }
    addresses = {each.address_id: Address(customer_id, each) for each in before.delivery_addresses}
    return References(known.customer, {**known.addresses, **addresses}, {**known.products, **products})


def _delivered_to(asked: Sequence[AskedLine], known: References) -> list[DeliveryAddress]:
    ids = dict.fromkeys(line.delivery_address_id for line in asked)
    return [known.addresses[each].details for each in ids]


def _check_decimals(currency: str, prices: Sequence[Decimal]) -> None:
    faults = [
        Fault(f"#/lines/{number}/unitPrice", f"has more decimals than {currency}")
        for number, price in enumerate(prices)
        if price != rounded(price, currency)
    ]
    if faults:
        raise DoesNotFit(faults)


def _within_the_books(placed: Placed) -> Placed:
    faults = [
        Fault(f"#/lines/{number}/quantity", f"the line's amount would be {MOST_AMOUNT} or more")
        for number, line in enumerate(placed.lines)
        if line.amount >= MOST_AMOUNT
    ]
    if not faults and placed.total >= MOST_AMOUNT:
        faults = [Fault("#/lines", f"the total would be {MOST_AMOUNT} or more")]
    if faults:
        raise DoesNotFit(faults)
    return placed


def _check_for_sale(asked: Sequence[AskedLine], known: References) -> None:
    faults = []
    if known.customer and not known.customer.active:
        faults.append(Fault("#/customerId", "this customer is not active"))
    currency = known.products[asked[0].sku].currency
    for number, line in enumerate(asked):
        product = known.products[line.sku]
        if not product.active:
            faults.append(Fault(f"#/lines/{number}/sku", f"product {line.sku} is not for sale"))
        if product.currency != currency:
            detail = f"product {line.sku} is priced in {product.currency}, the order in {currency}"
            faults.append(Fault(f"#/lines/{number}/sku", detail))
    if faults:
        raise NotForSale(faults)


def _check_shown_prices(asked: Sequence[AskedLine], known: References) -> None:
    faults = []
    for number, line in enumerate(asked):
        product = known.products[line.sku]
        if line.unit_price is not None and line.unit_price != product.price:
            detail = f"product {line.sku} costs {shown(product.price, product.currency)} {product.currency} now"
            faults.append(Fault(f"#/lines/{number}/unitPrice", detail))
    if faults:
        raise PriceDiffers(faults)
