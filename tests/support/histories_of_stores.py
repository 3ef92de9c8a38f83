"""Random histories with several stores, of which some do not answer for long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.reservations import ReservationRow
from contracts.inventory.sourcing import SourcingRow
from contracts.orders import OrderStatus
from tests.support.stock.histories import SKUS, History, Log
from tests.support.stock.sourcing import STORE, Shop
from tests.support.stock.sourcing_in_memory import InventoryInMemory

STORES = (STORE, "lima", "berlin")

MOST_ROUNDS = 100
"""Records that lead to further ones for longer than that do so for ever."""


class HistoryOfStores(History):
    """One history in memory. `silent` stores read reservations at the end only."""

    def __init__(self, seed: int, *, sells_at_till: bool, has_silent: bool) -> None:
        inventory = InventoryInMemory()
        super().__init__(inventory, inventory, seed, sells_at_till=sells_at_till)
        self.shops = {STORE: self.shop} | {name: Shop(name) for name in STORES[1:]}
        for name in STORES[1:]:
            for sku in SKUS:
                self.shops[name].put(sku, self._chance.randint(1, 6))
        self._logs = {
            name: (Log(self._wishes), Log(shop.stock_log), Log(shop.answer_log)) for name, shop in self.shops.items()
        }
        self._silent = {name for name in STORES if has_silent and self._chance.random() < 0.4}

    async def till(self) -> None:
        self.shop = self._chance.choice([*self.shops.values()])
        await super().till()

    async def deliver(self) -> None:
        """Records of one topic arrive, from one store or at one."""
        name = self._chance.choice(STORES)
        wishes, stock, answers = self._logs[name]
        log = self._chance.choice([self._of_orders, wishes, stock, answers])
        if log is wishes and name in self._silent:
            return
        rows = log.read(self._chance)
        if log is wishes:
            self.shops[name].hear(*rows)
        else:
            await self._handle(self.inventory, log, rows)

    async def _handle(self, worker: Any, log: Log, rows: Sequence[Any]) -> None:
        if log is self._of_orders:
            await worker.order(*rows)
        elif any(log is stock for _, stock, _ in self._logs.values()):
            await worker.stock(*rows)
        else:
            await worker.answer(*rows)

    async def end(self) -> None:
        """All records arrive, and arrive again; stores that were silent answer, one round after the other."""
        logs = [self._of_orders, *(log for of_store in self._logs.values() for log in of_store)]
        for log in logs:
            log.position = 0
        for number in range(MOST_ROUNDS):
            if all(log.is_read for log in logs):
                return
            await self._all_arrive()
            self.inventory.clock.advance(31 if number % 3 == 2 else 0)
            await self.inventory.sweep()
            await self._note_wishes()
        raise AssertionError("records lead to further records for ever")

    async def _all_arrive(self) -> None:
        await self.inventory.order(*self._of_orders.read_on(100))
        await self._note_wishes()
        for name, (wishes, stock, answers) in self._logs.items():
            self.shops[name].hear(*wishes.read_on(100))
            await self.inventory.stock(*stock.read_on(100))
            await self.inventory.answer(*answers.read_on(100))

    async def check_end(self) -> None:
        """What holds when all records have arrived."""
        await self.check()
        for level in await self.inventory.rows(AvailabilityRow, "availability"):
            stock = self.shops[level.store_id].stocks[level.sku]
            assert (level.on_hand, level.committed) == (stock.on_hand, stock.committed), level
        rows: list[ReservationRow] = await self.inventory.rows(ReservationRow, "reservation")
        answers = {id_: each.state for shop in self.shops.values() for id_, each in shop.allocations.items()}
        states = {row.reservation_id: row.state for row in rows}
        assert states | answers == states
        assert not [row for row in rows if row.state == "asked" or (row.state, row.wanted) == ("committed", "release")]
        sourcings: list[SourcingRow] = await self.inventory.rows(SourcingRow, "sourcing")
        for sourcing in sourcings:
            order = self.orders[sourcing.order_id]
            if order.status in (OrderStatus.PLACED, OrderStatus.CONFIRMED):
                assert sourcing.lines_version == order.lines_version
                await self._check_units(order, sourcing)
            else:
                assert not [row for row in rows if row.order_id == order.order_id and row.state == "committed"]
        waiting = {order.order_id for order in self.orders.values() if order.status == OrderStatus.PLACED}
        assert waiting <= {sourcing.order_id for sourcing in sourcings}

    async def _held(self, lines: Sequence[tuple[str, int]]) -> UUID | None:
        """A hold of units of the first store, if there are as many."""
        sku, units = lines[0]
        levels: list[AvailabilityRow] = await self.inventory.rows(AvailabilityRow, "availability")
        if not any((row.store_id, row.sku) == (STORE, sku) and row.available_to_promise >= units for row in levels):
            return None
        return await self.inventory.hold(self._chance.choice([5, 600]), **{sku: units})
