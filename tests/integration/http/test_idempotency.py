"""A POST that is sent again under its key is done once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.rest import idempotency
from customers.settings import database
from tests.support.eventually import eventually
from tests.support.shop.builders import client
from tests.support.shop.people import BERLIN, ana, kind, made
from tests.support.system.processes import process

OLD = f"old-{uuid4()}"
SAME = ("ETag", "Location", "Consistency-Token", "Content-Type")


@pytest.fixture
async def own(servers: dict[str, str]) -> AsyncIterator[Database]:
    opened = database()
    yield opened
    await opened.close()


async def post(
    customers: httpx.AsyncClient, body: dict[str, Any], key: str, path: str = "/customers", **more: str
) -> httpx.Response:
    return await customers.post(path, json=body, headers={"Idempotency-Key": key, **more})


def assert_replayed(again: httpx.Response, first: httpx.Response) -> None:
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert [again.headers.get(name) for name in SAME] == [first.headers.get(name) for name in SAME]
    assert again.headers["Idempotent-Replayed"] == "true"


def assert_in_flight(key: str) -> None:
    assert key in {key for _, key in idempotency._in_flight}


async def count_by(own: Database, last_name: str) -> int:
    async with own.reading() as connection:
        found = await connection.fetch_all("SELECT 1 FROM customer WHERE last_name = %s", [last_name])
    return len(found)


async def test_the_first_answer_is_given_again(customers):
    body, key = ana(), str(uuid4())

    first = await post(customers, body, key)
    again = await post(customers, dict(reversed(body.items())), f'"{key}"')

    assert "Idempotent-Replayed" not in first.headers
    assert_replayed(again, first)


async def test_an_address_is_made_once(customers):
    path, key = f"/customers/{(await made(customers))['id']}/addresses", str(uuid4())

    first = await post(customers, BERLIN, key, path)
    again = await post(customers, BERLIN, key, path)

    assert_replayed(again, first)
    assert len((await customers.get(path)).json()["items"]) == 1


async def test_a_product_is_made_once_also_when_it_is_gone_meanwhile(products):
    sku, headers = f"T-{uuid4().hex[:12]}", {"Idempotency-Key": str(uuid4())}
    body = {"sku": sku, "name": "Chai", "price": "18.00", "currency": "USD"}

    first = await products.post("/products", json=body, headers=headers)
    await products.delete(f"/products/{sku}", headers={"If-Match": '"1"'})
    again = await products.post("/products", json=body, headers=headers)

    assert_replayed(again, first)
    assert (await products.get(f"/products/{sku}")).status_code == 404


async def test_what_was_changed_meanwhile_is_answered_as_it_was(customers):
    body, key = ana(), str(uuid4())
    first = await post(customers, body, key)
    changed = await customers.patch(first.headers["Location"], json={"name": "Eva"}, headers={"If-Match": '"1"'})

    again = await post(customers, body, key)

    assert changed.status_code == 200
    assert_replayed(again, first)


async def test_what_was_removed_meanwhile_is_answered_as_it_was(customers):
    path, key = f"/customers/{(await made(customers))['id']}/addresses", str(uuid4())
    first = await post(customers, BERLIN, key, path)
    await customers.delete(first.headers["Location"], headers={"If-Match": '"1"'})

    again = await post(customers, BERLIN, key, path)

    assert_replayed(again, first)


async def test_a_key_is_of_one_request(customers):
    body, key = ana(), str(uuid4())
    customer = (await post(customers, body, key)).json()

    other_body = await post(customers, ana(), key)
    other_path = await post(customers, body, key, f"/customers/{customer['id']}/addresses")
    other_both = await post(customers, BERLIN, key, f"/customers/{customer['id']}/addresses")

    assert kind(other_body) == (422, "idempotency-key-reused")
    assert kind(other_path) == (422, "invalid-request")
    assert kind(other_both) == (422, "idempotency-key-reused")


async def test_clients_with_names_do_not_see_each_other_s_keys(customers):
    key = str(uuid4())

    shop = await post(customers, ana(), key, **{"X-Client-Id": "shop"})
    till = await post(customers, ana(), key, **{"X-Client-Id": "till"})
    nobody = await post(customers, ana(), key)

    assert [shop.status_code, till.status_code, nobody.status_code] == [201, 201, 201]


@pytest.mark.parametrize("key", ["", '""', "a b", "ä", "x" * 256, '"a', 'a"b', "a\tb"])
async def test_what_is_no_key_is_refused(customers, key):
    answer = await customers.post("/customers", json=ana(), headers=[(b"Idempotency-Key", key.encode())])

    assert kind(answer) == (400, "idempotency-key-invalid")


async def test_two_keys_at_once_are_refused(customers):
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]

    assert kind(await customers.post("/customers", json=ana(), headers=headers)) == (400, "idempotency-key-invalid")


async def test_a_body_too_deep_to_be_sorted_is_refused_as_without_a_key(customers):
    body = b'{"name": ' + b"[" * 500 + b"]" * 500 + b"}"
    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}

    assert kind(await customers.post("/customers", content=body, headers=headers)) == (422, "invalid-request")


async def test_a_refusal_leaves_the_key_free(customers):
    taken, key = await made(customers), str(uuid4())

    assert kind(await post(customers, ana(email=taken["email"]), key)) == (409, "email-taken")
    assert kind(await post(customers, ana(email="x"), key)) == (422, "invalid-request")
    assert (await post(customers, ana(), key)).status_code == 201


async def test_a_key_that_another_process_works_on_is_in_flight(customers, own):
    body, key = ana(), str(uuid4())
    row = ("busy", key, "", 201, "{}", "", None)

    async with own.transaction() as tx:
        await tx.execute(idempotency.INSERT, row)
        answer = await post(customers, body, key, **{"X-Client-Id": "busy"})

    assert kind(answer) == (409, "request-in-flight")
    assert answer.headers["Retry-After"] == "1"


async def test_a_key_that_this_process_works_on_is_in_flight(customers, own):
    customer, key = await made(customers), str(uuid4())
    path = f"/customers/{customer['id']}/addresses"

    async with own.transaction() as tx:
        await tx.execute("SELECT 1 FROM customer WHERE customer_id = %s FOR UPDATE", [customer["id"]])
        first = asyncio.create_task(post(customers, BERLIN, key, path))
        await eventually(lambda: assert_in_flight(key))
        second = await post(customers, BERLIN, key, path)

    assert kind(second) == (409, "request-in-flight")
    assert (await first).status_code == 201


async def test_an_erased_person_is_not_made_again_by_a_request_on_its_way(customers, own):
    body, key = ana(lastName=f"L{uuid4().hex}"), str(uuid4())
    first = await post(customers, body, key)
    await customers.delete(first.headers["Location"], headers={"If-Match": '"1"'})

    again = await post(customers, body, key)

    assert kind(again) == (410, "erased")
    assert await count_by(own, body["lastName"]) == 0


async def test_only_what_is_older_than_a_day_is_swept(customers, own):
    old, young = (str(uuid4()) for _ in range(2))
    bodies = {old: ana(), young: ana()}
    for key, body in bodies.items():
        await post(customers, body, key)
    async with own.reading() as connection:
        for key, minutes in ((old, 24 * 60 + 1), (young, 24 * 60 - 1)):
            aged = "UPDATE idempotency_key SET created_at = created_at - INTERVAL %s MINUTE WHERE idempotency_key = %s"
            await connection.execute(aged, [minutes, key])

    await idempotency.sweep(own)

    assert kind(await post(customers, bodies[old], old)) == (409, "email-taken")
    assert (await post(customers, bodies[young], young)).headers["Idempotent-Replayed"] == "true"


async def test_more_than_a_sweep_takes_at_once_is_swept(own):
    await migrate_mysql(own, idempotency.MIGRATIONS)
    async with own.transaction() as tx:
        for number in range(1500):
            await tx.execute(idempotency.INSERT, (OLD, str(number), "", 201, "{}", "", None))
        await tx.execute("UPDATE idempotency_key SET created_at = '2026-01-01' WHERE caller = %s", [OLD])

    assert await idempotency.sweep(own) >= 1500

    async with own.reading() as connection:
        assert await connection.fetch_all("SELECT 1 FROM idempotency_key WHERE caller = %s", [OLD]) == []


async def test_of_fifty_at_once_one_is_made(customers, own):
    body, key = ana(lastName=f"L{uuid4().hex}"), str(uuid4())

    answers = await asyncio.gather(*(post(customers, body, key) for _ in range(50)))

    assert await count_by(own, body["lastName"]) == 1
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert {kind(answer) for answer in answers if answer.status_code != 201} <= {(409, "request-in-flight")}


async def test_of_fifty_to_two_processes_one_is_made(customers, own, tmp_path: Path):
    path = f"/customers/{(await made(customers))['id']}/addresses"
    key = str(uuid4())

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(process("customers", tmp_path / "log"))
        other = await stack.enter_async_context(client("customers"))
        answers = await asyncio.gather(
            *(post(each, BERLIN, key, path, **{"X-Client-Id": "racer"}) for each in [customers, other] * 25)
        )

    assert len((await customers.get(path)).json()["items"]) == 1
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert {kind(answer) for answer in answers if answer.status_code != 201} <= {(409, "request-in-flight")}
