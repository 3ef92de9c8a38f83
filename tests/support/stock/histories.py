"""Random histories of orders, tills and stores: records arrive late, twice and in any order between topics."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.reservations import ReservationRow
from contracts.inventory.sourcing import SourcingRow, read_lines
from contracts.orders import OrderDetailRow, OrderRow, OrderStatus
from contracts.rows import Row
from inventory.reservations import in_order, own_units
from tests.support.stock.sourcing import Inventory, Shop, an_order, changed, check_sums, lines_of
from tests.support.stock.sourcing_in_memory import InventoryInMemory

SKUS = ("A", "B/1")

AnyInventory = Inventory | InventoryInMemory


class Log:
    """A topic, and how far it has been read. A reader may go back."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows, self.position = rows, 0

    def read(self, chance: random.Random) -> list[Any]:
        """Some records from the position, or from an earlier one."""
        if self.position and chance.random() < 0.2:
            self.position = chance.randrange(self.position)
        return self.read_on(chance.randint(1, 4))

    def read_on(self, most: int) -> list[Any]:
        rows = self.rows[self.position : self.position + most]
        self.position += len(rows)
        return rows

    @property
    def is_read(self) -> bool:
        return self.position == len(self.rows)


class History:
    """One history. `step` lets anything happen, `end` lets all records arrive."""

    def __init__(self, inventory: AnyInventory, other: AnyInventory, seed: int, *, sells_at_till: bool) -> None:
        self.inventory, self._other, self._chance = inventory, other, random.Random(seed)
        self.shop = Shop()
        self.orders: dict[UUID, OrderRow] = {}
        self._sells_at_till = sells_at_till
        self._rows: list[Row] = []
        self._wishes: list[ReservationRow] = []
        self._versions: dict[UUID, int] = {}
        self._line_counts: dict[tuple[UUID, int], int] = {}
        self._of_orders, self._of_wishes = Log(self._rows), Log(self._wishes)
        self._of_stock, self._of_answers = Log(self.shop.stock_log), Log(self.shop.answer_log)
        for sku in SKUS:
            self.shop.put(sku, self._chance.randint(1, 8))

    async def step(self) -> None:
        """Something happens."""
        happenings = [self.place, self.edit, self.move, self.till, self.pass_time] + [self.deliver] * 5
        await self._chance.choice(happenings)()
        await self._note_wishes()

    async def end(self) -> None:
        """All records arrive, and arrive again; orders do what their sourcing says."""
        for log in (self._of_orders, self._of_wishes, self._of_stock, self._of_answers):
            log.position = 0
        while not all(log.is_read for log in (self._of_orders, self._of_wishes, self._of_stock, self._of_answers)):
            await self.inventory.order(*self._of_orders.read_on(100))
            await self._note_wishes()
            self.shop.hear(*self._of_wishes.read_on(100))
            await self.inventory.stock(*self._of_stock.read_on(100))
            await self.inventory.answer(*self._of_answers.read_on(100))
            await self.inventory.sweep()
            await self._note_wishes()

    async def place(self) -> None:
        lines = [(self._chance.choice(SKUS), self._chance.randint(1, 3)) for _ in range(self._chance.randint(1, 3))]
        changes = {}
        if self._chance.random() < 0.3 and (held := await self._held(lines)):
            changes["reservation_id"] = held
        order, its = an_order(*lines, **changes)
        self._publish(order, its)

    async def edit(self) -> None:
        order = self._any(OrderStatus.PLACED)
        if order:
            lines = [(self._chance.choice(SKUS), self._chance.randint(1, 3)) for _ in range(self._chance.randint(1, 2))]
            edited = changed(order, lines_version=order.lines_version + 1, line_count=len(lines))
            self._publish(edited, lines_of(edited, *lines))

    async def move(self) -> None:
        """An order is cancelled, or its service does what its sourcing says, or it is shipped."""
        order = self._any(OrderStatus.PLACED, OrderStatus.CONFIRMED)
        if order is None:
            return
        status, sourcing = order.status, await self.inventory.sourcing(order)
        if status == OrderStatus.PLACED and sourcing and sourcing.lines_version == order.lines_version:
            following = {"committed": "confirmed", "short": "confirmed", "refused": "rejected"}
            status = following.get(sourcing.status, status)
        elif status == OrderStatus.CONFIRMED:
            status = OrderStatus.SHIPPED
        if self._chance.random() < 0.3:
            status = OrderStatus.CANCELLED
        if status != order.status:
            self._publish(changed(order, status=status), [])

    async def till(self) -> None:
        sku = self._chance.choice(SKUS)
        if self._chance.random() < 0.3:
            self.shop.put(sku, self._chance.randint(1, 4))
        elif self._sells_at_till:
            self.shop.put(sku, -self._chance.randint(1, 2))
            if self._chance.random() < 0.1:
                self.shop.fall_short(sku)

    async def pass_time(self) -> None:
        self.inventory.clock.advance(self._chance.choice([1, 10, 31]))
        await self.inventory.sweep()

    async def deliver(self) -> None:
        """Records of one topic arrive, sometimes at two workers at once."""
        log = self._chance.choice([self._of_orders, self._of_wishes, self._of_stock, self._of_answers])
        rows = log.read(self._chance)
        if log is self._of_wishes:
            self.shop.hear(*rows)
            return
        workers = [self.inventory, self._other] if self._chance.random() < 0.1 else [self.inventory]
        await asyncio.gather(*(self._handle(worker, log, rows) for worker in workers))

    async def _handle(self, worker: AnyInventory, log: Log, rows: Sequence[Any]) -> None:
        if log is self._of_orders:
            await worker.order(*rows)
        elif log is self._of_stock:
            await worker.stock(*rows)
        else:
            await worker.answer(*rows)

    async def check(self) -> None:
        """What holds after each step: no unit is counted twice, and no line is promised fewer units than it wants."""
        await check_sums(self.inventory)
        for sourcing in await self.inventory.rows(SourcingRow, "sourcing"):
            lines = read_lines(sourcing.lines)
            states = {"committed": {"committed"}, "reserved": {"asked", "committed"}}.get(sourcing.status)
            if states and self.orders[sourcing.order_id].status != OrderStatus.SHIPPED:
                assert len(lines) == self._line_counts[sourcing.order_id, sourcing.lines_version]
                for line in lines:
                    assert sum(part.quantity for part in line.parts) == line.quantity
                    assert {part.state for part in line.parts} <= states | {"shipped"}

    async def check_end(self) -> None:
        """What holds when all records have arrived."""
        await self.check()
        for level in await self.inventory.rows(AvailabilityRow, "availability"):
            stock = self.shop.stocks[level.sku]
            assert (level.on_hand, level.committed) == (stock.on_hand, stock.committed), level
        states = {row.reservation_id: row for row in await self.inventory.rows(ReservationRow, "reservation")}
        for id_, allocation in self.shop.allocations.items():
            assert states[id_].state == allocation.state, (states[id_], allocation)
        assert not [row for row in states.values() if row.state == "asked"]
        for sourcing in await self.inventory.rows(SourcingRow, "sourcing"):
            order = self.orders[sourcing.order_id]
            if order.status in (OrderStatus.PLACED, OrderStatus.CONFIRMED):
                assert sourcing.lines_version == order.lines_version
                await self._check_units(order, sourcing)
        decided = {row.order_id for row in await self.inventory.rows(SourcingRow, "sourcing")}
        waiting = [order for order in self.orders.values() if order.status == OrderStatus.PLACED]
        assert {order.order_id for order in waiting} <= decided

    async def _check_units(self, order: OrderRow, sourcing: SourcingRow) -> None:
        """A committed order has all its units, a refused one none."""
        assert sourcing.status in ("committed", "refused", "short")
        given = sum(own_units(row) for row in await self.inventory.reservations(order) if row.state != "asked")
        wanted = sum(
            row.quantity
            for row in self._rows
            if isinstance(row, OrderDetailRow)
            and (row.order_id, row.lines_version) == (order.order_id, order.lines_version)
        )
        assert given == {"committed": wanted, "refused": 0}.get(sourcing.status, given)

    async def _held(self, lines: Sequence[tuple[str, int]]) -> UUID | None:
        """A hold of some of these units, if there are as many."""
        sku, units = lines[0]
        levels = {row.sku: row for row in await self.inventory.rows(AvailabilityRow, "availability")}
        if sku not in levels or levels[sku].available_to_promise < units:
            return None
        return await self.inventory.hold(self._chance.choice([5, 600]), **{sku: units})

    def _any(self, *statuses: OrderStatus) -> OrderRow | None:
        found = [order for order in self.orders.values() if order.status in statuses]
        return self._chance.choice(found) if found else None

    def _publish(self, order: OrderRow, lines: Sequence[OrderDetailRow]) -> None:
        self.orders[order.order_id] = order
        self._line_counts[order.order_id, order.lines_version] = order.line_count
        self._rows += self._chance.sample([order, *lines], 1 + len(lines))

    async def _note_wishes(self) -> None:
        """What Kafka Connect reads of the reservations."""
        rows: list[ReservationRow] = await self.inventory.rows(ReservationRow, "reservation")
        new = [row for row in rows if self._versions.get(row.reservation_id) != row.version]
        self._wishes += in_order(map(msgspec.structs.replace, new))
        self._versions |= {row.reservation_id: row.version for row in new}
