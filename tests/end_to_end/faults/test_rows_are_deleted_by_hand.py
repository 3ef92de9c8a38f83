"""Rows deleted in MySQL with a client of its own disappear from every view."""

from __future__ import annotations

from typing import Any

from tests.support.by_hand import by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_product, an_address, client, graphql, made
from tests.support.views.comparison import assert_views_equal_mysql


async def test_an_order_a_product_and_a_customer_are_gone_everywhere() -> None:
    customer = await a_customer()
    address = await an_address(customer)
    product = await a_product()
    lines = [{"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}]
    order = await made("orders", "/orders", {"customerId": customer["id"], "lines": lines})
    await eventually(lambda: _is_seen(order, product, customer))

    await _by_hand("orders", "DELETE FROM order_detail WHERE order_id = %s", order["id"])
    await _by_hand("orders", "DELETE FROM `order` WHERE order_id = %s", order["id"])
    await _by_hand("products", "DELETE FROM products WHERE sku = %s", product["sku"])
    await _by_hand("customers", "DELETE FROM address WHERE customer_id = %s", customer["id"])
    await _by_hand("customers", "DELETE FROM customer WHERE customer_id = %s", customer["id"])

    await eventually(lambda: _is_gone(order, product, customer))
    await eventually(assert_views_equal_mysql)


async def test_a_product_that_is_made_again_is_seen_again() -> None:
    product = await a_product(name="Gorgonzola before")
    await _by_hand("products", "DELETE FROM products WHERE sku = %s", product["sku"])
    await eventually(assert_views_equal_mysql)

    await a_product(sku=product["sku"], name="Gorgonzola after")

    await eventually(assert_views_equal_mysql)
    shown = await graphql("query ($sku: String!) { product(sku: $sku) { name } }", sku=product["sku"])
    assert shown["product"] == {"name": "Gorgonzola after"}


async def _by_hand(database: str, statement: str, key: str) -> None:
    assert await by_hand(database, statement, [key]) == 1


async def _views(order: dict[str, Any], product: dict[str, Any], customer: dict[str, Any]) -> list[Any]:
    query = """
        query ($order: ID!, $sku: String!, $customer: ID!) {
          order(id: $order) { id }
          product(sku: $sku) { sku }
          customer(id: $customer) { id }
        }
    """
    shown = await graphql(query, order=order["id"], sku=product["sku"], customer=customer["id"])
    async with client("products") as http:
        found = (await http.get("/products", params={"text": product["sku"]})).json()["items"]
    return [*shown.values(), *[item for item in found if item["sku"] == product["sku"]]]


async def _is_seen(order: dict[str, Any], product: dict[str, Any], customer: dict[str, Any]) -> None:
    views = await _views(order, product, customer)
    assert len(views) == 4
    assert all(views)


async def _is_gone(order: dict[str, Any], product: dict[str, Any], customer: dict[str, Any]) -> None:
    assert await _views(order, product, customer) == [None, None, None]
