"""Clients that prefer to wait until their order is confirmed or rejected."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from chassis.http.errors.problems import Unavailable
from orders import repository
from orders.sourcing import applying
from orders.statuses import waiting
from tests.support.eventually import eventually
from tests.support.shop.small_shop import body
from tests.support.stock.sourcing_rows import sourced


async def place(orders: httpx.AsyncClient, prefer: str, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(uuid4()), "Prefer": prefer}
    return await orders.post("/orders", json=body(), headers=headers)


async def newest(orders: httpx.AsyncClient) -> dict[str, Any]:
    [order] = (await orders.get("/orders", params={"limit": 1})).json()["items"]
    found: dict[str, Any] = order
    return found


async def confirm_newest(orders: httpx.AsyncClient, database: Database, before: str) -> dict[str, Any]:
    """Confirm the order that was placed after this one, once it is there."""

    async def is_placed() -> dict[str, Any]:
        order = await newest(orders)
        assert order["id"] != before
        return order

    order: dict[str, Any] = await eventually(is_placed)
    await applying.apply(database, [sourced(order)])
    return order


@pytest.fixture
async def before(orders: httpx.AsyncClient) -> str:
    """The id of the newest order."""
    placed: dict[str, str] = (await place(orders, "respond-async")).json()
    return placed["id"]


async def test_the_answer_is_the_order_as_it_is_once_it_is_decided(
    orders: httpx.AsyncClient, own_database: Database, before: str
) -> None:
    placing = asyncio.create_task(place(orders, "wait=10"))
    order = await confirm_newest(orders, own_database, before)
    answer = await placing

    assert (answer.status_code, answer.json()["status"]) == (201, "confirmed")
    assert answer.headers["Preference-Applied"] == "wait=10"
    assert answer.headers["Location"] == f"/orders/{order['id']}"
    assert (answer.headers["ETag"], answer.headers["Consistency-Token"]) == ('"2"', f"order:{order['id']}:2")
    assert answer.json() == (await orders.get(f"/orders/{order['id']}")).json()


async def test_the_answer_is_the_placed_order_when_the_time_is_over(orders: httpx.AsyncClient) -> None:
    answer = await place(orders, "wait=1")

    assert (answer.status_code, answer.json()["status"], answer.headers["ETag"]) == (201, "placed", '"1"')
    assert answer.headers["Preference-Applied"] == "wait=1"


async def test_a_retry_waits_too_and_has_the_order_as_it_is(
    orders: httpx.AsyncClient, own_database: Database, before: str
) -> None:
    key = str(uuid4())
    first = await place(orders, "respond-async", key)
    again = asyncio.create_task(place(orders, "wait=10", key))
    await confirm_newest(orders, own_database, before)
    answer = await again

    assert (first.json()["status"], "Preference-Applied" in first.headers) == ("placed", False)
    assert (answer.json()["id"], answer.json()["status"]) == (first.json()["id"], "confirmed")
    assert answer.headers["Idempotent-Replayed"] == "true"


async def test_requests_that_wait_have_no_connection(
    orders: httpx.AsyncClient, own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice as many as there are connections; all are looked up by one statement, which others do not wait for."""
    statements: list[int] = []
    moved_orders = repository.moved_orders

    async def counted(connection: Any, ids: Any) -> set[str]:
        statements.append(len(ids))
        return await moved_orders(connection, ids)

    monkeypatch.setattr(repository, "moved_orders", counted)
    placing = [asyncio.create_task(place(orders, "wait=10")) for _ in range(20)]

    async def all_wait() -> None:
        assert 20 in statements

    await eventually(all_wait)
    waiting_orders = (await orders.get("/orders", params={"limit": 20})).json()["items"]
    rows = [sourced(order) for order in waiting_orders]
    await applying.apply(own_database, sorted(rows, key=lambda row: row.order_id))
    answers = await asyncio.gather(*placing)

    assert {answer.json()["status"] for answer in answers} == {"confirmed"}


async def test_an_order_is_placed_even_if_it_cannot_be_looked_up(
    orders: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> set[str]:
        raise Unavailable("the database")

    monkeypatch.setattr(repository, "moved_orders", away)

    answer = await place(orders, "wait=1")

    assert (answer.status_code, answer.json()["status"]) == (201, "placed")


async def test_no_more_requests_wait_than_there_is_memory_for(
    orders: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_WAITING", 0)

    answer = await place(orders, "wait=10")

    assert (answer.status_code, "Preference-Applied" in answer.headers) == (201, False)
