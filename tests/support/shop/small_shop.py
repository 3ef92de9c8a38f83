"""A small shop as the replica of `orders` knows it, and orders that can be placed there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis.databases.mysql import Connection, Database
from chassis.kafka.freshness import FreshUntil
from contracts.customers import AddressRow, CustomerRow
from contracts.products import ProductRow
from orders.api import app
from orders.replica import freshness as replica_freshness
from orders.replica import repository as replica
from tests.support.apps import running
from tests.support.shop.rows import NOON

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
ANA, BEN = uuid4(), uuid4()
HOME, BENS_HOME = uuid4(), uuid4()


def a_customer(customer_id: UUID, **changes: Any) -> CustomerRow:
    values: dict[str, Any] = {
        "customer_id": customer_id,
        "name": "Ana",
        "last_name": "Trujillo",
        "email": f"{customer_id}@example.com",
        "identity_document": None,
        "phone": None,
        "company": None,
        "active": True,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return CustomerRow(**values | changes)


def an_address(address_id: UUID, customer_id: UUID, **changes: Any) -> AddressRow:
    empty = dict.fromkeys(
        ["street_type", "number", "building", "department", "reference", "region", "postal_code"], None
    )
    values: dict[str, Any] = {
        **empty,
        "address_id": address_id,
        "customer_id": customer_id,
        "street": "Obere Str. 57",
        "city": "Berlin",
        "country": "DE",
        "latitude": None,
        "longitude": None,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return AddressRow(**values | changes)


def a_product(sku: str, **changes: Any) -> ProductRow:
    values: dict[str, Any] = {
        **dict.fromkeys(["description", "type", "length", "width", "height", "weight", "unit"], None),
        "sku": sku,
        "name": sku.title(),
        "price": Decimal("18"),
        "currency": "USD",
        "categories": "[]",
        "active": True,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return ProductRow(**values | changes)


def body(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    wanted = lines or ({},)
    usual = {"sku": "CHAI", "quantity": 3, "deliveryAddressId": str(HOME)}
    return {"customerId": str(ANA), "lines": [usual | line for line in wanted]} | changes


async def all_is_known(tx: Connection) -> None:
    """From now on the replica has all there is: what is not in it does not exist."""
    for source in ("customers", "products"):
        await replica_freshness.note(tx, FreshUntil(source, FOR_EVER))


async def place(orders: httpx.AsyncClient, order: dict[str, Any], key: str | None = None) -> httpx.Response:
    """POST /orders under a key, a new one unless told otherwise."""
    return await orders.post("/orders", json=order, headers={"Idempotency-Key": key or str(uuid4())})


async def placed(orders: httpx.AsyncClient, *lines: dict[str, Any]) -> dict[str, Any]:
    """An order that was taken."""
    answer = await place(orders, body(*lines))
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    return order


@asynccontextmanager
async def open_shop(own_database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The orders service with the small shop in its replica."""
    async with running(app()) as client:
        async with own_database.transaction() as tx:
            await replica.upsert_customers(tx, [a_customer(ANA), a_customer(BEN)])
            await replica.upsert_addresses(tx, [an_address(HOME, ANA), an_address(BENS_HOME, BEN)])
            await replica.upsert_products(tx, [a_product("CHAI"), a_product("CHANG", price=Decimal("19.5"))])
            await all_is_known(tx)
        yield client
