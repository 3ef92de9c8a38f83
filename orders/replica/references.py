"""The customer, addresses and products that an order refers to, as the replica has them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from contracts.orders import DeliveryAddress
from orders.refusal import Refusal, Violation

CUSTOMERS, PRODUCTS = "customers", "products"
"""The databases that the replica is filled from."""


@dataclass(frozen=True)
class Unknown(Violation):
    """A reference that is not known here. It may still arrive from `source`; None if it never will."""

    source: str | None = None


class UnknownReference(Refusal):
    """The order refers to a customer, address or product that does not exist, or to another customer's address."""


class NotYetKnown(Refusal):
    """The order refers to something that may exist and is not known here yet."""


@dataclass(frozen=True)
class Customer:
    """A customer in the replica."""

    customer_id: UUID
    active: bool


@dataclass(frozen=True)
class Address:
    """An address in the replica: its customer and its current details."""

    customer_id: UUID
    details: DeliveryAddress


@dataclass(frozen=True)
class Product:
    """A product in the replica, with its current price."""

    sku: str
    name: str
    price: Decimal
    currency: str
    active: bool


@dataclass(frozen=True)
class References:
    """The known ones of the customer, addresses and products that an order refers to."""

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
    """Check that the customer, all products and all addresses are known, and that the addresses are the customer's.

    Lines are by their index in the request. The product of a line in `held`, which the order has already, may be
    deleted. Raises UnknownReference.
    """
    violations = (
        [] if known.customer else [Unknown("#/customerId", f"customer {customer_id} does not exist", CUSTOMERS)]
    )
    for number, line in requested.items():
        if number not in held and line.sku not in known.products:
            violations.append(Unknown(f"#/lines/{number}/sku", f"product {line.sku} does not exist", PRODUCTS))
        address = known.addresses.get(line.delivery_address_id)
        if address is None or address.customer_id != customer_id:
            detail = f"this customer has no address {line.delivery_address_id}"
            source = CUSTOMERS if address is None else None  # an address never changes its customer
            violations.append(Unknown(f"#/lines/{number}/deliveryAddressId", detail, source))
    if violations:
        raise UnknownReference(violations)
