"""A sale takes a stock under its level, a supplier restocks it, and GraphQL shows that. Nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import pytest

from chassis.databases.mysql import placeholders
from contracts.inventory.restocks import RestockStatus
from inventory.settings import SAFETY_MARGIN
from local import supervisor
from tests.support.by_hand import rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import ask, client
from tests.support.stock.selling import STORE, Shop, a_shop, command, orders_are_sourced, violations

REORDER_TO = 20
STATUSES = [*RestockStatus]

QUERY = """
query ($sku: String!) {
  restockRequests(filter: {store: "seattle", sku: $sku}) {
    nodes { status quantity added refused store { storeId } }
    totalCount
  }
  product(sku: $sku) { stock { onHand committed incoming reorderTo } }
}
"""


@pytest.fixture(autouse=True)
async def _orders_are_sourced() -> AsyncIterator[None]:
    async with orders_are_sourced():
        yield


async def a_shop_with_levels(units: int, reorder_at: int) -> Shop:
    shop = await a_shop(units)
    path = f"/stores/{STORE}/stock/{shop.sku}"
    async with client(f"store_{STORE}") as http:
        read = await http.get(path)
        headers = {"If-Match": read.headers["ETag"], "Content-Type": "application/merge-patch+json"}
        levels = {"reorderAt": reorder_at, "reorderTo": REORDER_TO}
        assert (await http.patch(path, json=levels, headers=headers)).status_code == 200
    return shop


async def shown(shop: Shop) -> Any:
    """The only request of a stock and the stock, in GraphQL, once the request is received."""

    async def is_received() -> Any:
        async with client("gateway") as http:
            answer = await ask(http, QUERY, sku=shop.sku)
        assert [each["status"] for each in answer["restockRequests"]["nodes"]] == ["RECEIVED"]
        [stock] = answer["product"]["stock"]
        assert stock["onHand"] - stock["committed"] == REORDER_TO
        return answer

    return await eventually(is_received)


async def test_a_sale_takes_a_stock_under_its_level_and_a_supplier_restocks_it() -> None:
    shop = await a_shop_with_levels(5, reorder_at=SAFETY_MARGIN + 2)

    order = await shop.place(3)
    seen = await shown(shop)

    assert order["status"] == "confirmed"
    [request] = seen["restockRequests"]["nodes"]
    wanted = REORDER_TO - 2 - SAFETY_MARGIN
    assert request == {
        "status": "RECEIVED",
        "quantity": wanted,
        "added": wanted,
        "refused": 0,
        "store": {"storeId": STORE},
    }
    assert seen["product"]["stock"] == [{"onHand": 23, "committed": 3, "incoming": 0, "reorderTo": 20}]
    assert (await command(order, "ship")).status_code == 200
    await shop.has(on_hand=REORDER_TO, committed=0)
    assert await violations() == []


async def test_killed_processes_neither_lose_nor_double_a_delivery(system: dict[str, str]) -> None:
    """The worker of inventory and the store are killed in each state of the requests."""
    shops = [await a_shop_with_levels(5, reorder_at=SAFETY_MARGIN + 2) for _ in range(3)]
    await asyncio.gather(*(shop.sell(4) for shop in shops))

    killed: dict[str, int] = {}
    for status in (RestockStatus.ACCEPTED, RestockStatus.MANUFACTURING, RestockStatus.COMPLETED):
        await eventually(partial(_have_reached, shops, status))
        for name in ("inventory_worker", f"store_{STORE}"):
            killed[name] = await eventually(partial(_kill, system, name, killed.get(name, 0)))

    for shop in shops:
        seen = await shown(shop)
        [request] = seen["restockRequests"]["nodes"]
        wanted = REORDER_TO - 1 - SAFETY_MARGIN
        assert (request["quantity"], request["added"], request["refused"]) == (wanted, wanted, 0)
        assert seen["product"]["stock"] == [{"onHand": 20, "committed": 0, "incoming": 0, "reorderTo": 20}]
        receipts = await rows_by_hand(f"store_{STORE}", "SELECT added FROM receipt WHERE sku = %s", [shop.sku])
        assert receipts == [{"added": wanted}]
    assert await violations() == []


async def _have_reached(shops: Sequence[Shop], status: RestockStatus) -> None:
    """The requests of all shops have this status, or had it."""
    skus = [shop.sku for shop in shops]
    sql = f"SELECT status FROM restock_request WHERE sku IN ({placeholders(skus)})"
    rows = await rows_by_hand("inventory", sql, skus)
    assert len(rows) == len(shops)
    assert all(STATUSES.index(row["status"]) >= STATUSES.index(status) for row in rows)


def _kill(system: dict[str, str], name: str, before: int) -> int:
    """Kill a process that is another one than before. Returns its id."""
    process = supervisor.states(system)[name]
    assert process["statename"] == "RUNNING"
    assert process["pid"] != before
    os.kill(process["pid"], signal.SIGKILL)
    return int(process["pid"])
