"""What an order refers to and the replica does not know: it does not exist, or it may be on its way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from chassis.kafka.freshness import FreshUntil
from contracts.rows import Row
from orders.placement import placing
from orders.replica import freshness as replica_freshness
from orders.replica import repository as replica
from tests.support.shop.people import kind
from tests.support.shop.small_shop import (
    ANA,
    BENS_HOME,
    FOR_EVER,
    HOME,
    a_customer,
    a_product,
    an_address,
    body,
    place,
    placed,
)

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FOR_HOURS = 10_000.0
DOES_NOT_EXIST, MAY_EXIST = (422, "unknown-reference"), (503, "reference-not-yet-known")


@pytest.fixture
async def database(orders: httpx.AsyncClient, own_database: Database) -> Database:
    """That of `orders`, whose replica is not known to be fresh."""
    async with own_database.reading() as connection:
        await replica_freshness.forget(connection)
    return own_database


async def fresh(database: Database, source: str, until: datetime) -> None:
    async with database.reading() as connection:
        await replica_freshness.note(connection, FreshUntil(source, until))


def pointers(answer: httpx.Response) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("missing", ["customer", "address", "product"])
async def test_what_may_be_on_its_way_is_asked_for_again_and_placed_once_it_is_here(
    orders: httpx.AsyncClient, database: Database, missing: str
) -> None:
    customer, home, sku, key = uuid4(), uuid4(), f"LATE-{uuid4().hex[:8]}", str(uuid4())
    order = body({"sku": sku, "deliveryAddressId": str(home)}, customerId=str(customer))
    rows: dict[str, tuple[Any, Row]] = {
        "customer": (replica.upsert_customers, a_customer(customer)),
        "address": (replica.upsert_addresses, an_address(home, customer)),
        "product": (replica.upsert_products, a_product(sku)),
    }
    late_upsert, late_row = rows.pop(missing)
    async with database.transaction() as tx:
        for upsert, row in rows.values():
            await upsert(tx, [row])

    refused = await place(orders, order, key)
    async with database.transaction() as tx:
        await late_upsert(tx, [late_row])
    taken = await place(orders, order, key)

    assert kind(refused) == MAY_EXIST
    assert 1 <= int(refused.headers["Retry-After"]) <= 3
    assert taken.status_code == 201
    assert "Idempotent-Replayed" not in taken.headers


async def test_a_reference_on_its_way_is_waited_for(
    orders: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "REFERENCE_WAIT_S", FOR_HOURS)
    sku = f"LATE-{uuid4().hex[:8]}"

    placing_it = asyncio.create_task(place(orders, body({"sku": sku})))
    await asyncio.sleep(0)
    async with database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku)])

    assert (await placing_it).status_code == 201


async def test_what_is_missing_is_waited_for_until_the_replica_is_fresh(
    orders: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "REFERENCE_WAIT_S", FOR_HOURS)

    placing_it = asyncio.create_task(place(orders, body({"sku": "NOPE"})))
    await asyncio.sleep(0)
    await fresh(database, "products", FOR_EVER)

    assert kind(await placing_it) == DOES_NOT_EXIST


async def test_nobody_waits_for_a_replica_that_stands_still(
    orders: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "REFERENCE_WAIT_S", FOR_HOURS)
    await fresh(database, "products", LONG_AGO)

    assert kind(await place(orders, body({"sku": "NOPE"}))) == MAY_EXIST


async def test_somebody_else_s_address_is_refused_however_fresh_the_replica_is(
    orders: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "REFERENCE_WAIT_S", FOR_HOURS)

    refused = await place(orders, body({"deliveryAddressId": str(BENS_HOME), "sku": "NOPE"}))

    assert kind(refused) == DOES_NOT_EXIST
    assert pointers(refused) == ["#/lines/0/deliveryAddressId"]


async def test_each_source_is_as_fresh_as_its_own_heartbeats_say(orders: httpx.AsyncClient, database: Database) -> None:
    await fresh(database, "customers", FOR_EVER)
    nobody = str(uuid4())

    no_product = await place(orders, body({"sku": "NOPE"}))
    no_address = await place(orders, body({"deliveryAddressId": nobody}))
    nothing = await place(orders, body({"sku": "NOPE", "deliveryAddressId": nobody}, customerId=nobody))

    assert (kind(no_product), pointers(no_product)) == (MAY_EXIST, ["#/lines/0/sku"])
    assert (kind(no_address), pointers(no_address)) == (DOES_NOT_EXIST, ["#/lines/0/deliveryAddressId"])
    assert (kind(nothing), pointers(nothing)) == (DOES_NOT_EXIST, ["#/customerId", "#/lines/0/deliveryAddressId"])


async def test_changed_lines_and_imported_orders_are_told_so(orders: httpx.AsyncClient, database: Database) -> None:
    order = await placed(orders)
    lines = body({"sku": "NOPE"})["lines"]
    old = {
        "externalId": uuid4().hex,
        "customerId": str(ANA),
        "currency": "USD",
        "placedAt": "1996-07-04T00:00:00Z",
        "lines": [{"sku": "NOPE", "quantity": 1, "unitPrice": "1", "deliveryAddressId": str(HOME)}],
    }

    async def told() -> list[tuple[int, str]]:
        changed = await orders.patch(f"/orders/{order['id']}/lines", json={"lines": lines}, headers={"If-Match": "*"})
        return [kind(changed), kind(await orders.post("/imported-orders", json=old))]

    assert await told() == [MAY_EXIST] * 2
    await fresh(database, "products", FOR_EVER)
    assert await told() == [DOES_NOT_EXIST] * 2
