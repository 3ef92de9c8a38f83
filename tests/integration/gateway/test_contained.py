"""Lists of orders by SKU and country are those of a plain filter, wherever the search of the first orders ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest

from gateway.api import app
from gateway.fields import conditions
from gateway.shop.orders.inputs import OrderSort
from tests.support.apps import running
from tests.support.gateway.both_paths import NOON
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel

ORDERS = 40
FIRST = """query ($filter: OrderFilter, $sort: OrderSort, $size: Int, $cursor: String) {%s
  orders(filter: $filter, sort: $sort, first: $size, after: $cursor) {
    nodes { id } pageInfo { more: hasNextPage cursor: endCursor } } }"""
LAST = FIRST.replace("first:", "last:").replace("after:", "before:").replace("hasNext", "hasPrevious")
LAST = LAST.replace("endCursor", "startCursor")
BY_THE_EXECUTOR = "nodes(ids: []) { id }"


class Stored(NamedTuple):
    """An order of the read model."""

    id: UUID
    status: str
    skus: set[str]
    country: str
    sorted_by: dict[str, Any]
    deleted: bool


async def stored(rows: ReadModel, random: Random) -> list[Stored]:
    """Orders with few different values, so that many are equal in what the list is sorted by."""
    made: list[dict[str, Any]] = [
        {
            "status": random.choice(["placed", "shipped", "delivered"]),
            "placed_at": (NOON + timedelta(days=random.randrange(5))).isoformat(),
            "updated_at": (NOON + timedelta(days=random.randrange(5))).isoformat(),
            "subtotal": random.randrange(5),
            "freight": 0,
            "skus": random.sample(["A", "B", "C"], random.randrange(3)),
            "countries": [random.choice(["PE", "CL"])],
            "deleted": random.random() < 0.1,
        }
        for _ in range(ORDERS)
    ]
    ids = await rows.orders(*made)
    return [
        Stored(
            id_,
            row["status"],
            set(row["skus"]),
            row["countries"][0],
            {"PLACED_AT": row["placed_at"], "UPDATED_AT": row["updated_at"], "TOTAL": row["subtotal"]},
            row["deleted"],
        )
        for id_, row in zip(ids, made, strict=True)
    ]


def of(orders: list[Stored], sort: str, wanted: dict[str, Any]) -> list[str]:
    """The ids of those that match, in their order."""
    by, _, direction = sort.rpartition("_")
    statuses = wanted.get("status", ["PLACED", "SHIPPED", "DELIVERED"])
    found = [
        order
        for order in orders
        if not order.deleted
        and order.status.upper() in statuses
        and wanted.get("sku", "") in {*order.skus, ""}
        and wanted.get("country", order.country) == order.country
    ]
    key: Callable[[Stored], Any] = lambda order: (order.sorted_by[by], order.id)  # noqa: E731
    return [str(order.id) for order in sorted(found, key=key, reverse=direction == "DESC")]


async def pages(http: httpx.AsyncClient, query: str, size: int, **variables: Any) -> list[list[str]]:
    """The ids on all pages, in the order in which they are read."""
    found: list[list[str]] = []
    more, cursor = True, None
    while more:
        page = (await ask(http, query, size=size, cursor=cursor, **variables))["orders"]
        found.append([node["id"] for node in page["nodes"]])
        more, cursor = page["pageInfo"]["more"], page["pageInfo"]["cursor"]
    return found


@pytest.mark.parametrize("searched_first", [1, 4, 15, 2 * ORDERS])
async def test_pages_by_sku_and_country_are_those_of_a_filter(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, searched_first: int
) -> None:
    monkeypatch.setattr(conditions, "SEARCHED_FIRST", searched_first)
    random = Random(searched_first)
    orders = await stored(read_model, random)
    contained = [{"sku": "A"}, {"country": "PE"}, {"sku": "B", "country": "CL"}, {"sku": "NONE"}]
    others: list[dict[str, Any]] = [{}, {"status": ["SHIPPED"]}, {"status": ["PLACED", "DELIVERED"]}]

    async with running(app()) as http:
        for sort, of_array, other in product(OrderSort, contained, others):
            wanted, size = of_array | other, random.choice([1, 3, 10])
            expected = of(orders, sort.name, wanted)
            path = random.choice(["", BY_THE_EXECUTOR])
            forwards = await pages(http, FIRST % path, size, filter=wanted, sort=sort.name)
            backwards = await pages(http, LAST % path, size, filter=wanted, sort=sort.name)
            assert [each for page in forwards for each in page] == expected, (sort, wanted, size)
            assert [each for page in reversed(backwards) for each in page] == expected, (sort, wanted, size)
