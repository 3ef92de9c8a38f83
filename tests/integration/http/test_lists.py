"""A page of a list reads as many rows as it shows, be it the first or the last, whatever is asked for in what order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Connection, Database, Row, placeholders
from chassis.rest.keysets import ONE_OF, Filter, Plan
from chassis.rest.updates import updated_range
from customers import listing as customers
from customers import settings as customers_settings
from products import listing as products
from products import settings as products_settings

ROWS, LIMIT = 20_000, 20
MORE_READS = 4  # the look-up of where to begin, in each range; the row after the last one

MIDSUMMER = datetime(2026, 6, 21, tzinfo=UTC)
MADE: dict[str, Any] = {"created_from": MIDSUMMER, "created_before": MIDSUMMER + timedelta(hours=1)}
UPDATED: dict[str, Any] = {"updated": updated_range(MIDSUMMER, MIDSUMMER + timedelta(hours=1))}
PRICED: dict[str, Any] = {"price_from": Decimal(2), "price_below": Decimal(9)}

Asked = list[tuple[dict[str, Any], str]]

# Few are alone with what they have: a list that is read past its page is read far.
PEOPLE: Asked = [
    ({}, "createdAt"),
    ({}, "lastName"),
    ({"active": True}, "createdAt"),
    ({"active": True}, "lastName"),
    ({"last_name": "SMÎT"}, "lastName"),
    ({"last_name": "sm", "active": False}, "lastName"),
    ({"identity_document": "X1"}, "createdAt"),
    ({"phone": "030"}, "createdAt"),
    (MADE, "createdAt"),
    ({**MADE, "active": True}, "createdAt"),
    ({**MADE, "phone": "030"}, "createdAt"),
    ({}, "updatedAt"),
    (UPDATED, "updatedAt"),
]
THINGS: Asked = [
    ({}, "sku"),
    ({}, "name"),
    ({}, "createdAt"),
    ({"active": True}, "sku"),
    ({"active": True}, "name"),
    ({"active": True}, "createdAt"),
    ({"type": "TEA"}, "sku"),
    ({"type": "TEA"}, "name"),
    ({"type": "TEA", "active": True}, "sku"),
    ({"type": "TEA", "active": True}, "name"),
    ({}, "updatedAt"),
    (UPDATED, "updatedAt"),
    ({**UPDATED, "active": True}, "updatedAt"),
    ({"currency": "EUR"}, "price"),
    ({"currency": "EUR", "type": "TEA"}, "price"),
    ({"currency": "EUR", "active": True}, "price"),
    ({"currency": "EUR", "type": "TEA", "active": False}, "price"),
    ({"currency": "EUR", "type": "TEA", "active": False, **PRICED}, "price"),
]


def person(number: int) -> tuple[Any, ...]:
    last_name = None if number % 64 == 0 else ("Smith", "SMITH", "Smïth", f"Other{number}")[number % 4]
    made = MIDSUMMER + timedelta(milliseconds=number // 5000)
    document, phone = "X1" if number % 3 else None, "030" if number % 5 else None
    return str(uuid7()), "Ana", last_name, f"l{number}@lists.example", document, phone, number % 7 > 0, made, made, 1


def thing(number: int) -> tuple[Any, ...]:
    made = MIDSUMMER + timedelta(milliseconds=number // 5000)
    price, currency = Decimal(number % 3 * 3), "EUR" if number % 4 else "USD"
    names = ("Chai", "CHAI", "Châi", f"Other {number}")
    kinds = ("Tea", "tea", None)
    return f"L-{number:08}", names[number % 4], price, currency, kinds[number % 3], "[]", number % 7 > 0, made, made, 1


async def load(database: Database, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    values = f"INSERT INTO {table} ({columns}) VALUES ({placeholders(rows[0])})"
    async with database.reading() as connection:
        for first in range(0, len(rows), 1000):
            await connection.execute_many(values, rows[first : first + 1000])
        await connection.fetch_all(f"ANALYZE TABLE {table}")
    await database.close()


async def load_all() -> None:
    people, catalogue = customers_settings.database(), products_settings.database()
    await migrate_mysql(people, customers_settings.MIGRATIONS)
    await migrate_mysql(catalogue, products_settings.MIGRATIONS)
    times = "active, created_at, updated_at, version"
    of_people = f"customer_id, name, last_name, email, identity_document, phone, {times}"
    await load(people, "customer", of_people, [person(number) for number in range(ROWS)])
    of_things = f"sku, name, price, currency, type, categories, {times}"
    await load(catalogue, "products", of_things, [thing(number) for number in range(ROWS)])


async def remove(database: Database, condition: str) -> None:
    async with database.reading() as connection:
        await connection.execute(f"DELETE FROM {condition}")
    await database.close()


@pytest.fixture(scope="module", autouse=True)
def _loaded(servers: dict[str, str]) -> Iterator[None]:
    asyncio.run(load_all())
    yield
    asyncio.run(remove(customers_settings.database(), "customer WHERE email LIKE '%%@lists.example'"))
    asyncio.run(remove(products_settings.database(), "products WHERE sku LIKE 'L-%%'"))


@pytest.fixture
async def people(servers: dict[str, str]) -> AsyncIterator[Connection]:
    database = customers_settings.database()
    async with database.reading() as connection:
        yield connection
    await database.close()


@pytest.fixture
async def catalogue(servers: dict[str, str]) -> AsyncIterator[Connection]:
    database = products_settings.database()
    async with database.reading() as connection:
        yield connection
    await database.close()


async def status(connection: Connection) -> dict[str, int]:
    rows = await connection.fetch_all("SHOW SESSION STATUS WHERE Variable_name REGEXP '^(Handler_read|Sort_)'")
    return {row["Variable_name"]: int(row["Value"]) for row in rows}


async def counted(connection: Connection, plan: Plan, after: list[Any] | None) -> list[Row]:
    """A page, which reads no more rows than it has, and sorts none."""
    idle, before = await status(connection), await status(connection)
    rows = await plan.read(connection, after, LIMIT)
    spent = {name: value - 2 * before[name] + idle[name] for name, value in (await status(connection)).items()}
    assert sum(value for name, value in spent.items() if name.startswith("Handler_read")) <= LIMIT + MORE_READS, spent
    assert not any(value for name, value in spent.items() if name.startswith("Sort_")), spent
    return rows


async def assert_all_pages_cost_the_same(connection: Connection, plan: Plan, backwards: Plan) -> None:
    first = await counted(connection, plan, None)
    second = await counted(connection, plan, plan.key(first[-1]))
    last = await counted(connection, backwards, None)
    before_last = await counted(connection, backwards, backwards.key(last[-1]))
    assert len({row[plan.listing.identity_as] for row in (*first, *second)}) == 2 * LIMIT
    assert await counted(connection, plan, plan.key(before_last[-1])) == [*reversed(before_last[:-1]), last[-1]]
    assert await counted(connection, plan, plan.key(last[-1])) == [*reversed(last[:-1])]
    assert await counted(connection, backwards, backwards.key(second[0])) == [*reversed(first)]
    assert await counted(connection, plan, plan.key(last[0])) == []


@pytest.mark.parametrize(("filters", "sort"), PEOPLE)
async def test_each_page_of_people_reads_what_it_shows(people, filters, sort):
    onwards, backwards = [(await customers.list_filters(**filters, sort=way + sort)).plan() for way in ("", "-")]

    await assert_all_pages_cost_the_same(people, onwards, backwards)


@pytest.mark.parametrize(("filters", "sort"), THINGS)
async def test_each_page_of_things_reads_what_it_shows(catalogue, filters, sort):
    onwards, backwards = [(await products.list_filters(**filters, sort=way + sort)).plan() for way in ("", "-")]

    await assert_all_pages_cost_the_same(catalogue, onwards, backwards)


async def test_several_values_of_a_column_are_one_list(people):
    wanted = [Filter("active", "active", ONE_OF, (True, False, True))]
    for sort in ("createdAt", "-createdAt"):
        of_all, of_each = customers.CUSTOMERS.plan([], sort), customers.CUSTOMERS.plan(wanted, sort)
        first = await of_each.read(people, None, LIMIT)

        assert first == await of_all.read(people, None, LIMIT)
        after = of_all.key(first[-1])
        assert await of_each.read(people, after, LIMIT) == await of_all.read(people, after, LIMIT)


async def test_one_email_is_one_row_with_whatever_filters(people):
    asked = await customers.list_filters(email="l77@lists.example", active=False, last_name="smith", sort="-createdAt")

    [found] = await counted(people, asked.plan(), None)

    assert found["email"] == "l77@lists.example"
