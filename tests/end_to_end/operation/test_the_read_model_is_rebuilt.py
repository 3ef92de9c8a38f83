"""`oms rebuild` while orders come and are read: nobody sees an error, a gap or an older version, and no row is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any

import pytest

from chassis.databases.postgres import Database
from oms.repair.rebuild import schemas
from oms.repair.rebuild.schemas import LIVE, NEXT, PREVIOUS
from orders_stream.transactions import writing
from tests.support.by_hand import by_hand
from tests.support.eventually import eventually
from tests.support.meanwhile import going_on
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, made
from tests.support.system.commands import begun, oms
from tests.support.views.comparison import assert_views_equal_mysql

pytestmark = pytest.mark.drill

LOOKED_AT = 10
"""Orders of one query: each costs one of the look-ups that a query may have."""


class Shop:
    """Orders placed, changed and deleted, and what a reader saw of them."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.placed: list[str] = []
        self.deleted: set[str] = set()
        self.problems: list[str] = []
        self.looks = 0

    async def trade(self) -> None:
        """Place orders without a pause; of each something becomes."""
        async with client("orders") as http:
            for what in cycle(("stays", "confirm", "cancel", "change", "delete")):
                order = await made("orders", "/orders", self.order)
                self.placed.append(order["id"])
                await self._goes_on(http, order["id"], what)

    async def _goes_on(self, http: Any, order_id: str, what: str) -> None:
        match what:
            case "confirm" | "cancel":
                answer = await http.post(f"/orders/{order_id}/{what}", json={}, headers=a_key())
                assert answer.status_code == 200, answer.text
            case "change":
                lines = {"lines": self.order["lines"][:1]}
                answer = await http.patch(f"/orders/{order_id}/lines", json=lines, headers={"If-Match": '"1"'})
                assert answer.status_code == 200, answer.text
            case "delete":
                self.deleted.add(order_id)
                await by_hand("orders", "DELETE FROM order_detail WHERE order_id = %s", [order_id])
                await by_hand("orders", "DELETE FROM `order` WHERE order_id = %s", [order_id])

    async def read(self) -> None:
        """Look at orders without a pause, the newest and the oldest that were seen."""
        seen: dict[str, int] = {}
        async with client("gateway") as http:
            while True:
                await self._look(http, seen, [*self.placed[-LOOKED_AT // 2 :], *list(seen)[: LOOKED_AT // 2]])
                await asyncio.sleep(0)

    async def _look(self, http: Any, seen: dict[str, int], orders: list[str]) -> None:
        asked = " ".join(f'o{n}: order(id: "{each}") {{ version lines {{ id }} }}' for n, each in enumerate(orders))
        answer = (await http.post("/graphql", json={"query": f"{{ __typename {asked} }}"})).json()
        self.looks += 1
        if "errors" in answer:
            self.problems.append(str(answer["errors"]))
            return
        for number, order_id in enumerate(orders):
            self._notice(seen, order_id, answer["data"][f"o{number}"])

    def _notice(self, seen: dict[str, int], order_id: str, order: dict[str, Any] | None) -> None:
        if order_id in self.deleted:
            return
        if order is None:
            if order_id in seen:
                self.problems.append(f"{order_id} is gone")
            return
        if order["version"] < seen.get(order_id, 0):
            self.problems.append(f"{order_id} went back to {order['version']}")
        if not order["lines"]:
            self.problems.append(f"{order_id} is half there")
        seen[order_id] = order["version"]


@asynccontextmanager
async def a_shop_in_use() -> AsyncIterator[Shop]:
    customer = await a_customer()
    address = await an_address(customer)
    products = [await a_product() for _ in range(2)]
    lines = [{"sku": product["sku"], "quantity": 2, "deliveryAddressId": address["id"]} for product in products]
    shop = Shop({"customerId": customer["id"], "lines": lines})
    async with going_on(shop.trade, shop.trade, shop.read, shop.read):
        yield shop


def more(shop: Shop, orders: int, looks: int) -> None:
    assert len(shop.placed) >= orders
    assert shop.looks >= looks


async def goes_on(shop: Shop) -> None:
    """Some more orders have come, and been looked at."""
    orders, looks = len(shop.placed) + 10, shop.looks + 10
    await eventually(lambda: more(shop, orders, looks))


async def test_readers_see_no_error_no_gap_and_nothing_older_while_it_is_rebuilt_and_that_is_undone() -> None:
    async with a_shop_in_use() as shop:
        await goes_on(shop)
        rebuilt = await oms("rebuild")
        await goes_on(shop)
        undone = await oms("rebuild", "undo")
        await goes_on(shop)
        again = await oms("rebuild", "--fresh")
        await goes_on(shop)

    assert [code for code, _ in (rebuilt, undone, again)] == [0, 0, 0], (rebuilt, undone, again)
    assert shop.problems == []
    await eventually(assert_views_equal_mysql)


async def test_one_that_was_killed_goes_on() -> None:
    live = schemas.read_model_in(LIVE)
    async with a_shop_in_use() as shop:
        await goes_on(shop)
        async with writing(live) as tx:  # so that it comes to the swap and no further
            await tx.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            killed = await begun("rebuild", "--fresh")
            await eventually(lambda: _is_about_to_swap(live))
            killed.kill()
            await killed.wait()
        await goes_on(shop)
        finished = await oms("rebuild")
        await goes_on(shop)
    await live.close()

    assert finished[0] == 0, finished
    assert shop.problems == []
    await eventually(assert_views_equal_mysql)


async def test_what_is_not_as_mysql_has_it_is_named_and_not_put_in_place() -> None:
    customer = await a_customer()
    await eventually(assert_views_equal_mysql)
    assert (await oms("rebuild"))[0] == 0
    previous = schemas.read_model_in(PREVIOUS)
    async with previous.connection() as connection:
        await connection.execute("UPDATE customer SET name = 'Nobody' WHERE customer_id = $1", customer["id"])
    await previous.close()

    code, said = await oms("rebuild", "undo")

    assert code == 1
    assert f"customer {customer['id']} in customer: differs in name" in said
    await assert_views_equal_mysql()


async def test_what_is_wrong_in_the_live_one_is_put_right() -> None:
    customer = await a_customer()
    await eventually(assert_views_equal_mysql)
    live = schemas.read_model_in(LIVE)
    async with live.connection() as connection:
        await connection.execute("DELETE FROM customer WHERE customer_id <> $1", customer["id"])
        await connection.execute("UPDATE customer SET name = 'Nobody' WHERE customer_id = $1", customer["id"])
    await live.close()

    code, said = await oms("rebuild")

    assert code == 0, said
    assert f"customer {customer['id']}: version 1 differs in the new one" in said
    await assert_views_equal_mysql()


async def _is_about_to_swap(database: Database) -> None:
    async with database.connection() as connection:
        assert await schemas.exists(connection, NEXT)
        assert await connection.fetchval("""
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND NOT granted
            AND classid = hashtext('writing read_model')::bit(32)::bigint::oid""")
