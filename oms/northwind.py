"""What a company's files say, and the request bodies that say the same to the REST services. Pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from oms.countries import alpha_2

Body = dict[str, Any]

AddressKey = tuple[str | None, ...]
"""What an address says, so that two can be compared."""

_ADDRESS_FIELDS = (
    "streetType",
    "street",
    "number",
    "building",
    "department",
    "reference",
    "city",
    "region",
    "postalCode",
    "country",
)


class _Line(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """A part of the files; what they say beside these fields is not taken over."""


class Category(_Line, kw_only=True, frozen=True):
    """A place of a product in the company's catalogue."""

    name: str
    description: str | None = None


class Product(_Line, kw_only=True, frozen=True):
    """One line of products.jsonl."""

    sku: str
    name: str
    description: str | None = None
    price: Decimal
    currency: str
    unit: str | None = None
    hierarchies: tuple[Category, ...] = ()
    discontinued: bool = False


class Address(_Line, kw_only=True, frozen=True):
    """Where a customer is."""

    street: str
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str


class Customer(_Line, kw_only=True, frozen=True):
    """One line of customers.jsonl."""

    external_id: str | int
    company: str | None = None
    name: str
    last_name: str
    email: str
    phone: str | None = None
    addresses: tuple[Address, ...] = ()


class ShipTo(Address, kw_only=True, frozen=True):
    """Where an order went, and to whom."""

    name: str | None = None


class OrderLine(_Line, kw_only=True, frozen=True):
    """One line of an order, as it was charged. `discount` is a fraction of 1."""

    sku: str
    unit_price: Decimal
    quantity: int
    discount: Decimal = Decimal(0)


class Order(_Line, kw_only=True, frozen=True):
    """One line of orders.jsonl."""

    external_id: str | int
    customer: str | int
    ordered_on: date
    required_on: date | None = None
    shipped_on: date | None = None
    freight: Decimal = Decimal(0)
    ship_to: ShipTo
    lines: tuple[OrderLine, ...]


def new_product(product: Product) -> Body:
    """The body of POST /products."""
    return {
        "sku": product.sku,
        "name": product.name,
        "description": _given(product.description),
        "price": f"{product.price:f}",
        "currency": product.currency,
        "unit": _given(product.unit),
        "hierarchies": [{"name": each.name, "description": _given(each.description)} for each in product.hierarchies],
        "active": not product.discontinued,
    }


def new_customer(customer: Customer) -> Body:
    """The body of POST /customers."""
    return {
        "name": customer.name,
        "lastName": customer.last_name,
        "email": customer.email,
        "phone": _given(customer.phone),
        "company": _given(customer.company),
    }


def new_address(address: Address) -> Body:
    """The body of POST /customers/{id}/addresses; a ship-to's name is its reference. Raises ValueError (country)."""
    return {
        "street": address.street,
        "city": address.city,
        "region": _given(address.region),
        "postalCode": _given(address.postal_code),
        "country": alpha_2(address.country),
        "reference": _given(address.name) if isinstance(address, ShipTo) else None,
    }


def address_key(body: Mapping[str, Any]) -> AddressKey:
    """What an address says, as the service stores it: in NFC and trimmed. The same for one to be made and one read."""
    return tuple(_stored(body.get(field)) for field in _ADDRESS_FIELDS)


def imported_order(order: Order, customer_id: str, address_id: str, currency: str) -> Body:
    """The body of POST /imported-orders. A day is its midnight in UTC."""
    return {
        "externalId": str(order.external_id),
        "customerId": customer_id,
        "currency": currency,
        "placedAt": _midnight(order.ordered_on),
        "requiredAt": _midnight(order.required_on),
        "shippedAt": _midnight(order.shipped_on),
        "freight": f"{order.freight:f}",
        "lines": [
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "unitPrice": f"{line.unit_price:f}",
                "discount": f"{line.discount:f}",
                "deliveryAddressId": address_id,
            }
            for line in order.lines
        ],
    }


def order_currency(order: Order, currencies: Mapping[str, str]) -> str:
    """The one currency of the order's products; the files give it with the product. Raises ValueError."""
    unknown = sorted({line.sku for line in order.lines} - currencies.keys())
    if unknown:
        raise ValueError(f"no such product was imported: {', '.join(unknown)}")
    found = sorted({currencies[line.sku] for line in order.lines})
    if len(found) != 1:
        raise ValueError(f"an order has one currency, this one {' and '.join(found) or 'no line to tell it'}")
    return found[0]


def ship_tos(orders: Iterable[Order]) -> dict[str, list[ShipTo]]:
    """Where the orders of each customer went, each place once, in the order of the file."""
    places: dict[str, dict[ShipTo, None]] = {}
    for order in orders:
        places.setdefault(str(order.customer), {})[order.ship_to] = None
    return {customer: list(found) for customer, found in places.items()}


def _given(text: str | None) -> str | None:
    """Exports write an empty text where there is none."""
    return text if text and text.strip() else None


def _stored(text: Any) -> str | None:
    return unicodedata.normalize("NFC", text).strip() or None if isinstance(text, str) else None


def _midnight(day: date | None) -> str | None:
    return f"{day.isoformat()}T00:00:00Z" if day else None
