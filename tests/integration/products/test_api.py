"""The products service on real servers."""

from __future__ import annotations

import asyncio
from time import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from products.api import app
from products.settings import database
from tests.support.apps import running
from tests.support.shop.categories import a_category
from tests.support.shop.people import kind


def a_sku() -> str:
    return f"T-{uuid4().hex[:12]}"


def chai(**changes: Any) -> dict[str, Any]:
    return {"sku": a_sku(), "name": "Chai", "price": "18.00", "currency": "USD"} | changes


async def made(products: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await products.post("/products", json=chai(**changes))
    assert answer.status_code == 201, answer.text
    product: dict[str, Any] = answer.json()
    return product


async def by_hand(statement: str, *values: Any) -> None:
    mysql = database()
    async with mysql.reading() as connection:
        assert await connection.execute(statement, values) == 1
    await mysql.close()


async def test_a_new_product_says_where_it_is_and_which_version_it_has(products):
    slugs = [(await a_category(products))["slug"] for _ in range(2)]

    answer = await products.post("/products", json=chai(weight="1.250", categories=[*slugs, slugs[0]]))

    product = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/products/{product['sku']}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Consistency-Token"] == f"product:{product['sku']}:1"
    assert (await products.get(answer.headers["Location"])).json() == product
    assert (product["price"], product["weight"], product["categories"]) == ("18.00", 1.25, slugs)


@pytest.mark.parametrize(
    ("price", "currency", "shown"),
    [
        (18, "USD", "18.00"),
        (18.5, "usd", "18.50"),
        ("18", "JPY", "18"),
        ("999999999999.9999", "CLF", "999999999999.9999"),
    ],
)
async def test_a_price_is_shown_with_the_decimals_of_its_currency(products, price, currency, shown):
    product = await made(products, price=price, currency=currency)

    assert (product["price"], product["currency"]) == (shown, currency.upper())


async def test_a_sku_is_taken_once_and_its_case_counts(products):
    product = await made(products, sku=a_sku().lower())

    again = await products.post("/products", json=chai(sku=product["sku"]))
    upper = await products.post("/products", json=chai(sku=product["sku"].upper()))

    assert kind(again) == (409, "sku-taken")
    assert upper.status_code == 201


async def test_of_many_at_once_one_gets_the_sku(products):
    sku = a_sku()

    answers = await asyncio.gather(*(products.post("/products", json=chai(sku=sku)) for _ in range(12)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11


async def test_a_sku_made_again_goes_on_above_all_versions_it_had(products):
    sku = a_sku()
    answer = await products.post("/products", json=chai(sku=sku))
    versions = [1]

    for _ in range(10):
        gone = await products.delete(f"/products/{sku}", headers={"If-Match": answer.headers["ETag"]})
        versions.append(int(gone.headers["Consistency-Token"].rpartition(":")[2]))
        answer = await products.post("/products", json=chai(sku=sku))
        versions.append(answer.json()["version"])

    assert versions == sorted(set(versions))


async def test_a_sku_whose_row_was_deleted_by_hand_begins_at_the_time(products):
    product = await made(products)
    await by_hand("UPDATE products SET version = 1000 WHERE sku = %s", product["sku"])
    await by_hand("DELETE FROM products WHERE sku = %s", product["sku"])

    again = await made(products, sku=product["sku"])

    assert abs(again["version"] - time() * 1000) < 60_000


async def test_of_many_changes_of_one_version_one_wins(products):
    product = await made(products)
    url = f"/products/{product['sku']}"

    answers = await asyncio.gather(
        *(products.patch(url, json={"name": f"Chai {n}"}, headers={"If-Match": '"1"'}) for n in range(20))
    )

    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    assert (await products.get(url)).json() == won


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_change_needs_the_version_it_is_based_on(products, method):
    product = await made(products)
    body = None if method == "DELETE" else {"name": "Chang", "price": "19.00", "currency": "USD"}
    url = f"/products/{product['sku']}"

    without = await products.request(method, url, json=body)
    stale = await products.request(method, url, json=body, headers={"If-Match": '"9"'})
    of_nothing = await products.request(method, f"/products/{a_sku()}", json=body)

    assert kind(without) == (428, "precondition-required")
    assert kind(stale) == (412, "precondition-failed")
    assert kind(of_nothing) == (404, "product-not-found")
    assert (await products.get(url)).json() == product


async def test_a_reader_who_has_the_newest_version_is_told_so(products):
    product = await made(products)

    answer = await products.get(f"/products/{product['sku']}", headers={"If-None-Match": '"1"'})

    assert (answer.status_code, answer.content) == (304, b"")


async def test_put_clears_and_patch_leaves_what_is_left_out(products):
    slug = (await a_category(products))["slug"]
    product = await made(products, type="tea", unit="box", categories=[slug])
    url = f"/products/{product['sku']}"

    patched = await products.patch(url, json={"type": None, "price": "20"}, headers={"If-Match": '"1"'})
    put = await products.put(url, json={"name": "Chai", "price": "21", "currency": "USD"}, headers={"If-Match": '"2"'})

    assert (patched.json()["type"], patched.json()["unit"], patched.json()["price"]) == (None, "box", "20.00")
    assert patched.json()["categories"] == [slug]
    assert (put.json()["unit"], put.json()["categories"], put.json()["version"]) == (None, [], 3)


async def test_a_price_may_have_more_decimals_than_its_currency(products):
    product = await made(products, price="0.0125")
    url = f"/products/{product['sku']}"

    changed = await products.patch(url, json={"currency": "JPY", "price": "2700.5"}, headers={"If-Match": '"1"'})
    refused = await products.patch(url, json={"price": "0.00001"}, headers={"If-Match": '"2"'})

    assert product["price"] == "0.0125"
    assert (changed.json()["price"], changed.json()["currency"]) == ("2700.5", "JPY")
    assert kind(refused) == (422, "invalid-request")


async def test_several_are_asked_for_by_sku_in_any_order(products):
    first, second = await made(products), await made(products)
    nothing = a_sku()

    answer = await products.get("/products", params={"sku": [second["sku"], nothing, first["sku"], second["sku"]]})

    assert answer.json() == {"items": [second, first], "nextCursor": None, "missing": [nothing]}


async def test_all_are_listed_by_sku_page_after_page(products):
    for _ in range(3):
        await made(products)

    seen: list[str] = []
    url = "/products?limit=2"
    while url:
        answer = await products.get(url)
        assert set(answer.json()) == {"items", "nextCursor"}
        seen += [product["sku"] for product in answer.json()["items"]]
        url = answer.links.get("next", {}).get("url")

    assert len(seen) >= 3
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    "query",
    [
        "sku=a%09b",
        "sku=",
        "sku=A&text=chai",
        "limit=0",
        "cursor=x",
        "text=%00",
        "text=+",
        "text=a&cursor=WzFd",
        "&".join(f"sku=S{n}" for n in range(101)),
    ],
)
async def test_a_question_that_does_not_fit_is_refused(products, query):
    assert kind(await products.get(f"/products?{query}")) == (422, "invalid-request")


async def test_without_elasticsearch_only_the_search_by_text_stands_still(servers, monkeypatch):
    monkeypatch.setenv("OMS_ELASTICSEARCH_PORT", "1")

    async with running(app()) as products:
        product = await made(products)
        by_sku = await products.get("/products", params={"sku": product["sku"]})
        by_text = await products.get("/products", params={"text": "chai"})

    assert by_sku.json()["items"] == [product]
    assert kind(by_text) == (503, "dependency-unavailable")
    assert by_text.headers["Retry-After"] == "1"


async def test_without_its_database_the_service_says_so(servers, monkeypatch):
    monkeypatch.setenv("OMS_MYSQL_PORT", "1")

    async with running(app(), until_ready=False) as products:
        answer = await products.post("/products", json=chai())
        ready = await products.get("/health/ready")

    assert kind(answer) == (503, "dependency-unavailable")
    assert "mysql" in ready.json()["missing"]


async def test_a_sku_made_and_deleted_by_many_at_once_does_not_deadlock(products):
    sku = f"RACE-{uuid4().hex[:8]}"

    async def make_and_delete() -> list[int]:
        made = await products.post("/products", json={"sku": sku, "name": "Race", "price": "1.00", "currency": "USD"})
        gone = await products.delete(f"/products/{sku}", headers={"If-Match": "*"})
        return [made.status_code, gone.status_code]

    answers = await asyncio.gather(*(make_and_delete() for _ in range(30)))

    assert {status for pair in answers for status in pair} <= {201, 409, 204, 404}


@pytest.mark.parametrize("member", ["active", "categories", "price", "name", "currency"])
async def test_a_null_is_refused_where_there_is_none_and_nothing_changes(products, member):
    product = await made(products, active=False)
    url = f"/products/{product['sku']}"

    for method, media_type, body in [
        ("PATCH", "application/merge-patch+json", {member: None}),
        ("PUT", "application/json", {**chai(), member: None}),
    ]:
        body.pop("sku", None)
        headers = {"If-Match": "*", "Content-Type": media_type}
        answer = await products.request(method, url, json=body, headers=headers)
        assert kind(answer) == (422, "invalid-request")
        assert answer.json()["errors"] == [{"pointer": f"#/{member}", "detail": "must not be null"}]

    assert (await products.get(url)).json() == product


@pytest.mark.parametrize(
    "odd", ["A/B", "a b", "Größe+1", "%2F", "?x#", "/..%2F", "//", "a\\b", "100%", ";v=1", "/bulk"]
)
async def test_a_product_is_where_its_location_says_whatever_its_sku(products, odd):
    sku = f"{a_sku()}{odd}"
    new = await products.post("/products", json=chai(sku=sku))
    url = new.headers["Location"]

    read = await products.get(url)
    patched = await products.patch(url, json={"name": "Tea"}, headers={"If-Match": read.headers["ETag"]})
    by_sku = await products.get("/products", params={"sku": sku})
    deleted = await products.delete(url, headers={"If-Match": "*"})

    assert (new.status_code, read.json()) == (201, new.json())
    assert by_sku.json()["items"] == [patched.json()]
    assert patched.json()["sku"] == sku
    assert (deleted.status_code, (await products.get(url)).json()["instance"]) == (204, url)
