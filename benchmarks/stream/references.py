"""The records of this benchmark that orders refer to: customers with one address each, and products.

Every row is as Kafka Connect writes it, and the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from contracts.customers import ADDRESS, CUSTOMER
from contracts.products import PRODUCTS
from contracts.topics import Topic

CUSTOMERS = 1000
SKUS = 1000
START = "2026-11-23T05:00:00Z"
START_MS = 1_795_410_000_000

_IDS = {"customer": 1, "address": 2, "order": 3, "line": 4, "shipment": 5}

_compact = msgspec.json.encode


class RecordToWrite(NamedTuple):
    """A record to write. Its key determines the partition."""

    topic: str
    key: bytes
    value: bytes


def an_id(kind: str, number: int) -> str:
    """The id of the row with this number. Ids increase with the number, like UUIDs of version 7."""
    return f"0193567a-6c00-7000-800{_IDS[kind]}-{number:012x}"


def references() -> Iterator[RecordToWrite]:
    """The records of customers, addresses and products."""
    for number in range(CUSTOMERS):
        yield _record(CUSTOMER, _customer(number))
        yield _record(ADDRESS, {"address_id": an_id("address", number), **_address(number), **made(0)})
    for number in range(SKUS):
        yield _record(PRODUCTS, _product(number))


def place(number: int) -> dict[str, Any]:
    """The fields of the address of the customer with this number."""
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


def price(sku: int) -> Decimal:
    """The price of the product with this number."""
    return Decimal(sku + 100) / 100


def made(after_ms: int) -> dict[str, Any]:
    """The fields of a row's first version that Debezium adds."""
    return {"version": 1, "__deleted": "false", "__op": "c", "__source_ts_ms": START_MS + after_ms}


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
        "created_at": START,
        "updated_at": START,
        **made(0),
    }


def _address(number: int) -> dict[str, Any]:
    return {
        "customer_id": an_id("customer", number),
        **place(number),
        "created_at": START,
        "updated_at": START,
    }


def _product(number: int) -> dict[str, Any]:
    return {
        "sku": f"BENCH-{number:04}",
        "name": f"Thing number {number}",
        "description": None,
        "price": f"{price(number):.4f}",
        "currency": "USD",
        **dict.fromkeys(("type", "length", "width", "height", "weight", "unit")),
        "categories": '[{"name": "Things", "path": ["things"], "slug": "things"}]',
        "active": 1,
        "created_at": START,
        "updated_at": START,
        **made(0),
    }


def _record(topic: Topic[Any], row: dict[str, Any]) -> RecordToWrite:
    return RecordToWrite(topic.name, _compact({topic.key: row[topic.key]}), _compact(row))
