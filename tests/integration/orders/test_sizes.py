"""An order that takes more bytes than it may is refused wherever it comes from, with both numbers."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from chassis.databases.mysql import Database
from contracts.customers import AddressRow
from contracts.sizes import ADDRESSES_BYTES, MOST_LINES, bytes_in_a_row
from orders import repository
from orders.erasure import erase_customer
from orders.replica import repository as replica
from tests.support.shop import largest
from tests.support.shop.builders import a_key
from tests.support.shop.rows import NOON
from tests.support.shop.small_shop import ANA, placed


async def addresses(own_database: Database, size: int) -> list[str]:
    """Addresses of Ana's that take so many bytes in an order."""
    rows = [
        AddressRow(
            **msgspec.structs.asdict(largest.as_kept(sent)),
            customer_id=ANA,
            created_at=NOON,
            updated_at=NOON,
            version=1,
        )
        for sent in largest.full(size)
    ]
    async with own_database.transaction() as tx:
        await replica.upsert_addresses(tx, sorted(rows, key=lambda row: row.address_id))
    return [str(row.address_id) for row in rows]


@pytest.fixture
async def fitting(orders: httpx.AsyncClient, own_database: Database) -> list[str]:
    return await addresses(own_database, ADDRESSES_BYTES)


@pytest.fixture
async def one_byte_more(orders: httpx.AsyncClient, own_database: Database) -> list[str]:
    return await addresses(own_database, ADDRESSES_BYTES + 1)


async def place(orders: httpx.AsyncClient, to: list[str]) -> httpx.Response:
    body = {"customerId": str(ANA), "lines": largest.lines("CHAI", to)}
    return await orders.post("/orders", json=body, headers=a_key())


async def take_over(orders: httpx.AsyncClient, to: list[str]) -> httpx.Response:
    lines = [{**line, "unitPrice": "1.00"} for line in largest.lines("CHAI", to)]
    body = {"externalId": uuid4().hex, "customerId": str(ANA), "currency": "USD", "placedAt": "2026-01-01T00:00:00Z"}
    return await orders.post("/imported-orders", json={**body, "lines": lines}, headers=a_key())


async def change_lines(orders: httpx.AsyncClient, to: list[str]) -> httpx.Response:
    order = await placed(orders)
    body = {"lines": largest.lines("CHAI", to)}
    return await orders.patch(f"/orders/{order['id']}/lines", json=body, headers={"If-Match": '"1"'})


@pytest.mark.parametrize("way", [place, take_over, change_lines])
async def test_an_order_is_taken_to_the_byte(
    orders: httpx.AsyncClient, own_database: Database, fitting: list[str], one_byte_more: list[str], way: Any
) -> None:
    taken, refused = await way(orders, fitting), await way(orders, one_byte_more)

    assert taken.is_success, taken.text[:1000]
    async with own_database.reading() as connection:
        row = await repository.find_order(connection, taken.json()["id"])
    assert row is not None
    assert bytes_in_a_row(row["delivery_addresses"]) <= ADDRESSES_BYTES
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:oms:problem:order-too-large")
    assert refused.json()["errors"] == [
        {
            "pointer": "#/lines",
            "detail": f"the delivery addresses take {ADDRESSES_BYTES + 1:,} bytes, the limit is {ADDRESSES_BYTES:,}",
        }
    ]


async def test_large_orders_are_listed_and_erased(
    orders: httpx.AsyncClient, own_database: Database, fitting: list[str]
) -> None:
    made = [(await place(orders, fitting)).json()["id"] for _ in range(22)]

    listed = await orders.get("/orders", params={"customerId": str(ANA), "limit": 100})
    await erase_customer(own_database, ANA)

    assert set(made) <= {order["id"] for order in listed.json()["items"]}
    kept = (await orders.get(f"/orders/{made[0]}")).json()["deliveryAddresses"]
    assert len(kept) == min(len(fitting), MOST_LINES)
    assert {each["street"] for each in kept} == {None}
