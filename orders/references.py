"""What an order refers to, as the replica knows it: the customer, the addresses, the products."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from contracts.orders import DeliveryAddress
from orders.refusal import Refusal, Violation

CUSTOMERS, PRODUCTS = "customers", "products"
"""The sources of what an order refers to: the databases that the replica hears of."""


@dataclass(frozen=True)
class Unknown(Violation):
    """Something that is not known here. It may be on its way from `source`; None where nothing will make it known."""

    source: str | None = None


class UnknownReference(Refusal):
    """It refers to a customer, address or product that does not exist, or is not this customer's."""


class NotYetKnown(Refusal):
    """It refers to what is not known here yet, and may exist."""


@dataclass(frozen=True)
class Customer:
    """A customer as the replica knows it."""

    customer_id: UUID
    active: bool


@dataclass(frozen=True)
class Address:
    """An address as the replica knows it: whose it is, and what it says today."""

    customer_id: UUID
    details: DeliveryAddress


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
    """What is known of the things an order refers to."""

    customer: Customer | None
    addresses: Mapping[UUID, Address]
    products: Mapping[str, Product]


@dataclass(frozen=True)
class LineRequest:
    """One requested line. `unit_price` is the price that the client showed its user, if it sent one."""

    sku: str
    quantity: int
    delivery_address_id: UUID
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)


def check_references(
    customer_id: UUID, requested: Mapping[int, LineRequest], known: References, held: Container[int] = ()
) -> None:
    """Every customer, product and address must be known, and each address the customer's own.

    Lines are by their place in the request. Of those that are `held` already, the product may be gone.
    """
    violations = [] if known.customer else [Unknown("#/customerId", f"there is no customer {customer_id}", CUSTOMERS)]
    for number, line in requested.items():
        if number not in held and line.sku not in known.products:
            violations.append(Unknown(f"#/lines/{number}/sku", f"there is no product {line.sku}", PRODUCTS))
        address = known.addresses.get(line.delivery_address_id)
        if address is None or address.customer_id != customer_id:
            detail = f"there is no address {line.delivery_address_id} of this customer"
            source = CUSTOMERS if address is None else None  # an address is its customer's for good
            violations.append(Unknown(f"#/lines/{number}/deliveryAddressId", detail, source))
    if violations:
        raise UnknownReference(violations)
