"""A line of orders.jsonl, of this system or of another, and the request body made from it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from oms.company.lines.addresses import Address
from oms.company.lines.base import Body, Line, sku_text, text_or_none, without_nulls
from oms.company.lines.times import timestamp


class OrderLine(Line, kw_only=True, frozen=True):
    """One line of an order, as it was charged. `discount` is a fraction of 1."""

    sku: str | int
    unit_price: Decimal
    quantity: int
    discount: Decimal = Decimal(0)


class Order(Line, kw_only=True, frozen=True):
    """One line of orders.jsonl: an order of another system. Its times are days, or times with a time zone."""

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
    ship_to: Address
    lines: tuple[OrderLine, ...]

    def __post_init__(self) -> None:
        """Raises ValueError, which msgspec raises as its own, for text that is neither a day nor a time with a zone."""
        for name in _TIMES:
            timestamp(name, getattr(self, f"{name}_on"))


_TIMES = {
    "ordered": "placedAt",
    "required": "requiredAt",
    "confirmed": "confirmedAt",
    "shipped": "shippedAt",
    "delivered": "deliveredAt",
    "cancelled": "cancelledAt",
    "rejected": "rejectedAt",
}
"""The members of a line that are times, without their suffix `On`, and their names in the body."""


def order_body(order: Order, customer_id: str, address_id: str, currency: str) -> Body:
    """The body of POST /imported-orders. A day becomes midnight UTC."""
    times = {member: timestamp(name, getattr(order, f"{name}_on")) for name, member in _TIMES.items()}
    more = {
        "source": text_or_none(order.source),
        "status": order.status,
        "cancellationReason": text_or_none(order.cancellation_reason),
        "rejectionReason": text_or_none(order.rejection_reason),
    }
    return {
        "externalId": str(order.external_id),
        "customerId": customer_id,
        "currency": currency,
        **{name: value for name, value in times.items() if value or name in _ALWAYS},
        **{name: value for name, value in more.items() if value},
        "freight": f"{order.freight:f}",
        "lines": [
            {
                "sku": sku_text(line.sku),
                "quantity": line.quantity,
                "unitPrice": f"{line.unit_price:f}",
                "discount": f"{line.discount:f}",
                "deliveryAddressId": address_id,
            }
            for line in order.lines
        ],
    }


_ALWAYS = ("placedAt", "requiredAt", "shippedAt")
"""Times that are sent as null where the line has none."""


def order_currency(order: Order, currencies: Mapping[str, str]) -> str:
    """The one currency of the order's products: the files have it with the product. Raises ValueError."""
    skus = {sku_text(line.sku) for line in order.lines}
    unknown = sorted(skus - currencies.keys())
    if unknown:
        raise ValueError(f"no such product was imported: {', '.join(unknown)}")
    found = sorted({currencies[sku] for sku in skus})
    if len(found) != 1:
        raise ValueError(f"all products of an order have one currency, these have {' and '.join(found) or 'none'}")
    return found[0]


def ship_tos(orders: Iterable[Order]) -> dict[str, list[Address]]:
    """The delivery addresses of each customer's orders, each once, in the order of the file."""
    found_by_customer: dict[str, dict[Address, None]] = {}
    for order in orders:
        found_by_customer.setdefault(str(order.customer), {})[order.ship_to] = None
    return {customer: list(found) for customer, found in found_by_customer.items()}


class ExportedOrder(msgspec.Struct, frozen=True):
    """One line of orders.jsonl: an order of this system, as it was exported. Only its service decodes the `text`."""

    id: str
    customer_id: str
    text: bytes


class _Header(msgspec.Struct, rename="camel"):
    id: str | None = None
    customer_id: str = ""


_decode_header, _decode_order = msgspec.json.Decoder(_Header).decode, msgspec.json.Decoder(Order).decode


def decode_order(text: bytes) -> Order | ExportedOrder:
    """A line of orders.jsonl; a line with an `id` was exported by this system. Raises `msgspec.MsgspecError`."""
    header = _decode_header(text)
    return _decode_order(text) if header.id is None else ExportedOrder(header.id, header.customer_id, text)


def order_key(order: Order | ExportedOrder) -> object:
    """What identifies an order within its file."""
    if isinstance(order, ExportedOrder):
        return order.id
    return f"{order.source}/{order.external_id}" if order.source else order.external_id


def order_line(order: Mapping[str, Any]) -> Body:
    """A line of orders.jsonl from an order as its service exports it, without the transitions it allows."""
    return without_nulls({name: value for name, value in order.items() if name != "allowedTransitions"})
