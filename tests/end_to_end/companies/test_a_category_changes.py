"""What is said of a category is seen in every view of its products, also if the service dies while it says it."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from local import supervisor
from products.settings import database
from tests.support.bulk import bulk, lines
from tests.support.eventually import eventually
from tests.support.shop.builders import a_category, a_product, client, graphql
from tests.support.shop.categories import stale_products
from tests.support.views.comparison import assert_views_equal_mysql, read_model_rows

ONE = "query ($sku: String!) { product(sku: $sku) { categories { name } } }"
FOUND = """
query ($category: [String!]) {
  products(filter: { category: $category }, first: 1) {
    totalCount nodes { sku categories { name } } facets { categories { slug count } }
  }
}
"""
MANY = 3000


@pytest.fixture
async def mysql(system: dict[str, str]) -> AsyncIterator[Database]:
    opened = database()
    yield opened
    await opened.close()


async def changed(slug: str, **members: Any) -> httpx.Response:
    async with client("products") as http:
        answer = await http.patch(f"/categories/{slug}", json=members, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    return answer


async def is_found(category: str, sku: str, *names: str) -> None:
    found = (await graphql(FOUND, category=[category]))["products"]
    assert found["nodes"] == [{"sku": sku, "categories": [{"name": name} for name in names]}]
    assert {"slug": category, "count": found["totalCount"]} in found["facets"]["categories"]


async def is_shown(sku: str, *names: str) -> None:
    product = (await graphql(ONE, sku=sku))["product"]
    assert product == {"categories": [{"name": name} for name in names]}


async def test_a_rename_and_a_move_are_seen_in_the_product_and_in_the_search() -> None:
    drinks, food = await a_category(name="Drinks"), await a_category(name="Food")
    tea = await a_category(name="Tea", parent=drinks["slug"])
    sku = (await a_product(categories=[tea["slug"]]))["sku"]
    await eventually(lambda: is_found(drinks["slug"], sku, "Tea"))

    await changed(tea["slug"], name="Teas")

    await eventually(lambda: is_found(drinks["slug"], sku, "Teas"))
    await eventually(lambda: is_shown(sku, "Teas"))
    await changed(drinks["slug"], parent=food["slug"])
    await eventually(lambda: is_found(food["slug"], sku, "Teas"))
    await eventually(assert_views_equal_mysql)


async def test_a_category_made_again_is_shown_again() -> None:
    slug = (await a_category(name="First"))["slug"]
    async with client("products") as http:
        gone = await http.delete(f"/categories/{slug}", headers={"If-Match": "*"})
    await a_category(slug=slug, name="Second")

    async def is_second() -> None:
        shown = (await read_model_rows("category", "slug", {})).get(slug)
        assert shown is not None
        assert shown["name"] == "Second"

    assert gone.status_code == 204
    await eventually(is_second)
    await eventually(assert_views_equal_mysql)


async def test_a_large_change_is_finished_after_the_service_was_killed(system: dict[str, str], mysql: Database) -> None:
    mark, slug = uuid4().hex[:8], (await a_category(name="Before"))["slug"]
    product = {"name": "Tea", "price": "1", "currency": "USD", "categories": [slug]}
    async with client("products") as http:
        made = await bulk(http, "/products/bulk", lines([{"sku": f"{mark}-{at:05}", **product} for at in range(MANY)]))
    assert made[-1]["made"] == MANY

    await changed(slug, name="After")
    os.kill(supervisor.states(system)["products"]["pid"], signal.SIGKILL)

    assert await stale_products(mysql)

    async def is_finished() -> None:
        assert await stale_products(mysql) == []

    await eventually(is_finished, timeout_s=120)
    await eventually(assert_views_equal_mysql, timeout_s=120)
