"""The records of this benchmark: customers with one address each, products, and orders with three lines.

Every row is as Kafka Connect writes it, and the same in every run: all values depend on the number of the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from contracts.customers import ADDRESS, CUSTOMER
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.products import PRODUCTS
from contracts.topics import Topic

CUSTOMERS = 1000
SKUS = 1000
LINES = 3

_IDS = {"customer": 1, "address": 2, "order": 3, "line": 4}
_START_MS = 1_795_410_000_000
_START = "2026-11-23T05:00:00Z"

_compact = msgspec.json.encode


class RecordToWrite(NamedTuple):
    """A record to write. Its key determines the partition."""

    topic: str
    key: bytes
    value: bytes


def an_id(kind: str, number: int) -> str:
    """The id of the row with this number. Ids increase with the number, like UUIDs of version 7."""
    return str(UUID(int=0x0193567A_6C00_7000_8000_000000000000 + (_IDS[kind] << 48) + number))


def references() -> Iterator[RecordToWrite]:
    """The records of customers, addresses and products."""
    for number in range(CUSTOMERS):
        yield _record(CUSTOMER, _customer(number))
        yield _record(ADDRESS, {"address_id": an_id("address", number), **_address(number), **_made(0)})
    for number in range(SKUS):
        yield _record(PRODUCTS, _product(number))


def order(number: int) -> Iterator[RecordToWrite]:
    """The records of each order and its lines, in the order of their commits."""
    row, lines = order_rows(number)
    yield _record(ORDER, row)
    for line in lines:
        yield _record(ORDER_DETAIL, line)


def total_of(orders: int) -> Decimal:
    """The sums over the first orders."""
    return sum((Decimal(order_rows(number)[0]["subtotal"]) for number in range(orders)), Decimal(0))


def order_rows(number: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of the order with this number, and the rows of its lines."""
    chosen = Random(number)
    customer = chosen.randrange(CUSTOMERS)
    lines = [_line(number, place, customer, chosen) for place in range(1, LINES + 1)]
    said = [{"address_id": an_id("address", customer), **_place(customer)}]
    empty = dict.fromkeys(_EMPTY)
    return {
        "order_id": an_id("order", number),
        "customer_id": an_id("customer", customer),
        "status": "placed",
        "currency": "USD",
        "subtotal": str(sum(Decimal(line["amount"]) for line in lines)),
        "freight": "0.0000",
        "lines_version": 1,
        "line_count": LINES,
        "placed_at": _START,
        **empty,
        "delivery_addresses": _compact(said).decode(),
        "created_at": _START,
        "updated_at": _START,
        **_made(number),
    }, lines


_EMPTY = (
    "external_id",
    "required_at",
    "confirmed_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
    "cancellation_reason",
    "rejected_at",
    "rejection_reason",
    "erased_at",
)


def _line(order_number: int, place: int, customer: int, chosen: Random) -> dict[str, Any]:
    sku, quantity = chosen.randrange(SKUS), chosen.randint(1, 9)
    price = _price(sku)
    return {
        "order_detail_id": an_id("line", order_number * LINES + place),
        "order_id": an_id("order", order_number),
        "lines_version": 1,
        "line_number": place,
        "sku": f"BENCH-{sku:04}",
        "product_name": f"Thing number {sku}",
        "quantity": quantity,
        "unit_price": f"{price:.4f}",
        "discount": "0.0000",
        "amount": f"{price * quantity:.4f}",
        "delivery_address_id": an_id("address", customer),
        **_made(order_number),
    }


def _customer(number: int) -> dict[str, Any]:
    return {
        "customer_id": an_id("customer", number),
        "name": "Maria",
        "last_name": f"Anders {number}",
        "email": f"customer-{number}@example.com",
        "identity_document": None,
        "phone": "030-0074321",
        "company": "Alfreds Futterkiste",
        "active": 1,
        "created_at": _START,
        "updated_at": _START,
        **_made(0),
    }


def _address(number: int) -> dict[str, Any]:
    return {
        "customer_id": an_id("customer", number),
        **_place(number),
        "created_at": _START,
        "updated_at": _START,
    }


def _place(number: int) -> dict[str, Any]:
    return {
        "street_type": None,
        "street": "Obere Str.",
        "number": str(number),
        "building": None,
        "department": None,
        "reference": None,
        "city": "Berlin",
        "region": None,
        "postal_code": "12209",
        "country": "DE",
        "latitude": "52.520008",
        "longitude": "13.404954",
    }


def _product(number: int) -> dict[str, Any]:
    return {
        "sku": f"BENCH-{number:04}",
        "name": f"Thing number {number}",
        "description": None,
        "price": f"{_price(number):.4f}",
        "currency": "USD",
        **dict.fromkeys(("type", "length", "width", "height", "weight", "unit")),
        "categories": '[{"name": "Things", "path": ["things"], "slug": "things"}]',
        "active": 1,
        "created_at": _START,
        "updated_at": _START,
        **_made(0),
    }


def _price(sku: int) -> Decimal:
    return Decimal(sku + 100) / 100


def _made(after_ms: int) -> dict[str, Any]:
    return {"version": 1, "__deleted": "false", "__op": "c", "__source_ts_ms": _START_MS + after_ms}


def _record(topic: Topic[Any], row: dict[str, Any]) -> RecordToWrite:
    return RecordToWrite(topic.name, _compact({topic.key: row[topic.key]}), _compact(row))
