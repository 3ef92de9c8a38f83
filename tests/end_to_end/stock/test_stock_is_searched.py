"""Searches know what is in stock: a sale at the till and a delivery change what is found, also after a rebuild."""

from __future__ import annotations

from tests.support.eventually import eventually
from tests.support.shop.builders import ask, client
from tests.support.stock.selling import STORE, Shop, a_shop
from tests.support.system.commands import oms
from tests.support.views.comparison import assert_views_equal_mysql

QUERY = """
query ($text: String, $stores: [ID!]) {
  all: products(text: $text) { nodes { sku } facets { stores { storeId count } inStock { value count } } }
  here: products(text: $text, filter: { availableAt: $stores }) { nodes { sku } }
  inStock: products(text: $text, filter: { inStock: true }) { nodes { sku } }
  outOfStock: products(text: $text, filter: { inStock: false }) { nodes { sku } }
}
"""


SEARCH = """
query ($text: String, $token: String!) {
  products(text: $text, filter: { inStock: true }) @after(token: $token, timeoutMs: 9000) { nodes { sku } }
}
"""


async def found_after(shop: Shop, units: int) -> list[str]:
    """The SKUs that a search for the product in stock finds once it shows this sale, or delivery, at the till."""
    sold = await shop.sell(units)
    assert sold.status_code == 201, sold.text
    async with client("gateway") as http:
        found = await ask(http, SEARCH, text=shop.sku, token=sold.headers["Consistency-Token"])
    return [each["sku"] for each in found["products"]["nodes"]]


async def is_found(shop: Shop, *, in_stock: bool) -> None:
    """The product is found where it should be, and only there."""
    async with client("gateway") as http:
        found = await ask(http, QUERY, text=shop.sku, stores=[f"store:{STORE}"])
    lists = {name: [each["sku"] for each in found[name]["nodes"]] for name in found}
    there, nowhere = [shop.sku], list[str]()
    assert lists == {
        "all": there,
        "here": there if in_stock else nowhere,
        "inStock": there if in_stock else nowhere,
        "outOfStock": nowhere if in_stock else there,
    }
    assert found["all"]["facets"] == {
        "stores": [{"storeId": STORE, "count": 1}] if in_stock else [],
        "inStock": [{"value": in_stock, "count": 1}],
    }


async def test_the_last_unit_leaves_the_search_and_a_delivery_brings_it_back() -> None:
    shop = await a_shop(1)
    await eventually(lambda: is_found(shop, in_stock=True))

    assert (await shop.sell(1)).status_code == 201
    await eventually(lambda: is_found(shop, in_stock=False))
    code, output = await oms("rebuild", "search")
    assert code == 0, output
    await is_found(shop, in_stock=False)

    assert (await shop.sell(-1)).status_code == 201
    await eventually(lambda: is_found(shop, in_stock=True))
    code, output = await oms("rebuild", "search")
    assert code == 0, output
    await is_found(shop, in_stock=True)
    await eventually(assert_views_equal_mysql)


async def test_a_search_with_the_token_of_a_sale_shows_what_is_left() -> None:
    shop = await a_shop(2)
    await eventually(lambda: is_found(shop, in_stock=True))

    for _ in range(3):
        assert await found_after(shop, 1) == [shop.sku]
        assert await found_after(shop, 1) == []
        assert await found_after(shop, -2) == [shop.sku]
