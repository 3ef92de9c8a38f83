"""Customers are found by the words of their names over REST as in GraphQL, however they were written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from pydantic import ValidationError

from chassis.databases.mysql import Connection, Database
from customers.api import app
from customers.by_name import NamePlan
from customers.models import CustomerInput
from customers.settings import database
from customers.words import fill
from gateway.shop import names
from tests.support.apps import running
from tests.support.bulk import bulk, lines
from tests.support.gateway.names import NAMES, SEARCHES
from tests.support.shop.builders import a_key
from tests.support.shop.people import parameters

MANY = 3000


@pytest.fixture
async def customers() -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


@pytest.fixture
async def own() -> AsyncIterator[Database]:
    opened = database()
    yield opened
    await opened.close()


async def found(customers: httpx.AsyncClient, name: str, limit: int = 100) -> list[str]:
    """The ids of all customers of this name, from all pages."""
    ids: list[str] = []
    asked: dict[str, str | int] = {"name": name, "limit": limit}
    while True:
        page = await customers.get("/customers", params=asked)
        assert page.status_code == 200, page.text
        ids += [each["id"] for each in page.json()["items"]]
        if page.json()["nextCursor"] is None:
            return ids
        asked["cursor"] = page.json()["nextCursor"]


def is_accepted(name: str, last_name: str) -> bool:
    try:
        return bool(CustomerInput(name=name, lastName=last_name))
    except ValidationError:
        return False


async def test_rest_finds_whom_graphql_and_the_live_changes_find(customers: httpx.AsyncClient) -> None:
    of_people = [{"name": name, "lastName": last} for name, last in NAMES if is_accepted(name, last)]
    bodies = [*of_people, {"company": "Ana’s Kiosk"}, {"name": "Ana", "company": "KIOSK"}, {"phone": "1"}]
    ids = {}
    for body in bodies:
        answer = await customers.post("/customers", json=body, headers=a_key())
        assert answer.status_code == 201, answer.text
        one = answer.json()
        ids[one["id"]] = one["name"], one["lastName"], one["company"]

    for search in SEARCHES:
        here = await found(customers, search, limit=3)
        fitting = {each for each, of_it in ids.items() if names.matches(of_it, search)}
        assert {each for each in here if each in ids} == fitting, search
        assert len(here) == len(set(here)), search


async def test_words_follow_every_change_of_a_name(customers: httpx.AsyncClient) -> None:
    old, new, other = (f"w{uuid4().hex}" for _ in range(3))
    one = (await customers.post("/customers", json={"name": old}, headers=a_key())).json()
    url, any_version = f"/customers/{one['id']}", {"If-Match": "*"}
    assert await found(customers, old) == [one["id"]]

    await customers.patch(url, json={"name": None, "company": f"{new} {other}"}, headers=any_version)
    assert (await found(customers, old), await found(customers, f"{other} {new}")) == ([], [one["id"]])

    await customers.delete(url, headers=any_version)
    assert await found(customers, new) == []


async def test_imported_customers_are_found(customers: httpx.AsyncClient) -> None:
    before, after = (f"w{uuid4().hex}" for _ in range(2))
    body = {"name": before, "email": f"{before}@example.com"}
    [made, _] = await bulk(customers, "/customers/bulk", lines([body]))
    assert await found(customers, before) == [made["id"]]

    await bulk(customers, "/customers/bulk?update=true", lines([body | {"name": after}]))
    assert (await found(customers, before), await found(customers, after)) == ([], [made["id"]])


async def test_a_line_without_an_email_is_imported_once(customers: httpx.AsyncClient) -> None:
    mark = uuid4().hex
    bodies = [{"company": mark}, {"company": mark, "name": "Ana"}, {"company": mark, "phone": "1"}, {"company": mark}]

    first = await bulk(customers, "/customers/bulk", lines(bodies))
    again = await bulk(customers, "/customers/bulk", lines(bodies))

    assert [each["status"] for each in first[:-1]] == [201, 201, 201, 200]
    assert [each["status"] for each in again[:-1]] == [200] * 4
    assert [each["id"] for each in again[:-1]] == [each["id"] for each in first[:-1]]
    assert len(await found(customers, mark)) == 3


async def test_those_from_before_the_words_are_found_after_a_start(own: Database) -> None:
    word = f"w{uuid4().hex}"
    async with running(app()) as customers:
        one = (await customers.post("/customers", json={"lastName": word}, headers=a_key())).json()
        async with own.reading() as connection:
            await connection.execute("DELETE FROM customer_word WHERE customer_id = %s", [one["id"]])
        assert await found(customers, word) == []
        await asyncio.gather(fill(own), fill(own))
        assert await found(customers, word) == [one["id"]]


async def test_a_name_that_a_former_release_changed_is_found_after_a_start(own: Database) -> None:
    before, after = f"b{uuid4().hex}", f"a{uuid4().hex}"
    async with running(app()) as customers:
        one = (await customers.post("/customers", json={"name": "Ana", "lastName": before}, headers=a_key())).json()
        await fill(own)
        async with own.reading() as connection:
            await connection.execute(
                "UPDATE customer SET last_name = %s, updated_at = UTC_TIMESTAMP(3), version = version + 1"
                " WHERE customer_id = %s",
                [after, one["id"]],
            )
        await fill(own)
        assert (await found(customers, before), await found(customers, f"ana {after}")) == ([], [one["id"]])


@pytest.mark.parametrize("name", ["-", "'", "., ’", " ".join(map(str, range(21)))])
async def test_a_name_without_words_or_with_too_many_is_refused(customers: httpx.AsyncClient, name: str) -> None:
    assert parameters(await customers.get("/customers", params={"name": name})) == ["name"]


@pytest.mark.parametrize(
    "other", ["active=true", "email=a@b.example", "sort=lastName", "updatedFrom=2026-01-01T00:00:00Z"]
)
async def test_a_name_has_no_other_filters(customers: httpx.AsyncClient, other: str) -> None:
    answer = await customers.get(f"/customers?name=ana&{other}")

    assert parameters(answer) == ["name", other.partition("=")[0]]


async def test_a_page_reads_the_index_of_the_rarest_word(own: Database, customers: httpx.AsyncClient) -> None:
    mark = f"w{uuid4().hex[:8]}"
    bodies = [
        {"name": f"{mark}ana", "lastName": f"{mark}rare" if number % 300 == 7 else f"{mark}other"}
        for number in range(MANY)
    ]
    await bulk(customers, "/customers/bulk", lines([body | {"phone": str(n)} for n, body in enumerate(bodies)]))

    async with own.reading() as connection:
        for name, pages in ((f"{mark}ana", 3), (f"{mark}ana {mark}rare", 1), (f"{mark}rare {mark}", 1)):
            plan, after = NamePlan.of(name), None
            for _ in range(pages):
                before = await _reads(connection)
                rows = await plan.read(connection, after, 10)
                assert len(rows) == 10
                assert await _reads(connection) - before < 10 * 8 + 4 * 1000, name
                after = plan.key(rows[-1])


async def _reads(connection: Connection) -> int:
    rows = await connection.fetch_all("SHOW SESSION STATUS LIKE 'Handler_read%%'")
    return sum(int(row["Value"]) for row in rows)
