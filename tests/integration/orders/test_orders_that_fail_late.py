"""An order whose statements fail after they were sent together is not placed at all, and the client is told why."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import pytest
from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection, Database
from orders.placement import rows
from tests.support.eventually import eventually
from tests.support.shop.people import kind
from tests.support.shop.small_shop import body, place

NOTES = """
INSERT INTO idempotency_key (caller, idempotency_key, request_hash, status, headers, body, created_at)
VALUES {}
"""


def give_ids(monkeypatch: pytest.MonkeyPatch, *ids: object) -> None:
    """The next orders and lines get these ids, in turn; those after them get ids of their own."""
    given = iter(ids)
    monkeypatch.setattr(rows, "uuid7", lambda: next(given, None) or uuid7())


async def ids_of(database: Database, *ids: object) -> list[str]:
    """Those of these orders that exist."""
    async with database.reading() as connection:
        sql = f"SELECT order_id FROM `order` WHERE order_id IN ({', '.join(['%s'] * len(ids))})"
        return [row["order_id"] for row in await connection.fetch_all(sql, [str(each) for each in ids])]


async def lock_line(tx: Connection, line_id: object) -> None:
    await tx.fetch_all("SELECT 1 FROM order_detail WHERE order_detail_id = %s FOR UPDATE", [str(line_id)])


async def assert_placed(orders: httpx.AsyncClient, answer: httpx.Response) -> None:
    assert answer.status_code == 201, answer.text
    assert "Idempotent-Replayed" not in answer.headers
    assert (await orders.get(answer.headers["Location"])).json() == answer.json()


async def test_a_duplicate_is_not_taken_for_one_of_the_key(
    orders: httpx.AsyncClient, own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, line, second = str(uuid4()), uuid7(), uuid7()
    give_ids(monkeypatch, uuid7(), line, second, line)

    first, refused = await place(orders, body()), await place(orders, body(), key)

    assert (first.status_code, kind(refused)) == (201, (500, "internal-error"))
    assert await ids_of(own_database, second) == []
    await assert_placed(orders, await place(orders, body(), key))


async def test_a_lock_is_not_taken_for_one_of_the_key(
    orders: httpx.AsyncClient, own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, line, second = str(uuid4()), uuid7(), uuid7()
    give_ids(monkeypatch, uuid7(), line, second, line)
    await place(orders, body())

    async with own_database.transaction() as tx:
        await lock_line(tx, line)
        refused = await place(orders, body(), key)

    assert kind(refused) == (503, "dependency-unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    assert await ids_of(own_database, second) == []
    await assert_placed(orders, await place(orders, body(), key))


async def test_an_order_that_is_the_victim_of_a_deadlock_is_placed_again(
    orders: httpx.AsyncClient, own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, second = uuid7(), uuid7()
    give_ids(monkeypatch, uuid7(), line, second, line)
    await place(orders, body())

    async def is_inserted() -> None:
        async with own_database.reading() as connection:
            await connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")
            try:
                assert await connection.fetch_all("SELECT 1 FROM `order` WHERE order_id = %s", [str(second)])
            finally:
                await connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    async with own_database.transaction() as tx:
        notes = [f"('', '{uuid4()}', '', 201, '{{}}', '', UTC_TIMESTAMP(3))" for _ in range(50)]
        await tx.execute(NOTES.format(", ".join(notes)))  # the server rolls back the one that has written less
        await lock_line(tx, line)
        answer = asyncio.create_task(place(orders, body()))
        await eventually(is_inserted)
        await tx.fetch_all("SELECT 1 FROM `order` WHERE order_id = %s FOR UPDATE", [str(second)])

    await assert_placed(orders, await answer)
    assert await ids_of(own_database, second) == []
