"""Orders exported with their whole past, and made anew from that, row for row."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.databases.mysql import Database, Row
from contracts.json_text import to_json_text
from contracts.orders import DeliveryAddress
from contracts.sizes import ADDRESSES_BYTES
from oms.company.lines.orders import order_line
from orders import repository
from orders.bulk.routes import PAGE_BYTES
from orders.erasure import erase_customer
from orders.replica import freshness as replica_freshness
from orders.replica import repository as replica
from tests.support.bulk import bulk, lines
from tests.support.shop.builders import a_key
from tests.support.shop.small_shop import HOME, a_customer, a_product, all_is_known, an_address, body, place, placed

Line = dict[str, Any]


@pytest.fixture
async def past(orders: httpx.AsyncClient, own_database: Database) -> list[Line]:
    """The exports of orders in every status: with other lines before, imported, of an erased customer."""
    return await exported(orders, await orders_with_a_past(orders, own_database))


async def orders_with_a_past(orders: httpx.AsyncClient, own_database: Database) -> list[str]:
    somebody, home, far = uuid4(), uuid4(), {"latitude": Decimal("-12.046370"), "longitude": Decimal("-77.000000")}
    async with own_database.transaction() as tx:
        await replica.upsert_customers(tx, [a_customer(somebody)])
        await replica.upsert_addresses(tx, [an_address(home, somebody, **far)])
        await replica.upsert_products(tx, [a_product("TINY", price=Decimal("0.01"))])
    ids = []
    for commands in ([], ["confirm"], ["confirm", "ship"], ["confirm", "ship", "deliver"], ["reject"], ["cancel"]):
        order = (await placed(orders, {"quantity": 2}, {"sku": "CHANG"}))["id"]
        ids.append(order)
        change = {"lines": [{"sku": "CHAI", "quantity": 5, "deliveryAddressId": str(HOME)}]}
        await orders.patch(f"/orders/{order}/lines", json=change, headers={"If-Match": '"1"'})
        for command in commands:
            reason = {"reason": "because"} if command in ("reject", "cancel") else None
            await orders.post(f"/orders/{order}/{command}", json=reason, headers=a_key())
    old = {"externalId": uuid4().hex, "source": "old", "customerId": str(somebody), "currency": "USD",
           "placedAt": "1996-07-04T00:00:00Z", "shippedAt": "1996-07-16T00:00:00Z", "freight": "3.5",
           "lines": [{"sku": "TINY", "quantity": 1, "unitPrice": "0.01", "discount": "0.3333",
                      "deliveryAddressId": str(home)}]}  # fmt: skip
    ids.append((await orders.post("/imported-orders", json=old)).json()["id"])
    gone, their_home = uuid4(), uuid4()
    async with own_database.transaction() as tx:
        await replica.upsert_customers(tx, [a_customer(gone)])
        await replica.upsert_addresses(tx, [an_address(their_home, gone)])
    its_own = {"customerId": str(gone), "reservationId": str(uuid4())}
    theirs = (await place(orders, body({"deliveryAddressId": str(their_home)}, **its_own))).json()["id"]
    async with own_database.transaction() as tx:
        await replica.upsert_customers(tx, [a_customer(gone, is_deleted=True)])
    assert await erase_customer(own_database, gone) == 1
    return [*ids, theirs]


async def exported(orders: httpx.AsyncClient, ids: list[str]) -> list[Line]:
    answer = await orders.get("/orders/bulk?complete=true")
    found = {line["id"]: line for line in map(json.loads, answer.content.splitlines())}
    return [found[each] for each in ids]


async def rows(database: Database, ids: list[str]) -> dict[str, list[Row]]:
    """All rows there are of these orders."""
    marks = ", ".join(["%s"] * len(ids))
    keys = {"`order`": "order_id", "order_detail": "order_detail_id", "order_history": "order_id, to_version"}
    async with database.reading() as connection:
        return {
            table: await connection.fetch_all(f"SELECT * FROM {table} WHERE order_id IN ({marks}) ORDER BY {key}", ids)
            for table, key in keys.items()
        }


async def remove(database: Database, ids: list[str]) -> None:
    marks = ", ".join(["%s"] * len(ids))
    async with database.transaction() as tx:
        for table in ("order_history", "order_detail", "`order`"):
            await tx.execute(f"DELETE FROM {table} WHERE order_id IN ({marks})", ids)


async def test_orders_are_made_anew_row_for_row(
    orders: httpx.AsyncClient, own_database: Database, past: list[Line]
) -> None:
    ids = [line["id"] for line in past]
    statuses = ["placed", "confirmed", "shipped", "delivered", "rejected", "cancelled", "shipped", "placed"]
    assert [line["status"] for line in past] == statuses
    assert past[-1]["exported"]["erasedAt"]
    before = await rows(own_database, ids)
    assert len(before["order_detail"]) == 20
    await remove(own_database, ids)

    answers = await bulk(orders, "/orders/bulk", lines(past))
    again = await bulk(orders, "/orders/bulk", lines(past))

    assert answers[-1] == {"lines": 8, "made": 8, "unchanged": 0, "refused": 0}
    assert again[-1] == {"lines": 8, "made": 0, "unchanged": 8, "refused": 0}
    assert await rows(own_database, ids) == before
    assert await exported(orders, ids) == past


async def test_an_order_that_is_here_and_says_something_else_is_refused(
    orders: httpx.AsyncClient, own_database: Database, past: list[Line]
) -> None:
    before = await rows(own_database, [past[0]["id"]])
    others = [
        past[0] | {"freight": "1.00", "total": None},
        past[0] | {"lines": [{**past[0]["lines"][0], "sku": "CHANG"}]},
        past[0] | {"exported": {**past[0]["exported"], "history": []}},
        past[0] | {"id": str(uuid4()), "number": None},
        past[6] | {"id": str(uuid4()), "number": None},
    ]

    answers = await bulk(orders, "/orders/bulk", lines(others))

    problems = [answer["problem"] for answer in answers[:-1]]
    assert {each["status"] for each in problems} == {409}
    assert [each["errors"][0]["pointer"] for each in problems] == [
        "#/freight", "#/lines", "#/exported/history", "#/lines", "#/externalId",
    ]  # fmt: skip
    assert await rows(own_database, [past[0]["id"]]) == before


def with_new_ids(order: Line) -> Line:
    its_lines = [{**line, "id": str(uuid4())} for line in order["lines"]]
    past = {**order["exported"], "formerLines": []}
    return order | {
        "id": str(uuid4()),
        "number": None,
        "externalId": None,
        "source": None,
        "lines": its_lines,
        "exported": past,
    }


async def test_an_order_that_does_not_fit_together_is_refused(
    orders: httpx.AsyncClient, own_database: Database, past: list[Line]
) -> None:
    good, erased = with_new_ids(past[0]), with_new_ids(past[-1])
    street = [{**erased["deliveryAddresses"][0], "street": "Obere Str."}]
    nobody = good | {"customerId": str(uuid4())}
    wrong = [
        good | {"subtotal": "1.23456"},
        good | {"createdAt": "2020-01-01T00:00:00"},
        good | {"colour": "red"},
        good | {"total": "1"},
        good | {"currency": "EURO"},
        good | {"lines": [good["lines"][0]] * 2, "subtotal": "180.00", "total": None},
        erased | {"deliveryAddresses": street},
        nobody,
    ]

    answers = await bulk(orders, "/orders/bulk", lines(wrong))

    assert [answer["status"] for answer in answers[:-1]] == [422] * len(wrong)
    assert [answer["problem"]["errors"][0]["pointer"] for answer in answers[:-1]] == [
        "#/subtotal", "#/createdAt", "#/colour", "#/total", "#/currency", "#",
        "#/deliveryAddresses/0/street", "#/customerId",
    ]  # fmt: skip
    assert answers[-2]["problem"]["type"] == "urn:oms:problem:unknown-reference"
    assert (await bulk(orders, "/orders/bulk", lines([good, erased])))[-1]["made"] == 2
    assert UUID(good["id"])


ODD_ADDRESS = {"street": "", "city": "a\nb", "country": "Yugoslavia", "latitude": "99.500000", "reference": "\u2028"}


@pytest.mark.parametrize(
    "odd",
    [
        {"`order`": {"currency": "BGN"}},
        {"`order`": {"currency": "ITL", "freight": "7.5", "subtotal": "54.5"}},
        {"`order`": {"currency": "QQQ", "status": "parked"}},
        {"`order`": {"currency": "usd", "status": "shipped", "cancellation_reason": "a\tb"}},
        {"`order`": {"external_id": "x" * 100, "source": " ", "updated_at": "2020-01-01"}},
        {"`order`": {"external_id": "", "source": ""}},
        {"`order`": {"delivery_addresses": json.dumps([ODD_ADDRESS])}},
        {"order_detail": {"sku": "a b", "quantity": 3_000_000, "product_name": ""}},
        {
            "order_detail": {
                "sku": "\t/",
                "quantity": -1,
                "unit_price": "-1.2345",
                "discount": "1.5",
                "line_number": 700,
            }
        },
        {"order_history": {"status": "parked", "caller": None}},
        {"order_history": {"command": "PARK it", "caller": "", "reason": "", "from_version": 12, "status": ""}},
    ],
)
async def test_whatever_is_stored_can_be_exported_and_made_anew(
    orders: httpx.AsyncClient, own_database: Database, odd: dict[str, Line]
) -> None:
    order_id = (await placed(orders, {"quantity": 2}))["id"]
    async with own_database.transaction() as tx:
        for table, columns in odd.items():
            values = {**columns}
            if "delivery_addresses" in values:
                empty = dict.fromkeys(DeliveryAddress.__struct_fields__)
                [address] = json.loads(values["delivery_addresses"])
                values["delivery_addresses"] = to_json_text([{**empty, **address, "address_id": str(HOME)}])
            sets = ", ".join(f"{column} = %s" for column in values)
            await tx.execute(f"UPDATE {table} SET {sets} WHERE order_id = %s", [*values.values(), order_id])
    try:
        before, [line] = await rows(own_database, [order_id]), await exported(orders, [order_id])
        sent = order_line(line)
        same = await bulk(orders, "/orders/bulk", lines([sent]))
        await remove(own_database, [order_id])

        answers = await bulk(orders, "/orders/bulk", lines([sent]))

        assert same[-1] == {"lines": 1, "made": 0, "unchanged": 1, "refused": 0}, same
        assert answers[-1] == {"lines": 1, "made": 1, "unchanged": 0, "refused": 0}, answers
        assert await rows(own_database, [order_id]) == before
        assert await exported(orders, [order_id]) == [line]
    finally:
        await remove(own_database, [order_id])


async def test_an_order_is_not_made_anew_with_more_bytes_of_addresses_than_fit(
    orders: httpx.AsyncClient, past: list[Line]
) -> None:
    order = with_new_ids(past[0])
    address = {**order["deliveryAddresses"][0], "street": "x" * ADDRESSES_BYTES}

    answer, _ = await bulk(orders, "/orders/bulk", lines([order | {"deliveryAddresses": [address]}]))

    assert (answer["status"], answer["problem"]["type"]) == (422, "urn:oms:problem:order-too-large")
    assert answer["problem"]["errors"][0]["pointer"] == "#/deliveryAddresses"


async def test_an_order_of_a_customer_on_the_way_is_made_or_to_be_sent_again(
    orders: httpx.AsyncClient, own_database: Database, past: list[Line]
) -> None:
    somebody, nobody = uuid4(), uuid4()
    first, second, known = [with_new_ids(past[0]) for _ in range(3)]
    first["customerId"], second["customerId"] = str(somebody), str(nobody)
    async with own_database.transaction() as tx:
        await replica_freshness.forget(tx)
        await replica.upsert_customers(tx, [a_customer(somebody)])
    try:
        answers = await bulk(orders, "/orders/bulk", lines([first, second, known]))
        async with own_database.transaction() as tx:
            await all_is_known(tx)
        [final, _] = await bulk(orders, "/orders/bulk", lines([second]))
    finally:
        async with own_database.transaction() as tx:
            await all_is_known(tx)

    assert [answer["status"] for answer in answers[:-1]] == [201, 503, 201]
    assert answers[1]["problem"]["type"] == "urn:oms:problem:reference-not-yet-known"
    assert final["problem"]["type"] == "urn:oms:problem:unknown-reference"


async def test_large_orders_are_read_few_at_a_time(orders: httpx.AsyncClient, own_database: Database) -> None:
    ids = [(await placed(orders))["id"] for _ in range(3)]
    before = str(UUID(int=UUID(ids[0]).int - 1))
    async with own_database.reading() as connection:
        whole = await repository.find_orders_after(connection, before, 200, PAGE_BYTES)
        alone = await repository.find_orders_after(connection, before, 200, 1)
        some = await repository.find_orders_after(connection, before, 200, len(whole[0]["delivery_addresses"]) + 201)

    assert [[row["order_id"] for row in page] for page in (whole[:3], some, alone)] == [ids, ids[:2], ids[:1]]
