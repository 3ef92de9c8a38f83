"""Data of real shops that looks odd: each goes from REST to every view, is found, changed and deleted."""

from __future__ import annotations

import unicodedata
from random import Random
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.support.at_once import at_once
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, graphql, made, posted

ODD_SKUS = [
    "A/B", "a/b", "/", "//", "a b", "+1", "%2F", "100%", "50% off", "#1", "?x=y&z", "a;b=c", "a,b", "-a", ".a", "...",
    "~", "\"quoted\"", "it's", "back\\slash", "<b>", "{sku}", "[0]", "a|b", "`a`", "$1", "*", "(1)", "product:1",
    "Bulk", "null", "Größe", "größe", "茶", "قهوة", "😀", "e\u0301a", "Å", "ﬁ", "ǅ", "ſ", "İ", "0", "01", "1e3",
    "😀" * 64, "%" * 64,
]  # fmt: skip
ALPHABET = "aA0 .-_/\\+%#?&=;:'\"<>{}[]()|^~`@!$*,éßñÅøıİ漢茶קא\u0301😀𝕏"

SEEN = """
query ($order: ID!, $ids: [ID!]!) {
  order(id: $order) { lines { sku product { id sku price { amount } } } }
  nodes(ids: $ids) { id ... on Product { sku } }
}
"""
ONE = "query ($sku: String!) { product(sku: $sku) { sku } orders(filter: {sku: $sku}) { nodes { id } } }"
FOUND = "query ($name: String!) { customers(filter: {name: $name}) { nodes { id } } }"


def generated(seed: int, count: int) -> list[str]:
    """Other SKUs of any visible characters."""
    random = Random(seed)
    texts = ("".join(random.choices(ALPHABET, k=random.randint(1, 60))).strip() for _ in range(count))
    return [text for text in texts if text not in ("", ".", "..")]


def as_stored(skus: list[str]) -> list[str]:
    return list(dict.fromkeys(unicodedata.normalize("NFC", sku) for sku in skus))


async def test_any_sku_is_sold_found_changed_and_deleted(system: dict[str, str]) -> None:
    skus = as_stored(ODD_SKUS + generated(15, 50))
    async with client("products") as products:
        urls = await at_once(lambda sku: _created(products, sku), skus)
        shown = await products.get("/products", params={"sku": skus[:100]})
        assert [each["sku"] for each in shown.json()["items"]] == skus
        decomposed = [unicodedata.normalize("NFD", sku) for sku in skus]
        again = await products.get("/products", params={"sku": [sku for sku in decomposed if len(sku) <= 64]})
        assert again.json()["missing"] == []
        order = await _ordered(skus)

        await eventually(lambda: _is_shown(order, skus))
        await at_once(lambda sku: _is_found(order, sku), skus)

        await at_once(lambda url: _deleted(products, url), urls)
        await eventually(lambda: _are_gone(skus))


async def _created(products: httpx.AsyncClient, sku: str) -> str:
    answer = await posted(products, "/products", {"sku": sku, "name": "Thing", "price": "2", "currency": "USD"})
    assert answer.status_code == 201, (sku, answer.text)
    url = answer.headers["Location"]
    assert url.isascii()
    assert url.count("/") == 2
    patch = await products.patch(url, json={"price": "3.5"}, headers={"If-Match": '"1"'})
    assert patch.status_code == 200, (sku, patch.text)
    for path in (url, f"/products/{quote(sku, safe='')}"):
        shown = await products.get(path)
        assert (shown.json()["sku"], shown.json()["price"]) == (sku, "3.50"), path
    return str(url)


async def _ordered(skus: list[str]) -> str:
    customer = await a_customer()
    address = await an_address(customer)
    lines = [{"sku": sku, "quantity": 1, "deliveryAddressId": address["id"]} for sku in skus]
    order = await made("orders", "/orders", {"customerId": customer["id"], "lines": lines})
    assert [line["sku"] for line in order["lines"]] == skus
    return str(order["id"])


async def _is_shown(order: str, skus: list[str]) -> None:
    shown = await graphql(SEEN, order=order, ids=[f"product:{sku}" for sku in skus[:50]])
    assert shown["order"] is not None
    lines = shown["order"]["lines"]
    assert [line["sku"] for line in lines] == skus
    assert [line["product"] for line in lines] == [
        {"id": f"product:{sku}", "sku": sku, "price": {"amount": "3.50"}} for sku in skus
    ]
    assert shown["nodes"] == [{"id": f"product:{sku}", "sku": sku} for sku in skus[:50]]


async def _is_found(order: str, sku: str) -> None:
    one = await graphql(ONE, sku=unicodedata.normalize("NFD", sku))
    assert one["product"] == {"sku": sku}
    assert {"id": order} in one["orders"]["nodes"], sku


async def _deleted(products: httpx.AsyncClient, url: str) -> None:
    assert (await products.delete(url, headers={"If-Match": '"2"'})).status_code == 204, url
    assert (await products.get(url)).status_code == 404, url


async def _are_gone(skus: list[str]) -> None:
    shown = await graphql(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[f"product:{sku}" for sku in skus[:50]]
    )
    assert shown["nodes"] == [None] * 50


CUSTOMERS = [
    ({"company": "Kiosk Ölgæß GmbH"}, "kiosk"),
    ({"phone": "+81 (0)3-1234.5678 ext. 9"}, None),
    ({"email": "a..b.@docomo.ne.jp"}, None),
    ({"name": "李"}, "李"),
    ({"lastName": "ŁŃ"}, "łn"),
    ({"name": "عبد الله", "email": "o'neil+shop@bücher.example"}, "عبد"),
    ({"name": "😀", "lastName": "x" * 200}, "x" * 199),
    ({"name": "D’Arcy-Smith Jr.", "company": "100% \"Fun\" & Co. \\ KG"}, "smi 100"),
]  # fmt: skip


@pytest.mark.parametrize(("person", "search"), CUSTOMERS)
async def test_any_customer_orders_is_found_changed_and_deleted(
    system: dict[str, str],
    person: dict[str, Any],
    search: str | None,
) -> None:
    customer = await made("customers", "/customers", person)
    address = await an_address(customer, recipient="Ben", company="100%", phone="1", country="XK", postalCode="AB1 2CD")
    product = await a_product()
    line = {"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}
    order = await made("orders", "/orders", {"customerId": customer["id"], "lines": [line]})
    named = dict.fromkeys(("name", "lastName", "email", "phone", "company")) | person

    async def is_shown() -> None:
        query = """query ($id: ID!) { order(id: $id) {
            customer { name lastName email phone company addresses { recipient company phone country } }
            lines { deliveryAddress { recipient company phone country } } } }"""
        shown = (await graphql(query, id=order["id"]))["order"]
        assert shown is not None
        place = {"recipient": "Ben", "company": "100%", "phone": "1", "country": "XK"}
        assert shown["customer"] == {**named, "addresses": [place]}
        assert shown["lines"] == [{"deliveryAddress": place}]

    await eventually(is_shown)
    if search:
        assert {"id": customer["id"]} in (await graphql(FOUND, name=search))["customers"]["nodes"]
    url = f"/customers/{customer['id']}"
    async with client("customers") as customers:
        changed = await customers.patch(url, json={"active": False}, headers={"If-Match": '"1"'})
        assert changed.json() | {"active": True} == customer | {"updatedAt": changed.json()["updatedAt"], "version": 2}
        assert (await customers.delete(url, headers={"If-Match": '"2"'})).status_code == 204


async def test_two_skus_that_differ_in_normalization_are_one(system: dict[str, str]) -> None:
    composed, decomposed = "Z-\u00e9", "Z-e\u0301"
    body = {"sku": decomposed, "name": "Thing", "price": "2", "currency": "USD"}
    async with client("products") as products:
        first = await posted(products, "/products", body, a_key())
        second = await posted(products, "/products", {**body, "sku": composed}, a_key())
        gone = await products.delete(f"/products/{quote(decomposed)}", headers={"If-Match": "*"})

    assert (first.status_code, first.json()["sku"]) == (201, composed)
    assert (second.status_code, gone.status_code) == (409, 204)
