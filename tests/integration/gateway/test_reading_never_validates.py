"""What is stored is shown, whatever the lists of today say: currencies, countries, statuses come and go, rows stay."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from chassis.databases.mysql import Database
from customers.api import app as customers_app
from customers.settings import database as customers_database
from gateway import settings
from gateway.api import app as gateway_app
from gateway.live.order_event import ORDERS, change
from orders.api import app as orders_app
from orders.replica import repository as replica
from products.api import app as products_app
from products.settings import database as products_database
from tests.support.apps import running
from tests.support.gateway.both_paths import BothPaths
from tests.support.live.clients import LINE, document
from tests.support.shop.small_shop import a_product, placed
from tests.support.views.read_model import ReadModel
from tests.support.views.search_index import Index

Values = dict[str, Any]

NOT_ASKED = ("/products/suggestions",)
"""Nobody can ask it for a row: it needs words."""

LISTS = ("/customers", "/products")


async def every_get(http: httpx.AsyncClient, app: FastAPI, **names: object) -> dict[str, httpx.Response]:
    """The answers of all paths of a service that can be read, without those of things that have no name here."""
    newest_first = {"sort": "-createdAt"}
    readable = [path for path, methods in app.openapi()["paths"].items() if "get" in methods and path not in NOT_ASKED]
    paths = [path for path in readable if set(re.findall(r"{(\w+)}", path)) <= names.keys()]
    answers = {
        path: await http.get(path.format(**names), params=newest_first if path in LISTS else None) for path in paths
    }
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(paths, 200)
    return answers


@asynccontextmanager
async def stored(database: Database, *rows: tuple[str, Values]) -> AsyncIterator[None]:
    """Rows, written past the service and gone afterwards, each by its first column."""
    try:
        async with database.transaction() as tx:
            for table, row in rows:
                marks = ", ".join(["%s"] * len(row))
                await tx.execute(
                    f"INSERT INTO {table} ({', '.join(row)}, created_at, updated_at, version)"
                    f" VALUES ({marks}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)",
                    list(row.values()),
                )
        yield
    finally:
        async with database.transaction() as tx:
            for table, row in reversed(rows):
                key = next(iter(row))
                await tx.execute(f"DELETE FROM {table} WHERE {key} = %s", [row[key]])
        await database.close()


def a_person(**odd: Any) -> Values:
    return {
        "customer_id": str(uuid4()),
        "name": "Ana",
        "last_name": "T",
        "email": f"{uuid4()}@x.org",
        "active": 1,
    } | odd


def a_place(customer: Values, **odd: Any) -> Values:
    usual = {"street": "Obere Str.", "city": "Berlin", "country": "DE"}
    return {"address_id": str(uuid4()), "customer_id": customer["customer_id"]} | usual | odd


@pytest.mark.parametrize(
    ("person", "place"),
    [
        ({"email": "no address"}, {}),
        ({"name": "", "phone": "a\tb", "company": " "}, {"street": "", "city": "a\nb"}),
        ({"active": 2}, {"country": "YU"}),
        ({}, {"country": "??"}),
        ({}, {"country": "de", "latitude": Decimal("99.5"), "longitude": Decimal("-200")}),
    ],
)
async def test_a_customer_is_read_and_repaired_whatever_is_stored(
    customers: httpx.AsyncClient, person: Values, place: Values
) -> None:
    row = a_person(**person)
    address = a_place(row, **place)
    ids = {"customer_id": row["customer_id"], "address_id": address["address_id"]}

    async with stored(customers_database(), ("customer", row), ("address", address)):
        answers = await every_get(customers, customers_app(), **ids)
        found = await customers.get("/customers", params={"email": row["email"].strip()})
        renamed = await customers.patch(
            f"/customers/{ids['customer_id']}", json={"lastName": "Trujillo"}, headers={"If-Match": '"1"'}
        )
        repaired = await customers.put(
            f"/addresses/{ids['address_id']}",
            json={"street": "Neue Str.", "city": "Berlin", "country": "DE"},
            headers={"If-Match": '"1"'},
        )

    assert answers["/customers"].json()["items"][0]["id"] == row["customer_id"]
    assert answers["/addresses/{address_id}"].json()["country"] == address["country"]
    assert [each["id"] for each in found.json()["items"]] == [row["customer_id"]]
    assert (renamed.status_code, repaired.status_code) == (200, 200)
    assert renamed.json()["email"] == row["email"]


@pytest.mark.parametrize(
    ("odd", "price"),
    [
        ({"currency": "BGN"}, "18.00"),
        ({"currency": "HRK", "price": "0.0125"}, "0.0125"),
        ({"currency": "ITL"}, "18"),
        ({"currency": "QQQ", "active": 2}, "18.00"),
        ({"currency": "usd", "name": "", "type": "a\tb", "unit": ""}, "18.00"),
        ({"price": "-1.5", "length": "-2.000", "weight": "0.001"}, "-1.50"),
        ({"categories": '[{"name": "", "level": 3, "description": "a\\u0000b"}]'}, "18.00"),
    ],
)
async def test_a_product_is_read_and_repaired_whatever_is_stored(
    products: httpx.AsyncClient, odd: Values, price: str
) -> None:
    sku = f"odd {uuid4().hex[:8]}"
    usual = {"sku": sku, "name": "Chai", "price": "18", "currency": "USD", "categories": "[]", "active": 1}
    url, first, second = f"/products/{sku}", {"If-Match": '"1"'}, {"If-Match": '"2"'}

    async with stored(products_database(), ("products", usual | odd)):
        answers = await every_get(products, products_app(), sku=sku)
        patched = await products.patch(url, json={"active": False}, headers=first)
        repaired = await products.patch(url, json={"currency": "EUR", "price": "9.00"}, headers=second)

    shown = answers["/products/{sku}"].json()
    assert shown["price"] == price
    assert answers["/products"].json()["items"][0] == shown
    assert (patched.status_code, patched.json()["currency"]) == (200, shown["currency"].upper())
    assert (repaired.status_code, repaired.json()["price"]) == (200, "9.00")


async def test_products_are_listed_by_a_currency_that_is_retired(products: httpx.AsyncClient) -> None:
    sku = f"LEV-{uuid4().hex[:8]}"
    row = {"sku": sku, "name": "Chai", "price": "18", "currency": "BGN", "categories": "[]", "active": 1}

    async with stored(products_database(), ("products", row)):
        listed = await products.get("/products", params={"currency": "bgn"})

    assert [each["sku"] for each in listed.json()["items"]] == [sku]


@pytest.mark.parametrize("currency", ["BGN", "HRK", "QQQ"])
async def test_nothing_new_is_priced_in_a_retired_currency(products: httpx.AsyncClient, currency: str) -> None:
    body = {"sku": f"NEW-{uuid4().hex[:8]}", "name": "Chai", "price": "1", "currency": currency}

    answer = await products.post("/products", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/currency")


@pytest.mark.parametrize(
    ("odd", "total"),
    [
        ({"currency": "BGN"}, "54.00"),
        ({"currency": "ITL"}, "54"),
        ({"currency": "QQQ"}, "54.00"),
        ({"status": "parked"}, "54.00"),
        ({"cancellation_reason": "a\tb"}, "54.00"),
    ],
)
async def test_an_order_is_read_and_moved_whatever_is_stored(
    orders: httpx.AsyncClient, own_database: Database, odd: Values, total: str
) -> None:
    order = await placed(orders)
    changes = ", ".join(f"{column} = %s" for column in odd)
    async with own_database.transaction() as tx:
        await tx.execute(f"UPDATE `order` SET {changes} WHERE order_id = %s", [*odd.values(), order["id"]])
        await tx.execute("UPDATE order_detail SET sku = 'a b', quantity = 3000000 WHERE order_id = %s", [order["id"]])
        await tx.execute("UPDATE order_history SET status = 'parked' WHERE order_id = %s", [order["id"]])
    try:
        answers = await every_get(orders, orders_app(), order_id=order["id"])
        shown = answers["/orders/{order_id}"].json()
        confirmed = await orders.post(f"/orders/{order['id']}/confirm")
    finally:
        async with own_database.transaction() as tx:
            await tx.execute("DELETE FROM order_history WHERE order_id = %s", [order["id"]])
            await tx.execute("DELETE FROM order_detail WHERE order_id = %s", [order["id"]])
            await tx.execute("DELETE FROM `order` WHERE order_id = %s", [order["id"]])

    assert answers["/orders"].json()["items"][0]["id"] == order["id"]
    assert (shown["total"], shown["status"]) == (total, odd.get("status", "placed"))
    assert confirmed.status_code == (409 if "status" in odd else 200), confirmed.text


async def test_a_line_that_no_client_could_send_is_kept(orders: httpx.AsyncClient, own_database: Database) -> None:
    order = await placed(orders)
    async with own_database.transaction() as tx:
        await tx.execute("UPDATE order_detail SET sku = 'a b' WHERE order_id = %s", [order["id"]])
    lines = (await orders.get(f"/orders/{order['id']}")).json()["lines"]

    answer = await orders.patch(f"/orders/{order['id']}/lines", json={"lines": lines}, headers={"If-Match": '"1"'})

    assert (answer.status_code, answer.json()["lines"][0]["sku"]) == (200, "a b")


@pytest.mark.parametrize(("currency", "status"), [("BGN", 201), ("ITL", 201), ("QQQ", 422), ("XAU", 422)])
async def test_orders_of_the_past_are_in_the_currency_of_their_time(
    orders: httpx.AsyncClient, currency: str, status: int
) -> None:
    order = await placed(orders)
    line = {name: order["lines"][0][name] for name in ("sku", "quantity", "deliveryAddressId")}
    old = {
        "externalId": uuid4().hex, "customerId": order["customerId"], "currency": currency,
        "placedAt": "1996-07-04T00:00:00Z", "lines": [line | {"unitPrice": "1500.5"}],
    }  # fmt: skip

    answer = await orders.post("/imported-orders", json=old)

    assert answer.status_code == status, answer.text
    if status == 201:
        assert answer.json()["total"] == {"BGN": "4501.50", "ITL": "4502"}[currency]


async def test_nobody_orders_in_a_retired_currency(orders: httpx.AsyncClient, own_database: Database) -> None:
    sku = f"LEV-{uuid4().hex[:8]}"
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku, currency="BGN")])
    order = await placed(orders)
    body = {"customerId": order["customerId"], "lines": [{**order["lines"][0], "sku": sku}]}
    body["lines"] = [{name: body["lines"][0][name] for name in ("sku", "quantity", "deliveryAddressId")}]

    answer = await orders.post("/orders", json=body, headers={"Idempotency-Key": uuid4().hex})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/lines/0/sku")


MONEY = "{ amount currency }"
SHOWN = f"""query ($order: ID!, $customer: ID!) {{
  order(id: $order) {{ status total {MONEY} lines {{ sku unitPrice {MONEY} amount {MONEY}
    deliveryAddress {{ country }} product {{ price {MONEY} }} }} }}
  orders(filter: {{ customerId: $customer }}) {{ nodes {{ status total {MONEY} }} }}
  customer(id: $customer) {{ email addresses {{ country latitude }} orders {{ nodes {{ status }} }} }}
}}"""


@pytest.mark.parametrize(
    ("odd", "amounts", "status"),
    [
        ({"currency": "BGN"}, ("472.38", "14.00", "0.0125"), "PLACED"),
        ({"currency": "ITL"}, ("472", "14", "0.0125"), "PLACED"),
        ({"currency": "QQQ", "status": "parked"}, ("472.38", "14.00", "0.0125"), "UNKNOWN"),
        ({"status": "PLACED"}, ("472.38", "14.00", "0.0125"), "UNKNOWN"),
        ({"status": ""}, ("472.38", "14.00", "0.0125"), "UNKNOWN"),
    ],
)
async def test_the_read_model_is_shown_whatever_is_in_it(
    read_model: ReadModel, odd: Values, amounts: tuple[str, str, str], status: str
) -> None:
    total, unit_price, price = amounts
    currency = odd.get("currency", "USD")
    [customer] = await read_model.customers({"email": "no address", "name": ""})
    [address] = await read_model.addresses({"customer_id": customer, "country": "YU", "latitude": "99.5"})
    place = dict.fromkeys(("street", "number", "region", "postal_code", "latitude", "longitude", "street_type"))
    place |= dict.fromkeys(("building", "department", "reference"))
    place |= {"address_id": str(address), "city": "Beograd", "country": "YU"}
    [order] = await read_model.orders({"customer_id": customer, "delivery_addresses": [place], **odd})
    await read_model.lines({"order_id": order, "sku": "a b", "delivery_address_id": address})
    await read_model.products({"sku": "a b", "price": "0.0125", "currency": currency})
    paths = BothPaths(settings.read_model())
    ids = {"order": str(order), "customer": str(customer)}
    try:
        executed, compiled = await paths.executed(SHOWN, ids), await paths.compiled(SHOWN, ids)
    finally:
        await paths.close()

    assert executed.errors is None
    assert executed.data == compiled
    seen = compiled["order"]
    assert (seen["status"], seen["total"]) == (status, {"amount": total, "currency": currency})
    [line] = seen["lines"]
    assert (line["unitPrice"]["amount"], line["product"]["price"]["amount"]) == (unit_price, price)
    assert line["deliveryAddress"]["country"] == compiled["customer"]["addresses"][0]["country"] == "YU"


async def test_products_that_are_found_are_shown_whatever_they_cost(
    read_model: ReadModel, index: Index, products: httpx.AsyncClient
) -> None:
    rows: Mapping[str, Values] = {"A": {"currency": "BGN"}, "b c": {"currency": "QQQ", "price": Decimal("0.0125")}}
    await index.products(*({"sku": sku, "name": "Tea"} | odd for sku, odd in rows.items()))
    query = """{ products(text: "tea") { nodes { sku price { amount currency } } facets { prices { currency } } }
        productSuggestions(text: "te") { product { price { amount } } } }"""

    async with running(gateway_app()) as http:
        asked = (await http.post("/graphql", json={"query": query})).json()
    found = await products.get("/products", params={"text": "tea", "facets": True})

    expected = {"A": ("18.00", "BGN"), "b c": ("0.0125", "QQQ")}
    nodes = asked["data"]["products"]["nodes"]
    assert {each["sku"]: tuple(each["price"].values()) for each in nodes} == expected
    assert {each["sku"]: (each["price"], each["currency"]) for each in found.json()["items"]} == expected
    assert len(asked["data"]["productSuggestions"]) == 2


async def test_nobody_filters_by_a_status_that_is_only_shown(read_model: ReadModel) -> None:
    await read_model.orders({"status": "parked"})

    async with running(gateway_app()) as http:
        answer = (
            await http.post("/graphql", json={"query": "{ orders(filter: {status: UNKNOWN}) { totalCount } }"})
        ).json()

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(("currency", "total"), [("BGN", "472.38"), ("ITL", "472"), ("QQQ", "472.38")])
def test_a_change_is_told_whatever_it_says(currency: str, total: str) -> None:
    said = document(uuid4(), 1, status="parked", currency=currency, lines=[LINE | {"unitPrice": "0.0125"}])
    value = msgspec.json.Encoder(decimal_format="string").encode(said)

    order = change(ORDERS.decode(value), "").order

    assert order is not None
    assert (order.status.name, f"{order.total.amount}") == ("UNKNOWN", total)
    assert order.event_lines is not None
    assert f"{order.event_lines[0].unit_price.amount}" == "0.0125"
