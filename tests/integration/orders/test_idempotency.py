"""An order that is sent again: made once, answered alike, whatever happened in between."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx

from chassis.databases.mysql import Database
from orders.replica import repository as replica
from tests.support.shop.small_shop import a_product, body, place


async def test_an_order_without_a_key_is_refused(orders: httpx.AsyncClient) -> None:
    answer = await orders.post("/orders", json=body())

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:oms:problem:idempotency-key-missing"


async def test_the_first_answer_is_given_again(orders: httpx.AsyncClient) -> None:
    key = str(uuid4())

    first = await place(orders, body(), key)
    await orders.post(f"/orders/{first.json()['id']}/cancel")
    again = await place(orders, body(), f'"{key}"')

    assert (again.status_code, again.content) == (201, first.content)
    for header in ("Location", "ETag", "Consistency-Token"):
        assert again.headers[header] == first.headers[header]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


async def test_the_key_of_another_order_is_refused(orders: httpx.AsyncClient) -> None:
    key = str(uuid4())
    await place(orders, body({"quantity": 1}), key)

    answer = await place(orders, body({"quantity": 2}), key)

    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:oms:problem:idempotency-key-reused"


async def test_what_was_placed_is_not_refused_later(orders: httpx.AsyncClient, own_database: Database) -> None:
    sku, key = f"I-{uuid4().hex[:8]}", str(uuid4())
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku)])
    first = await place(orders, body({"sku": sku}), key)
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku, version=2, is_deleted=True)])

    again = await place(orders, body({"sku": sku}), key)

    assert (again.status_code, again.content) == (201, first.content)


async def test_a_refusal_leaves_the_key_free(orders: httpx.AsyncClient) -> None:
    key = str(uuid4())

    assert (await place(orders, body({"sku": "NOPE"}), key)).status_code == 422
    assert (await place(orders, body(), key)).status_code == 201


async def test_of_fifty_at_once_one_is_made(orders: httpx.AsyncClient, own_database: Database) -> None:
    key, sku = str(uuid4()), f"F-{uuid4().hex[:8]}"
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku)])

    answers = await asyncio.gather(*(place(orders, body({"sku": sku}), key) for _ in range(50)))

    async with own_database.reading() as connection:
        made = await connection.fetch_all("SELECT DISTINCT order_id FROM order_detail WHERE sku = %s", [sku])
    assert len(made) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["id"] for answer in answers if answer.status_code == 201} == {made[0]["order_id"]}
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["type"] for answer in refused} <= {"urn:oms:problem:request-in-flight"}
    assert all(answer.headers["Retry-After"] == "1" for answer in refused)
