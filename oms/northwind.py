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
    type: str | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    weight: Decimal | None = None
    unit: str | None = None
    hierarchies: tuple[Category, ...] = ()
    discontinued: bool = False


class Address(_Line, kw_only=True, frozen=True):
    """Where a customer is. Degrees are of WGS 84."""

    street_type: str | None = None
    street: str
    number: str | None = None
    building: str | None = None
    department: str | None = None
    reference: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class Customer(_Line, kw_only=True, frozen=True):
    """One line of customers.jsonl."""

    external_id: str | int
    company: str | None = None
    name: str
    last_name: str
    email: str
    identity_document: str | None = None
    phone: str | None = None
    active: bool = True
    addresses: tuple[Address, ...] = ()


class ShipTo(Address, kw_only=True, frozen=True):
    """Where an order went, and to whom: the name is what its address has as `reference`."""

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
        "type": _given(product.type),
        "length": _plain(product.length),
        "width": _plain(product.width),
        "height": _plain(product.height),
        "weight": _plain(product.weight),
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
        "identityDocument": _given(customer.identity_document),
        "phone": _given(customer.phone),
        "company": _given(customer.company),
        "active": customer.active,
    }


def new_address(address: Address) -> Body:
    """The body of POST /customers/{id}/addresses; a ship-to's name is its reference. Raises ValueError (country)."""
    name = address.name if isinstance(address, ShipTo) else None
    return {
        "streetType": _given(address.street_type),
        "street": address.street,
        "number": _given(address.number),
        "building": _given(address.building),
        "department": _given(address.department),
        "reference": _given(name) or _given(address.reference),
        "city": address.city,
        "region": _given(address.region),
        "postalCode": _given(address.postal_code),
        "country": alpha_2(address.country),
        "latitude": _plain(address.latitude),
        "longitude": _plain(address.longitude),
    }


def address_key(body: Mapping[str, Any]) -> AddressKey:
    """What an address says, as the service stores it: texts in NFC and trimmed, degrees with six decimals."""
    degrees = (body.get(field) for field in ("latitude", "longitude"))
    return (*(_stored(body.get(field)) for field in _ADDRESS_FIELDS), *(_rounded(each) for each in degrees))


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


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _rounded(degrees: str | None) -> str | None:
    return None if degrees is None else f"{Decimal(degrees):.6f}"


def _midnight(day: date | None) -> str | None:
    return f"{day.isoformat()}T00:00:00Z" if day else None
