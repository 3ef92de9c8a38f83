"""Orders and inventory on their databases, with records that are late, repeated and shuffled between them and a store.

Each order is decided once, whatever is placed, changed, cancelled, shipped and sold meanwhile.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import httpx
import pytest

from chassis.databases.mysql import Database, placeholders
from contracts.inventory.reservations import ReservationRow
from contracts.inventory.sourcing import SourcingRow
from contracts.orders import OrderDetailRow, OrderRow
from contracts.rows import Row
from inventory import settings
from inventory.stored_rows import read_row
from orders.sourcing import applying
from tests.support.shop.small_shop import HOME, placed
from tests.support.stock.sourcing import Inventory, Shop, check_sums, empty_inventory

SKUS = ("CHAI", "CHANG")
STEPS = 50


class Log:
    """The records about some rows: each version once, in the order in which they were read."""

    def __init__(self, handle: Callable[[Sequence[Any]], Awaitable[None]], rows: list[Any] | None = None) -> None:
        self.rows: list[Any] = [] if rows is None else rows
        self._handle = handle
        self._versions: dict[Any, int] = {}
        self._next = 0

    def note(self, key: str, rows: Sequence[Row]) -> None:
        """Append the rows that are new, or have another version."""
        for row in rows:
            if self._versions.get(getattr(row, key), 0) < row.version:
                self._versions[getattr(row, key)] = row.version
                self.rows.append(row)

    async def deliver(self, most: int) -> bool:
        """Deliver the next records. Returns whether there were any."""
        some = self.rows[self._next : self._next + most]
        self._next += len(some)
        if some:
            await self._handle(some)
        return bool(some)

    async def deliver_again(self, chosen: random.Random) -> None:
        """Deliver some records again that were delivered before, in any order."""
        some = chosen.choices(self.rows[: self._next], k=3) if self._next else []
        if some:
            await self._handle(some)


class World:
    """The real tables of orders and of inventory, a store, and the topics between them."""

    def __init__(self, orders: httpx.AsyncClient, database: Database, inventory: Inventory, seed: int) -> None:
        self.orders, self.inventory, self.shop = orders, inventory, Shop()
        self.random = random.Random(seed)
        self.placed: list[str] = []
        self._database = database
        self._of_orders = Log(self._arrive)
        self._wishes = Log(self._hear)
        self._sourcings = Log(self._apply)
        self._logs = [
            self._of_orders,
            self._wishes,
            self._sourcings,
            Log(self._restock, self.shop.stock_log),
            Log(self._answer, self.shop.answer_log),
        ]
        for sku in SKUS:
            self.shop.put(sku, 6)

    async def step(self) -> None:
        """Somebody does something, or some records arrive."""
        actions = [self._place, self._cancel, self._change, self._ship, self._sell, *[self._deliver] * 8]
        await self.random.choice(actions)()
        await self._capture()

    async def drain(self) -> None:
        """Deliver all records, and those that follow from them."""
        while any([await log.deliver(50) for log in self._logs]):
            await self._capture()

    async def statuses(self) -> dict[str, str]:
        """The status of each order."""
        return {str(row.order_id): row.status for row in await self._rows(OrderRow, "order")}

    async def units(self, statuses: dict[str, str], status: str) -> Counter[str]:
        """The units of the current lines of all orders in a status, by SKU."""
        units: Counter[str] = Counter()
        versions = {str(row.order_id): row.lines_version for row in await self._rows(OrderRow, "order")}
        for line in await self._rows(OrderDetailRow, "order_detail"):
            order_id = str(line.order_id)
            if statuses[order_id] == status and versions[order_id] == line.lines_version:
                units[line.sku] += line.quantity
        return units

    async def _place(self) -> None:
        lines = [self._line() for _ in range(self.random.randint(1, 2))]
        self.placed.append((await placed(self.orders, *lines))["id"])

    async def _cancel(self) -> None:
        await self._command("cancel")

    async def _ship(self) -> None:
        await self._command("ship")

    async def _change(self) -> None:
        if self.placed:
            lines = [{**self._line(), "deliveryAddressId": str(HOME)}]
            path = f"/orders/{self.random.choice(self.placed)}/lines"
            await self.orders.patch(path, json={"lines": lines}, headers={"If-Match": "*"})

    async def _command(self, name: str) -> None:
        if self.placed:
            await self.orders.post(f"/orders/{self.random.choice(self.placed)}/{name}")

    async def _sell(self) -> None:
        self.shop.put(self.random.choice(SKUS), self.random.choice([-1, -1, 1]))

    async def _deliver(self) -> None:
        log = self.random.choice(self._logs)
        if self.random.random() < 0.3:
            await log.deliver_again(self.random)
        else:
            await log.deliver(self.random.randint(1, 4))

    def _line(self) -> dict[str, Any]:
        return {"sku": self.random.choice(SKUS), "quantity": self.random.randint(1, 3)}

    async def _capture(self) -> None:
        self._of_orders.note("order_id", await self._rows(OrderRow, "order"))
        self._of_orders.note("order_detail_id", await self._rows(OrderDetailRow, "order_detail"))
        wishes: list[ReservationRow] = await self.inventory.rows(ReservationRow, "reservation")
        wishes.sort(key=lambda row: row.wanted != "release")
        self._wishes.note("reservation_id", wishes)
        self._sourcings.note("order_id", await self.inventory.rows(SourcingRow, "sourcing"))

    async def _rows(self, row: type[Any], table: str) -> list[Any]:
        if not self.placed:
            return []
        sql = f"SELECT * FROM `{table}` WHERE order_id IN ({placeholders(self.placed)}) ORDER BY 1"
        async with self._database.reading() as connection:
            return [read_row(row, each) for each in await connection.fetch_all(sql, self.placed)]

    async def _arrive(self, rows: Sequence[Any]) -> None:
        await self.inventory.order(*rows)

    async def _hear(self, rows: Sequence[ReservationRow]) -> None:
        self.shop.hear(*rows)

    async def _apply(self, rows: Sequence[SourcingRow]) -> None:
        newest = {row.order_id: row for row in sorted(rows, key=lambda row: row.version)}
        await applying.apply(self._database, sorted(newest.values(), key=lambda row: row.order_id))

    async def _restock(self, rows: Sequence[Any]) -> None:
        await self.inventory.stock(*rows)

    async def _answer(self, rows: Sequence[Any]) -> None:
        await self.inventory.answer(*rows)


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, which promises the last unit."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened


@pytest.mark.parametrize("seed", range(4))
async def test_each_order_is_decided_once_and_its_units_are_there(
    orders: httpx.AsyncClient, own_database: Database, inventory: Inventory, seed: int
) -> None:
    world = World(orders, own_database, inventory, seed)
    await world.drain()

    for _ in range(STEPS):
        await world.step()
    await world.drain()

    statuses = await world.statuses()
    assert "placed" not in statuses.values()
    committed = Counter({sku: row.committed for sku, row in world.shop.stocks.items() if row.committed})
    assert committed == await world.units(statuses, "confirmed")
    await check_sums(inventory)
    for order_id in world.placed:
        history = (await orders.get(f"/orders/{order_id}/history")).json()["items"]
        assert sum(each["command"] in ("confirm", "reject") for each in history) <= 1
        assert {each["caller"] for each in history if each["command"] in ("confirm", "reject")} <= {"inventory"}
