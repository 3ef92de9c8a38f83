"""Lists of orders: by customer, state and time, page by page; each page reads what it shows, wherever it is."""

from __future__ import annotations

from itertools import product
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from chassis.databases.mysql import Database
from chassis.http.errors.problems import Problem
from chassis.rest.keysets import EQUAL, FROM, ONE_OF, Filter
from orders.listing import ORDERS
from orders.placement import rows
from orders.replica import repository as replica
from tests.support.shop.small_shop import HOME, a_customer, an_address, body, place, placed

MANY = 3000


async def somebody(own_database: Database) -> dict[str, str]:
    who, home = uuid4(), uuid4()
    async with own_database.transaction() as tx:
        await replica.upsert_customers(tx, [a_customer(who)])
        await replica.upsert_addresses(tx, [an_address(home, who)])
    return {"customerId": str(who), "deliveryAddressId": str(home)}


async def ordered(orders: httpx.AsyncClient, own_database: Database, count: int) -> tuple[str, list[str]]:
    """A customer with so many orders, the newest first."""
    who = await somebody(own_database)
    line = {"deliveryAddressId": who["deliveryAddressId"]}
    ids = [(await place(orders, body(line, customerId=who["customerId"]))).json()["id"] for _ in range(count)]
    return who["customerId"], ids[::-1]


async def pages_of(orders: httpx.AsyncClient, path: str) -> list[list[dict[str, Any]]]:
    """All pages of a list, each by the Link of the one before."""
    pages, following = [], path
    while following:
        answer = await orders.get(following)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()["items"])
        following = answer.links.get("next", {}).get("url", "")
    return pages


async def test_a_customer_s_orders_are_listed_newest_first_page_by_page(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    who, ids = await ordered(orders, own_database, 5)

    newest = await pages_of(orders, f"/orders?customerId={who}&limit=2")
    oldest = await pages_of(orders, f"/orders?customerId={who}&limit=2&sort=placedAt")

    assert [[order["id"] for order in page] for page in newest] == [ids[:2], ids[2:4], ids[4:]]
    assert [order["id"] for page in oldest for order in page] == ids[::-1]


async def test_a_list_shows_orders_without_their_lines(orders: httpx.AsyncClient, own_database: Database) -> None:
    who, [only] = await ordered(orders, own_database, 1)
    whole = (await orders.get(f"/orders/{only}")).json()

    [[listed]] = await pages_of(orders, f"/orders?customerId={who}")

    assert listed == {name: value for name, value in whole.items() if name not in ("lines", "deliveryAddresses")}


async def test_orders_are_listed_by_state(orders: httpx.AsyncClient, own_database: Database) -> None:
    who, [newer, older] = await ordered(orders, own_database, 2)
    await orders.post(f"/orders/{older}/confirm")

    [confirmed] = await pages_of(orders, f"/orders?customerId={who}&status=confirmed")
    [waiting] = await pages_of(orders, f"/orders?customerId={who}&status=placed")

    assert [order["id"] for order in confirmed] == [older]
    assert [order["id"] for order in waiting] == [newer]


async def test_orders_are_listed_by_several_states_as_one_list(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    who, ids = await ordered(orders, own_database, 6)
    for order, commands in ((ids[1], ["confirm"]), (ids[2], ["reject"]), (ids[4], ["confirm", "ship"])):
        for command in commands:
            assert (await orders.post(f"/orders/{order}/{command}")).status_code == 200

    pages = await pages_of(orders, f"/orders?customerId={who}&status=placed&status=shipped&status=placed&limit=2")
    oldest = await pages_of(orders, f"/orders?customerId={who}&status=rejected&status=confirmed&sort=placedAt&limit=1")

    assert [[order["id"] for order in page] for page in pages] == [[ids[0], ids[3]], [ids[4], ids[5]]]
    assert [[order["id"] for order in page] for page in oldest] == [[ids[2]], [ids[1]]]


async def test_what_changed_since_is_listed_in_the_order_of_changes(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    _, ids = await ordered(orders, own_database, 4)
    newest = (await orders.get(f"/orders/{ids[0]}")).json()["updatedAt"]
    for order in (ids[3], ids[1]):
        await orders.post(f"/orders/{order}/confirm")
    confirmed = [(await orders.get(f"/orders/{ids[number]}")).json()["updatedAt"] for number in (3, 1)]

    since = await pages_of(orders, f"/orders?updatedFrom={newest}&limit=2")
    until = await pages_of(orders, f"/orders?updatedFrom={newest}&updatedBefore={confirmed[1]}&sort=-updatedAt")

    listed = [order["id"] for page in since for order in page]
    assert [each for each in listed if each in ids] == [ids[0], ids[3], ids[1]]
    assert [order["id"] for page in until for order in page if order["updatedAt"] >= confirmed[0]][-1] == ids[3]


async def test_an_order_is_found_by_its_number_whatever_else_is_asked(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)
    since = f"updatedFrom={order['placedAt']}&customerId={order['customerId']}"

    for query in ("", "&status=placed&status=shipped", f"&{since}&sort=updatedAt", "&sort=placedAt"):
        [[found]] = await pages_of(orders, f"/orders?number={order['number']}{query}")
        assert found["id"] == order["id"]
    assert await pages_of(orders, f"/orders?number={order['number']}&status=shipped") == [[]]
    assert await pages_of(orders, "/orders?number=999999999999999") == [[]]


async def test_orders_are_listed_by_time(orders: httpx.AsyncClient, own_database: Database) -> None:
    who, ids = await ordered(orders, own_database, 3)
    middle = (await orders.get(f"/orders/{ids[1]}")).json()["placedAt"]

    later = await pages_of(orders, f"/orders?customerId={who}&placedFrom={middle}")
    earlier = await pages_of(orders, f"/orders?customerId={who}&placedBefore={middle}")

    together = [order["id"] for page in [*later, *earlier] for order in page]
    assert together == ids
    assert ids[1] in [order["id"] for order in later[0]]


async def test_an_imported_order_is_found_by_its_number(orders: httpx.AsyncClient) -> None:
    assert await pages_of(orders, f"/orders?externalId={uuid4().hex}") == [[]]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=xyz", "cursor"),
        ("status=lost", "status"),
        ("customerId=7", "customerId"),
        ("placedFrom=yesterday", "placedFrom"),
        ("sort=total", "sort"),
        ("colour=red", "colour"),
        ("placedTo=2026-01-01T00:00:00Z", "placedTo"),
        ("number=12a", "number"),
        ("number=-1", "number"),
        ("status=placed&status=lost", "status"),
        ("updatedFrom=2026-01-01T00:00:00Z&sort=-placedAt", "sort"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_naming_it(
    orders: httpx.AsyncClient, query: str, parameter: str
) -> None:
    answer = await orders.get(f"/orders?{query}")

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


async def test_a_cursor_of_another_question_is_refused(orders: httpx.AsyncClient, own_database: Database) -> None:
    who, _ = await ordered(orders, own_database, 3)
    cursor = (await orders.get(f"/orders?customerId={who}&limit=1")).json()["nextCursor"]

    answer = await orders.get(f"/orders?customerId={uuid4()}&limit=1&cursor={cursor}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "cursor"


@pytest.fixture
async def many_orders(orders: httpx.AsyncClient, own_database: Database) -> tuple[str, str]:
    """So many orders that reading them all would be seen; a customer who has half of them, and the last one's id."""
    order = await placed(orders)
    async with own_database.transaction() as tx:
        row = await tx.fetch_one("SELECT * FROM `order` WHERE order_id = %s", [order["id"]])
        assert row is not None
        who = str(uuid4())
        copies = [
            {**row, "number": None, "order_id": str(uuid4()), "customer_id": who if number % 2 else row["customer_id"]}
            for number in range(MANY)
        ]
        columns = ", ".join(rows.ORDER_COLUMNS)
        places = ", ".join(["%s"] * len(rows.ORDER_COLUMNS))
        await tx.execute_many(
            f"INSERT INTO `order` ({columns}) VALUES ({places})",
            [[copy[column] for column in rows.ORDER_COLUMNS] for copy in copies],
        )
    return who, str(row["order_id"])


SORTS = (None, "placedAt", "-placedAt", "updatedAt", "-updatedAt")
STATUSES = ((), ("placed",), ("placed", "shipped", "lost"))


async def test_the_last_page_of_each_list_reads_as_little_as_the_first(
    many_orders: tuple[str, str], own_database: Database
) -> None:
    """Each combination of filters and a sort order is read from an index, or refused."""
    who, last = many_orders
    async with own_database.reading() as connection:
        row = await connection.fetch_one("SELECT * FROM `order` WHERE order_id = %s", [last])
        assert row is not None
        choices = product((who, None), STATUSES, (row["placed_at"], None), (row["updated_at"], None), SORTS)
        for customer, statuses, placed_from, updated_from, sort in choices:
            filters = [
                Filter("customerId", "customer_id", EQUAL, customer),
                Filter("status", "status", ONE_OF, statuses),
                Filter("placedFrom", "placed_at", FROM, placed_from),
                Filter("updatedFrom", "updated_at", FROM, updated_from),
            ]
            if (updated_from or sort in SORTS[3:]) and (customer or statuses or placed_from or sort in SORTS[1:3]):
                with pytest.raises(Problem):
                    ORDERS.plan(filters, sort)
                continue
            plan = ORDERS.plan(filters, sort)
            for after in (None, plan.key(row)):
                before = await _rows_read(connection)
                await plan.read(connection, after, 21)
                assert await _rows_read(connection) - before <= 60 * max(1, len(statuses)), (filters, sort, after)


async def _rows_read(connection: Any) -> int:
    status = await connection.fetch_all(
        "SHOW SESSION STATUS WHERE Variable_name LIKE 'Handler_read%%' OR Variable_name = 'Sort_rows'"
    )
    return sum(int(each["Value"]) for each in status)


async def test_all_orders_are_exported_each_as_it_is_shown(orders: httpx.AsyncClient, own_database: Database) -> None:
    _, ids = await ordered(orders, own_database, 3)

    answer = await orders.get("/orders/bulk")
    exported = {order["id"]: order for order in map(orjson.loads, answer.content.splitlines())}

    for each in ids:
        assert exported[each] == (await orders.get(f"/orders/{each}")).json()
    after = await orders.get(f"/orders/bulk?after={sorted(exported)[-2]}")
    assert [order["id"] for order in map(orjson.loads, after.content.splitlines())] == sorted(exported)[-1:]


async def test_an_order_shows_where_its_lines_go(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)

    assert [address["id"] for address in order["deliveryAddresses"]] == [str(HOME)]
    assert order["deliveryAddresses"][0]["city"] == "Berlin"
