"""The numbers of orders: each its own, however an order is created, and kept by exports."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.databases import mysql
from chassis.databases.migrations import files, statements
from orders.settings import MIGRATIONS
from tests.support.bulk import bulk, lines
from tests.support.shop.builders import a_key
from tests.support.shop.small_shop import ANA, HOME, body, place

Line = dict[str, Any]


async def export_of(orders: httpx.AsyncClient, order_id: str) -> Line:
    answer = await orders.get("/orders/bulk?complete=true")
    return next(line for line in map(json.loads, answer.content.splitlines()) if line["id"] == order_id)


def another(order: Line, **changes: Any) -> Line:
    its_lines = [{**line, "id": str(uuid4())} for line in order["lines"]]
    return order | {"id": str(uuid4()), "lines": its_lines, **changes}


async def imported(orders: httpx.AsyncClient) -> httpx.Response:
    line = {"sku": "CHAI", "quantity": 1, "unitPrice": "14.40", "deliveryAddressId": str(HOME)}
    order = {"customerId": str(ANA), "currency": "USD", "placedAt": "2020-01-01T00:00:00Z", "lines": [line]}
    return await orders.post("/imported-orders", json=order | {"externalId": uuid4().hex})


async def test_orders_created_at_once_have_numbers_of_their_own(orders: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(place(orders, body()) for _ in range(10)), *(imported(orders) for _ in range(10)))

    created = [answer.json() for answer in answers]
    read = [(await orders.get(f"/orders/{order['id']}")).json() for order in created]
    assert len({int(order["number"]) for order in created}) == 20
    assert read == created


async def test_a_retry_has_the_number_of_the_first_attempt(orders: httpx.AsyncClient) -> None:
    key, new = a_key(), body()

    first = await orders.post("/orders", json=new, headers=key)
    again = await orders.post("/orders", json=new, headers=key)

    assert (first.status_code, again.json()["number"]) == (201, first.json()["number"])


async def test_a_later_order_has_a_higher_number(orders: httpx.AsyncClient) -> None:
    first, second = [int((await place(orders, body())).json()["number"]) for _ in range(2)]

    assert first < second


async def test_placing_an_order_takes_two_round_trips(
    orders: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, send = [], mysql.Connection._send

    async def counted(self: mysql.Connection, cursor: Any, *statements: str, **how: Any) -> None:
        sent.append(statements)
        await send(self, cursor, *statements, **how)

    monkeypatch.setattr(mysql.Connection, "_send", counted)

    answer = await place(orders, body())

    assert (answer.status_code, len(sent)) == (201, 2), sent


async def test_a_number_of_another_order_is_refused(orders: httpx.AsyncClient) -> None:
    order = await export_of(orders, (await place(orders, body())).json()["id"])
    higher = str(int(order["number"]) + 1000)
    first, second = another(order, number=higher), another(order, number=higher)

    answers = await bulk(orders, "/orders/bulk", lines([another(order), first, second]))

    assert [answer["status"] for answer in answers[:-1]] == [409, 201, 409]
    for refused in (answers[0], answers[2]):
        assert refused["problem"]["type"] == "urn:oms:problem:number-taken"
        assert [fault["pointer"] for fault in refused["problem"]["errors"]] == ["#/number"]
    assert (await orders.get(f"/orders/{first['id']}")).json()["number"] == higher
    assert int((await place(orders, body())).json()["number"]) > int(higher)


@pytest.mark.parametrize("missing", [{}, {"number": None}])
async def test_an_exported_order_without_a_number_gets_one(orders: httpx.AsyncClient, missing: Line) -> None:
    order = another(await export_of(orders, (await place(orders, body())).json()["id"]))
    del order["number"]

    first = await bulk(orders, "/orders/bulk", lines([order | missing]))
    again = await bulk(orders, "/orders/bulk", lines([order | missing]))

    assert (first[-1]["made"], again[-1]["unchanged"]) == (1, 1)
    assert int((await orders.get(f"/orders/{order['id']}")).json()["number"]) > 1000


@pytest.mark.parametrize("number", ["0", "-1", "1e3", " 1042", "1_042", "01", "1" * 16, 1042, ""])
async def test_a_number_is_digits(orders: httpx.AsyncClient, number: Any) -> None:
    order = await export_of(orders, (await place(orders, body())).json()["id"])

    answers = await bulk(orders, "/orders/bulk", lines([another(order, number=number)]))

    assert answers[0]["status"] == 422
    assert [fault["pointer"] for fault in answers[0]["problem"]["errors"]] == ["#/number"]


async def test_orders_from_before_are_numbered_by_age(own_database: mysql.Database) -> None:
    changes = [part for file in files(MIGRATIONS) for part in statements(file.read_text()) if "`order`" in part[:40]]
    old = "INSERT INTO `order` VALUES (%s, NULL, '', 'placed', 'USD', %s, 0, 1, 1, NOW(3)"
    old += ", NULL, NULL, NULL, NULL, NOW(3), NOW(3), 1)"
    async with own_database.reading() as connection:
        try:
            for change in [changes[0], *[old] * 2, *changes[1:]]:
                values = [[], [str(uuid4()), "54"]][change is old]
                await connection.execute(change.replace("`order`", "`order_before`"), values)
            found = await connection.fetch_all("SELECT number, subtotal FROM order_before ORDER BY order_id")
        finally:
            await connection.execute("DROP TABLE IF EXISTS order_before")

    assert [(row["number"], row["subtotal"]) for row in found] == [(1001, 54), (1002, 54)]
