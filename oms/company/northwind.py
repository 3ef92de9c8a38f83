"""What a company's files say, and the request bodies that say the same to the REST services. Pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from oms.company.countries import alpha_2
from oms.company.times import moment

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


Exported = dict[str, Any]
"""What a service made of a row: its id, times and version, as an export has them."""


class _Line(msgspec.Struct, kw_only=True, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A part of the files. A member with another name is a slip, and what it says would be lost: it is refused."""


class Category(_Line, kw_only=True, frozen=True):
    """A place of a product in the company's catalogue."""

    name: str
    description: str | None = None


class Product(_Line, kw_only=True, frozen=True):
    """One line of products.jsonl. What there is in stock is not taken over."""

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
    units_in_stock: int | None = None
    reorder_level: int | None = None
    exported: Exported | None = None


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


class CustomerAddress(Address, kw_only=True, frozen=True):
    """An address of a customer's own."""

    exported: Exported | None = None


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
    addresses: tuple[CustomerAddress, ...] = ()
    exported: Exported | None = None


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
    """One line of orders.jsonl: an order of another system. Its times are days, or times with their zone."""

    external_id: str | int
    source: str | None = None
    customer: str | int
    status: str | None = None
    ordered_on: str
    required_on: str | None = None
    confirmed_on: str | None = None
    shipped_on: str | None = None
    delivered_on: str | None = None
    cancelled_on: str | None = None
    cancellation_reason: str | None = None
    rejected_on: str | None = None
    rejection_reason: str | None = None
    freight: Decimal = Decimal(0)
    ship_to: ShipTo
    lines: tuple[OrderLine, ...]

    def __post_init__(self) -> None:
        """Raises ValueError, which msgspec tells as its own, for what is neither a day nor a time with its zone."""
        for name in _TIMES:
            moment(name, getattr(self, f"{name}_on"))


_TIMES = {
    "ordered": "placedAt",
    "required": "requiredAt",
    "confirmed": "confirmedAt",
    "shipped": "shippedAt",
    "delivered": "deliveredAt",
    "cancelled": "cancelledAt",
    "rejected": "rejectedAt",
}
"""The times in a file, without their `On`, and their members in the body."""


def new_product(product: Product) -> Body:
    """A line of POST /products/bulk."""
    text = _text_of(product.exported)
    return {
        "sku": product.sku,
        "name": product.name,
        "description": text(product.description),
        "price": f"{product.price:f}",
        "currency": product.currency,
        "type": text(product.type),
        "length": _plain(product.length),
        "width": _plain(product.width),
        "height": _plain(product.height),
        "weight": _plain(product.weight),
        "unit": text(product.unit),
        "hierarchies": [{"name": each.name, "description": text(each.description)} for each in product.hierarchies],
        "active": not product.discontinued,
        **_exported(product.exported),
    }


def new_customer(customer: Customer) -> Body:
    """A line of POST /customers/bulk, without its addresses."""
    text = _text_of(customer.exported)
    return {
        "name": customer.name,
        "lastName": customer.last_name,
        "email": customer.email,
        "identityDocument": text(customer.identity_document),
        "phone": text(customer.phone),
        "company": text(customer.company),
        "active": customer.active,
        **_exported(customer.exported),
    }


def new_address(address: Address) -> Body:
    """An address of such a line; a ship-to's name is its reference. Raises ValueError (country)."""
    name = address.name if isinstance(address, ShipTo) else None
    exported = address.exported if isinstance(address, CustomerAddress) else None
    text = _text_of(exported)
    return {
        "streetType": text(address.street_type),
        "street": address.street,
        "number": text(address.number),
        "building": text(address.building),
        "department": text(address.department),
        "reference": _given(name) or text(address.reference),
        "city": address.city,
        "region": text(address.region),
        "postalCode": text(address.postal_code),
        "country": address.country if exported else alpha_2(address.country),
        "latitude": _plain(address.latitude),
        "longitude": _plain(address.longitude),
        **_exported(exported),
    }


def address_key(body: Mapping[str, Any]) -> AddressKey:
    """What an address says, as the service stores it: texts in NFC and trimmed, degrees with six decimals.

    One that was exported is another than all with another id.
    """
    degrees = (body.get(field) for field in ("latitude", "longitude"))
    said = (*(_stored(body.get(field)) for field in _ADDRESS_FIELDS), *(_rounded(each) for each in degrees))
    return (*said, str(body["exported"].get("id"))) if "exported" in body else said


def imported_order(order: Order, customer_id: str, address_id: str, currency: str) -> Body:
    """The body of POST /imported-orders. A day is its midnight in UTC."""
    moments = {member: moment(name, getattr(order, f"{name}_on")) for name, member in _TIMES.items()}
    more = {
        "source": _given(order.source),
        "status": order.status,
        "cancellationReason": _given(order.cancellation_reason),
        "rejectionReason": _given(order.rejection_reason),
    }
    return {
        "externalId": str(order.external_id),
        "customerId": customer_id,
        "currency": currency,
        **{name: value for name, value in moments.items() if value or name in _ALWAYS},
        **{name: value for name, value in more.items() if value},
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


_ALWAYS = ("placedAt", "requiredAt", "shippedAt")
"""Times that are sent as null when there is none."""


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


def _text_of(exported: Exported | None) -> Callable[[str | None], str | None]:
    """How a text of a line is sent: what was exported as it is."""
    return _given if exported is None else lambda text: text


def _given(text: str | None) -> str | None:
    """Exports write an empty text where there is none."""
    return text if text and text.strip() else None


def _stored(text: Any) -> str | None:
    return unicodedata.normalize("NFC", text).strip() or None if isinstance(text, str) else None


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _rounded(degrees: str | None) -> str | None:
    return None if degrees is None else f"{Decimal(degrees):.6f}"


def _exported(exported: Exported | None) -> Body:
    return {} if exported is None else {"exported": exported}
