"""The orders service on a real database, its replica filled as its worker fills it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from contracts.products import ProductRow
from orders.replica import repository as replica
from tests.support.shop.builders import a_key
from tests.support.shop.small_shop import ANA, BENS_HOME, HOME, a_product, body, place


async def test_an_order_is_priced_from_the_replica(orders: httpx.AsyncClient) -> None:
    answer = await place(orders, body({}, {"sku": "CHANG", "quantity": 2}))

    order = answer.json()
    assert answer.status_code == 201
    assert order["total"] == "93.00"
    assert [line["amount"] for line in order["lines"]] == ["54.00", "39.00"]
    assert (await orders.get(answer.headers["Location"])).json() == order


async def test_all_that_is_wrong_is_told_at_once(orders: httpx.AsyncClient) -> None:
    answer = await place(orders, body({"quantity": 0, "sku": ""}, {"colour": "red"}))

    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "#/lines/0/quantity",
        "#/lines/0/sku",
        "#/lines/1/colour",
    }


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"customerId": str(UUID(int=1))}, "#/customerId"),
        ({"lines": [{"sku": "NOPE", "quantity": 1, "deliveryAddressId": str(HOME)}]}, "#/lines/0/sku"),
        (
            {"lines": [{"sku": "CHAI", "quantity": 1, "deliveryAddressId": str(BENS_HOME)}]},
            "#/lines/0/deliveryAddressId",
        ),
    ],
)
async def test_what_is_unknown_is_refused_naming_it(
    orders: httpx.AsyncClient, changes: dict[str, Any], pointer: str
) -> None:
    answer = await place(orders, body() | changes)

    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:oms:problem:unknown-reference"
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_a_price_that_was_shown_and_changed_is_refused(orders: httpx.AsyncClient) -> None:
    answer = await place(orders, body({"unitPrice": "18.00"}, {"sku": "CHANG", "unitPrice": "18.00"}))

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:oms:problem:price-differs"
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/lines/1/unitPrice"]


async def test_the_replica_keeps_the_newest_version(orders: httpx.AsyncClient, own_database: Database) -> None:
    sku = f"V-{uuid4().hex[:8]}"
    newest = a_product(sku, price=Decimal(3), version=3)
    for row in (newest, a_product(sku, price=Decimal(2), version=2), a_product(sku, price=Decimal(2), version=2)):
        async with own_database.transaction() as tx:
            await replica.upsert_products(tx, [row])

    answer = await place(orders, body({"sku": sku, "quantity": 1}))

    assert answer.json()["total"] == "3.00"


async def test_a_product_that_was_deleted_is_unknown_until_it_is_made_again(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    sku = f"D-{uuid4().hex[:8]}"

    async def after(*rows: ProductRow) -> int:
        async with own_database.transaction() as tx:
            for row in rows:
                await replica.upsert_products(tx, [row])
        return (await place(orders, body({"sku": sku}))).status_code

    assert await after(a_product(sku), a_product(sku, is_deleted=True), a_product(sku)) == 422
    assert await after(a_product(sku, version=1_795_410_000_000)) == 201


async def test_an_order_is_cancelled_once(orders: httpx.AsyncClient) -> None:
    order = (await place(orders, body())).json()
    path = f"/orders/{order['id']}/cancel"

    first = await orders.post(path, json={"reason": "changed my mind"}, headers={"If-Match": '"1"'})
    second = await orders.post(path)

    assert first.status_code == 200
    assert first.headers["ETag"] == '"2"'
    assert first.json()["status"] == "cancelled"
    assert first.json()["cancellationReason"] == "changed my mind"
    assert second.status_code == 409
    assert second.json()["type"] == "urn:oms:problem:not-allowed"


async def test_of_many_cancellations_at_once_one_is_done(orders: httpx.AsyncClient) -> None:
    order = (await place(orders, body())).json()

    answers = await asyncio.gather(*(orders.post(f"/orders/{order['id']}/cancel") for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert (await orders.get(f"/orders/{order['id']}")).json()["version"] == 2


async def test_a_stale_cancellation_is_refused(orders: httpx.AsyncClient) -> None:
    order = (await place(orders, body())).json()

    answer = await orders.post(f"/orders/{order['id']}/cancel", headers={"If-Match": '"7"'})

    assert answer.status_code == 412


async def test_an_unknown_order_is_not_found(orders: httpx.AsyncClient) -> None:
    assert (await orders.get(f"/orders/{uuid4()}")).status_code == 404
    assert (await orders.post(f"/orders/{uuid4()}/cancel")).status_code == 404
    assert (await orders.get("/orders/7")).status_code == 422


async def test_who_has_the_order_already_is_told_so(orders: httpx.AsyncClient) -> None:
    order = (await place(orders, body())).json()

    answer = await orders.get(f"/orders/{order['id']}", headers={"If-None-Match": '"1"'})

    assert (answer.status_code, answer.content) == (304, b"")


def an_old_order(**changes: Any) -> dict[str, Any]:
    line = {"sku": "CHAI", "quantity": 10, "unitPrice": "14.40", "discount": "0.15", "deliveryAddressId": str(HOME)}
    return {
        "externalId": uuid4().hex,
        "customerId": str(ANA),
        "currency": "USD",
        "placedAt": "1996-07-04T00:00:00Z",
        "shippedAt": "1996-07-16T00:00:00Z",
        "freight": "32.38",
        "lines": [line],
    } | changes


async def test_an_imported_order_keeps_its_dates_prices_and_discounts(orders: httpx.AsyncClient) -> None:
    order = (await orders.post("/imported-orders", json=an_old_order())).json()

    assert (order["subtotal"], order["freight"], order["total"]) == ("122.40", "32.38", "154.78")
    assert order["status"] == "shipped"
    assert (order["placedAt"], order["shippedAt"]) == ("1996-07-04T00:00:00Z", "1996-07-16T00:00:00Z")
    assert order["lines"][0]["discount"] == "0.15"


async def test_an_order_is_imported_once_however_often_it_is_sent(orders: httpx.AsyncClient) -> None:
    old = an_old_order()

    answers = await asyncio.gather(*(orders.post("/imported-orders", json=old) for _ in range(8)))
    later = await orders.post("/imported-orders", json=old)

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert later.status_code == 200
    assert len({answer.json()["id"] for answer in [*answers, later]}) == 1


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("placedAt", "0001-01-01T00:00:00+14:00"),
        ("placedAt", "9999-12-31T23:59:59-14:00"),
        ("placedAt", "0099-01-01T00:00:00Z"),
        ("placedAt", "1996-07-04"),
        ("placedAt", 0),
        ("requiredAt", "0001-01-01T00:00:00+14:00"),
    ],
)
async def test_a_time_out_of_all_calendars_is_refused(orders: httpx.AsyncClient, member: str, value: Any) -> None:
    answer = await orders.post("/imported-orders", json=an_old_order(**{member: value}))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#/{member}"


async def test_an_amount_beyond_the_books_is_refused_naming_the_line(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product("DEAR", price=Decimal("999999999999.99"))])

    answer = await place(orders, body({}, {"sku": "DEAR", "quantity": 1_000_000}))

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/lines/1/quantity"]


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"customerId": "\xff"}', "application/json", 400),
        ('{"customerId": "x"}'.encode("utf-16"), "application/json", 400),
        ('{"customerId": "x"}'.encode("utf-16-le"), "application/json", 400),
        (b"\xef\xbb\xbf{}", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b'"' + b"x" * 2_000_000 + b'"', "application/json", 413),
        (b"[" * 100_000, "application/json", 400),
        (b'{"customerId": NaN, "lines": []}', "application/json", 400),
        (b"", "application/json", 422),
    ],
)
async def test_rubbish_is_refused_as_a_problem(
    orders: httpx.AsyncClient, content: bytes, content_type: str, status: int
) -> None:
    answer = await orders.post("/orders", content=content, headers={"Content-Type": content_type, **a_key()})

    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
