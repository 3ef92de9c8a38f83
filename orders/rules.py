"""Decisions about orders: pure functions of values, which raise a named refusal or say what the order is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from contracts.money import rounded, shown
from contracts.orders import OrderStatus

MOST_AMOUNT = Decimal(10) ** 15
"""Amounts stay below this: the stores keep 15 digits before the point."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one place of the request; `pointer` is a JSON pointer into its body."""

    pointer: str
    detail: str


class Refusal(Exception):
    """The order cannot be as asked. Carries all faults found, not just the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.detail for fault in faults))
        self.faults = list(faults)


class UnknownReference(Refusal):
    """It refers to a customer, address or product that is not known, or not this customer's."""


class NotForSale(Refusal):
    """It refers to a customer or product that is not active, or mixes currencies."""


class PriceDiffers(Refusal):
    """The price the client showed is not the price of today."""


class DoesNotFit(Refusal):
    """An amount is larger than the books hold, or finer than its currency."""


class NotAllowed(Refusal):
    """The order's status does not allow this."""


@dataclass(frozen=True)
class Customer:
    """A customer as the replica knows it."""

    customer_id: UUID
    active: bool


@dataclass(frozen=True)
class Product:
    """A product as the replica knows it, with the price of today."""

    sku: str
    name: str
    price: Decimal
    currency: str
    active: bool


@dataclass(frozen=True)
class References:
    """What is known of the things an order refers to: the customer, the owner of each address, the products."""

    customer: Customer | None
    address_owners: Mapping[UUID, UUID]
    products: Mapping[str, Product]


@dataclass(frozen=True)
class AskedLine:
    """One line as asked for. `unit_price` is what the client showed its user, if it says so."""

    sku: str
    quantity: int
    delivery_address_id: UUID
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)


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
    """What is decided about a new order: its currency, its lines and their sum."""

    currency: str
    lines: Sequence[Line]

    @property
    def total(self) -> Decimal:
        """The sum of the lines' amounts, each rounded already."""
        return sum((line.amount for line in self.lines), Decimal(0))


def place(customer_id: UUID, asked: Sequence[AskedLine], known: References) -> Placed:
    """Decide a new order at today's prices. Raises UnknownReference, NotForSale or PriceDiffers."""
    check_references(customer_id, asked, known)
    _check_for_sale(asked, known)
    _check_shown_prices(asked, known)
    products = [known.products[line.sku] for line in asked]
    lines = [
        charged(line, product.name, product.price, product.currency)
        for line, product in zip(asked, products, strict=True)
    ]
    return _within_the_books(Placed(products[0].currency, lines))


def as_it_was(currency: str) -> Callable[[UUID, Sequence[AskedLine], References], Placed]:
    """How to decide an order taken over from another system: its own prices and discounts, in its own currency."""

    def take_over(customer_id: UUID, asked: Sequence[AskedLine], known: References) -> Placed:
        check_references(customer_id, asked, known)
        names = [known.products[line.sku].name for line in asked]
        prices = [line.unit_price or Decimal(0) for line in asked]
        _check_decimals(currency, prices)
        return _within_the_books(
            Placed(currency, [charged(*each, currency) for each in zip(asked, names, prices, strict=True)])
        )

    return take_over


def charged(line: AskedLine, name: str, unit_price: Decimal, currency: str) -> Line:
    """The line with its amount: rounded to the currency's decimals, halves away from zero, line by line."""
    amount = rounded(line.quantity * unit_price * (1 - line.discount), currency)
    return Line(line.sku, name, line.quantity, unit_price, line.discount, amount, line.delivery_address_id)


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


def check_references(customer_id: UUID, asked: Sequence[AskedLine], known: References) -> None:
    """Every customer, product and address must be known, and each address the customer's own."""
    faults = [] if known.customer else [Fault("#/customerId", f"there is no customer {customer_id}")]
    for number, line in enumerate(asked):
        if line.sku not in known.products:
            faults.append(Fault(f"#/lines/{number}/sku", f"there is no product {line.sku}"))
        owner = known.address_owners.get(line.delivery_address_id)
        if owner != customer_id:
            detail = f"there is no address {line.delivery_address_id} of this customer"
            faults.append(Fault(f"#/lines/{number}/deliveryAddressId", detail))
    if faults:
        raise UnknownReference(faults)


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


def check_cancellable(status: OrderStatus) -> None:
    """Only an order that is placed and not on its way can be cancelled. Raises NotAllowed."""
    if status is not OrderStatus.PLACED:
        raise NotAllowed([Fault("#", f"an order that is {status.value} cannot be cancelled")])
