"""Lists by GraphQL: sorted, read from both ends, counted, filtered by what is in an order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.api import app
from tests.support.apps import running
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel

NOON = datetime(1996, 7, 4, 12, 30, 15, 123400, tzinfo=UTC)

ORDERS = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: OrderFilter, $sort: OrderSort! = TOTAL_ASC) {
  orders(first: $first, after: $after, last: $last, before: $before, filter: $filter, sort: $sort) {
    totalCount nodes { id } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def found(http: httpx.AsyncClient, **wanted: Any) -> list[UUID]:
    return [UUID(node["id"]) for node in (await ask(http, ORDERS, filter=wanted))["orders"]["nodes"]]


async def seven_orders(read_model: ReadModel) -> dict[str, list[UUID]]:
    """The ids of orders in each order that a list can have; some are placed at once, some have equal totals."""
    rows = [
        {"order_id": uuid4(), "placed_at": NOON + timedelta(seconds=number // 2), "freight": f"{(number * 3) % 5}.5000"}
        for number in range(7)
    ]
    await read_model.orders(*rows)
    newest = sorted(rows, key=lambda row: (row["placed_at"], row["order_id"]), reverse=True)
    lowest = sorted(rows, key=lambda row: (row["freight"], row["order_id"]))
    sorts = {
        "PLACED_AT_DESC": newest,
        "PLACED_AT_ASC": newest[::-1],
        "TOTAL_ASC": lowest,
        "TOTAL_DESC": lowest[::-1],
    }
    return {sort: [row["order_id"] for row in of_sort] for sort, of_sort in sorts.items()}  # type: ignore[misc]


@pytest.mark.parametrize("sort", ["PLACED_AT_DESC", "PLACED_AT_ASC", "TOTAL_DESC", "TOTAL_ASC"])
async def test_pages_from_the_front_hold_every_order_once(
    client: httpx.AsyncClient, read_model: ReadModel, sort: str
) -> None:
    expected = (await seven_orders(read_model))[sort]

    seen, after, more = [], None, True
    while more:
        page = (await ask(client, ORDERS, first=3, after=after, sort=sort))["orders"]
        seen += [UUID(node["id"]) for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["totalCount"] == 7

    assert seen == expected


@pytest.mark.parametrize("sort", ["PLACED_AT_DESC", "PLACED_AT_ASC", "TOTAL_DESC", "TOTAL_ASC"])
async def test_pages_from_the_back_hold_every_order_once(
    client: httpx.AsyncClient, read_model: ReadModel, sort: str
) -> None:
    expected = (await seven_orders(read_model))[sort]

    seen: list[UUID] = []
    before, more = None, True
    while more:
        page = (await ask(client, ORDERS, last=3, before=before, sort=sort))["orders"]
        seen = [UUID(edge["node"]["id"]) for edge in page["edges"]] + seen
        info = page["pageInfo"]
        assert info["hasNextPage"] is (before is not None)
        before, more = info["startCursor"], info["hasPreviousPage"]

    assert seen == expected


async def test_a_page_ends_at_the_cursor_it_comes_before(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    expected = (await seven_orders(read_model))["TOTAL_ASC"]
    cursors = [edge["cursor"] for edge in (await ask(client, ORDERS))["orders"]["edges"]]

    between = (await ask(client, ORDERS, after=cursors[1], before=cursors[4]))["orders"]
    last_of_them = (await ask(client, ORDERS, after=cursors[1], before=cursors[5], last=2))["orders"]

    assert [UUID(node["id"]) for node in between["nodes"]] == expected[2:4]
    assert [UUID(node["id"]) for node in last_of_them["nodes"]] == expected[3:5]
    assert last_of_them["pageInfo"]["hasPreviousPage"] is True


async def test_a_cursor_of_another_sort_is_refused(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    await seven_orders(read_model)
    cursor = (await ask(client, ORDERS))["orders"]["pageInfo"]["endCursor"]

    answer = await client.post(
        "/graphql", json={"query": ORDERS, "variables": {"after": cursor, "sort": "PLACED_AT_DESC"}}
    )

    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_orders_are_found_by_total_currency_sku_and_country(
    client: httpx.AsyncClient, read_model: ReadModel
) -> None:
    to_peru, to_chile = [{"country": "PE", "city": "Lima"}], [{"country": "CL", "city": "Arica"}]
    small, large, yen = await read_model.orders(
        {"subtotal": "1.0000", "freight": "4.0000", "delivery_addresses": to_peru},
        {"subtotal": "400.0000", "freight": "40.0000", "delivery_addresses": to_peru + to_chile},
        {"subtotal": "439.0000", "freight": "2.0000", "currency": "JPY"},
    )
    await read_model.lines(
        {"order_id": small, "sku": "CHAI"},
        {"order_id": large, "sku": "CHAI"},
        {"order_id": large, "sku": "GONE", "deleted": True},
    )

    assert await found(client, totalFrom="440.00", totalBelow="440.01") == [large]
    assert await found(client, totalBelow="440.00") == [small]
    assert await found(client, totalFrom="440.0001") == [yen]
    assert await found(client, currency="USD") == [small, large]
    assert await found(client, sku="CHAI") == [small, large]
    assert await found(client, sku="GONE") == []
    assert await found(client, sku="CHA") == []
    assert await found(client, country="PE") == [small, large]
    assert await found(client, country="CL") == [large]
    assert await found(client, country="AR") == []
    assert await found(client, country="PE", sku="CHAI", totalBelow="5.01") == [small]


async def test_names_are_found_with_and_without_their_accents(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    [jose] = await read_model.customers({"name": "José María", "last_name": "Ñáñez"})
    [order] = await read_model.orders({"customer_id": jose})

    for name in ("jose maria nanez", "JOSÉ", "Ñañ", "jose\u0301"):
        assert await found(client, customer={"name": name}) == [order], name
    assert await found(client, customer={"name": "josefa"}) == []


async def test_customers_are_listed_and_found(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    ana, luis, _ = await read_model.customers(
        {"created_at": NOON.isoformat()},
        {"name": "Luis", "email": "luis@example.com", "created_at": (NOON + timedelta(days=1)).isoformat()},
        {"deleted": True},
    )
    listed = """query ($f: CustomerFilter) {
      customers(first: 1, filter: $f) { totalCount nodes { id } pageInfo { hasNextPage } }
    }"""

    everyone = (await ask(client, listed))["customers"]
    by_email = (await ask(client, listed, f={"email": '"LUIS"@example.com'}))["customers"]
    by_name = (await ask(client, listed, f={"name": "ana"}))["customers"]

    assert everyone == {"totalCount": 2, "nodes": [{"id": str(luis)}], "pageInfo": {"hasNextPage": True}}
    assert by_email == {"totalCount": 1, "nodes": [{"id": str(luis)}], "pageInfo": {"hasNextPage": False}}
    assert by_name["nodes"] == [{"id": str(ana)}]


async def test_each_customer_has_orders_sorted_filtered_and_counted(
    client: httpx.AsyncClient, read_model: ReadModel
) -> None:
    ana, luis, nobody = await read_model.customers({"created_at": NOON.isoformat()}, {}, {})
    totals = [(ana, "3"), (ana, "1"), (luis, "5"), (luis, "4"), (ana, "2"), (ana, "90")]
    ids = await read_model.orders(*({"customer_id": who, "subtotal": "0", "freight": total} for who, total in totals))

    data = await ask(
        client,
        """{ customers(last: 3) { nodes { id orders(last: 2, sort: TOTAL_ASC, filter: {totalBelow: "10"}) {
          totalCount nodes { id } pageInfo { hasPreviousPage } } } } }""",
    )

    pages = {UUID(node["id"]): node["orders"] for node in data["customers"]["nodes"]}
    assert [node["id"] for node in pages[ana]["nodes"]] == [str(ids[4]), str(ids[0])]
    assert [node["id"] for node in pages[luis]["nodes"]] == [str(ids[3]), str(ids[2])]
    assert [pages[who]["totalCount"] for who in (ana, luis, nobody)] == [3, 2, 0]
    assert [pages[who]["pageInfo"]["hasPreviousPage"] for who in (ana, luis, nobody)] == [True, False, False]


async def test_products_are_found_by_their_skus_in_the_order_of_these(
    client: httpx.AsyncClient, read_model: ReadModel
) -> None:
    await read_model.products({"sku": "CHAI"}, {"sku": "CHANG"}, {"sku": "GONE", "deleted": True})
    query = "query ($skus: [String!]!) { productsBySku(skus: $skus) { sku } }"
    skus = ["CHANG", "NONE", " CHAI ", "GONE", "", "CHANG", *(f"NONE-{number}" for number in range(94))]

    found = (await ask(client, query, skus=skus))["productsBySku"]
    too_many = await client.post("/graphql", json={"query": query, "variables": {"skus": [*skus, "ONE"]}})

    assert [each and each["sku"] for each in found] == ["CHANG", None, "CHAI", None, None, "CHANG", *[None] * 94]
    assert too_many.json()["data"] == {"productsBySku": None}
    assert too_many.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


SYNCED = """query ($from: DateTime, $before: DateTime, $ids: [ID!], $after: String) {
  orders(filter: {updatedFrom: $from, updatedBefore: $before}, sort: UPDATED_AT_ASC, first: 2, after: $after) {
    nodes { id updatedAt version } pageInfo { endCursor hasNextPage } }
  customers(filter: {updatedFrom: $from, updatedBefore: $before, ids: $ids}, sort: UPDATED_AT_ASC, first: 100) {
    nodes { id updatedAt version } }
}"""


async def test_what_changed_in_a_period_is_read_in_the_order_of_the_changes(
    client: httpx.AsyncClient, read_model: ReadModel
) -> None:
    changed = [{"updated_at": NOON + timedelta(hours=number)} for number in (3, 1, 2, 0, 4)]
    orders, customers = await read_model.orders(*changed), await read_model.customers(*changed)
    period = {"from": (NOON + timedelta(hours=1)).isoformat(), "before": (NOON + timedelta(hours=4)).isoformat()}

    first = await ask(client, SYNCED, **period, ids=None)
    rest = await ask(client, SYNCED, **period, ids=None, after=first["orders"]["pageInfo"]["endCursor"])
    two = await ask(client, SYNCED, **period, ids=[str(customers[0]), str(customers[3])])

    seen = [node["id"] for page in (first, rest) for node in page["orders"]["nodes"]]
    assert seen == [str(orders[number]) for number in (1, 2, 0)]
    assert [node["id"] for node in first["customers"]["nodes"]] == [str(customers[number]) for number in (1, 2, 0)]
    assert [node["id"] for node in two["customers"]["nodes"]] == [str(customers[0])]


async def test_an_imported_order_is_found_by_its_number_there(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    erp, shop, _ = await read_model.orders(
        {"external_id": "10248", "source": "erp", "subtotal": "1"},
        {"external_id": "10248", "source": "", "number": 7, "subtotal": "2"},
        {},
    )

    assert await found(client, externalId=" 10248 ") == [erp, shop]
    assert await found(client, externalId="10248", source="erp") == [erp]
    assert await found(client, externalId="1024") == []
    assert await found(client, number="7") == [shop]
    assert await found(client, number="x") == await found(client, number="07") == []
    shown = await ask(client, "{ orders(sort: TOTAL_ASC) { nodes { number externalId source } } }")
    assert shown["orders"]["nodes"][:2] == [
        {"number": None, "externalId": "10248", "source": "erp"},
        {"number": "7", "externalId": "10248", "source": None},
    ]
