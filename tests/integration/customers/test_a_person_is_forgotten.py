"""What `customers` keeps of a person who is deleted: nothing, in no column of no table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from customers.settings import database
from tests.support.shop.people import BERLIN, ana, kind, made_address


@pytest.fixture
async def own(servers: dict[str, str]) -> AsyncIterator[Database]:
    opened = database()
    yield opened
    await opened.close()


async def places_of(own: Database, text: str) -> set[str]:
    """Every table that has `text` in one of its columns."""
    found = set()
    async with own.reading() as connection:
        columns = await connection.fetch_all(
            "SELECT table_name AS of_table, column_name AS name FROM information_schema.columns"
            " WHERE table_schema = DATABASE()"
        )
        for column in columns:
            sql = f"SELECT 1 FROM `{column['of_table']}` WHERE LOCATE(%s, CAST(`{column['name']}` AS CHAR)) LIMIT 1"
            if await connection.fetch_all(sql, [text]):
                found.add(column["of_table"])
    return found


async def post(customers: httpx.AsyncClient, path: str, body: dict[str, object], key: str) -> httpx.Response:
    return await customers.post(path, json=body, headers={"Idempotency-Key": key})


async def test_nothing_is_kept_of_an_erased_person(customers, own):
    mark, key = uuid4().hex, str(uuid4())
    person = ana(email=f"{mark}@northwind.example", lastName=mark, phone=mark, identityDocument=mark)
    url = (await post(customers, "/customers", person, key)).headers["Location"]
    await post(customers, f"{url}/addresses", BERLIN | {"street": mark}, f"{key}-address")
    assert await places_of(own, mark) == {"customer", "customer_word", "address", "idempotency_key"}

    answer = await customers.delete(url, headers={"If-Match": '"1"'})

    assert answer.status_code == 204
    assert await places_of(own, mark) == set()
    assert kind(await customers.get(url)) == (404, "customer-not-found")
    assert kind(await customers.get(f"{url}/addresses")) == (404, "customer-not-found")


async def test_a_delete_that_is_refused_forgets_nothing(customers, own):
    mark, key = uuid4().hex, str(uuid4())
    person = ana(email=f"{mark}@northwind.example")
    first = await post(customers, "/customers", person, key)
    await made_address(customers, first.json(), street=mark)

    refused = await customers.delete(first.headers["Location"], headers={"If-Match": '"9"'})

    assert kind(refused) == (412, "precondition-failed")
    assert await places_of(own, mark) == {"customer", "address", "idempotency_key"}
    assert (await post(customers, "/customers", person, key)).content == first.content


async def test_the_keys_of_others_are_not_touched(customers):
    keys = [str(uuid4()) for _ in range(2)]
    bodies = [ana(), ana()]
    gone, stays = [await post(customers, "/customers", body, key) for body, key in zip(bodies, keys, strict=True)]
    await customers.delete(gone.headers["Location"], headers={"If-Match": '"1"'})

    assert kind(await post(customers, "/customers", bodies[0], keys[0])) == (410, "erased")
    assert (await post(customers, "/customers", bodies[1], keys[1])).content == stays.content
