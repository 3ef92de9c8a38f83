"""Random histories of orders that leave in parts: shipments go their ways while stores, tills and cancellations do."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from msgspec.structs import replace

from contracts.inventory.reservations import ReservationRow
from contracts.inventory.sourcing import read_lines
from contracts.orders import OrderRow, OrderStatus
from contracts.shipping import LEFT, ShipmentRow, ShipmentStatus, ShippedLine, read_shipped_lines, write_parts
from inventory.reservations import left_units
from orders.fulfilment.rules import Shipment, reached, steps
from orders.statuses.life_cycle import after
from tests.support.shop.shipment_rows import (
    CANCELLED,
    DELIVERED,
    DISPATCHED,
    FAILED,
    PACKED,
    PLANNED,
    RECALLED,
    RETURNED,
    a_shipment,
)
from tests.support.stock.histories import History, Log
from tests.support.stock.sourcing import STORE, changed
from tests.support.stock.sourcing_in_memory import InventoryInMemory

NEXT: dict[str, tuple[ShipmentStatus, ...]] = {
    PLANNED: (PACKED, PACKED, PACKED, CANCELLED),
    PACKED: (DISPATCHED, DISPATCHED, DISPATCHED, CANCELLED),
    DISPATCHED: (DELIVERED, FAILED, FAILED, RECALLED),
    FAILED: (DISPATCHED, RETURNED),
    RECALLED: (RETURNED,),
}


class HistoryOfShipments(History):
    """One history of one store. Its orders leave by shipments alone."""

    def __init__(self, seed: int, *, sells_at_till: bool) -> None:
        inventory = InventoryInMemory()
        super().__init__(inventory, inventory, seed, sells_at_till=sells_at_till)
        self.memory = inventory
        self.shipments: dict[UUID, ShipmentRow] = {}
        self._planned: set[UUID] = set()
        self._shipment_rows: list[ShipmentRow] = []
        self._of_shipments = Log(self._shipment_rows)
        self._received = sum(stock.on_hand for stock in self.shop.stocks.values())

    async def step(self) -> None:
        await super().step()
        for happening in (self.confirm, self.plan, self.send, self.send, self.hear_shipments, self.deliver, self.book):
            if self._chance.random() < 0.5:
                await happening()
        await self._note_wishes()

    async def move(self) -> None:
        """An order follows its sourcing, or is cancelled, as long as its service allows it."""
        order = self._any(OrderStatus.PLACED, OrderStatus.CONFIRMED)
        if order and (order.status == OrderStatus.PLACED or self._chance.random() < 0.2):
            await super().move()

    def _publish(self, order: OrderRow, lines: Any) -> None:
        known = self.orders.get(order.order_id)
        if order.status == OrderStatus.SHIPPED and known and known.status == OrderStatus.CONFIRMED:
            return  # not by hand
        super()._publish(order, lines)

    async def confirm(self) -> None:
        """All orders that have their units are confirmed."""
        for order in [*self.orders.values()]:
            sourcing = await self.inventory.sourcing(order)
            is_sourced = sourcing and (sourcing.status, sourcing.lines_version) == ("committed", order.lines_version)
            if is_sourced and order.status == OrderStatus.PLACED:
                super()._publish(changed(order, status=OrderStatus.CONFIRMED), [])

    async def plan(self) -> None:
        """Shipments of an order that is confirmed, for the units of its sourcing, in one or two parts."""
        waiting = [each for each in self.orders.values() if each.status == OrderStatus.CONFIRMED]
        order = next((each for each in waiting if each.order_id not in self._planned), None)
        sourcing = await self.inventory.sourcing(order) if order else None
        if order is None or sourcing is None or sourcing.status != "committed":
            return
        self._planned.add(order.order_id)
        parts: tuple[list[ShippedLine], list[ShippedLine]] = ([], [])
        for number, line in enumerate(read_lines(sourcing.lines), 1):
            first = self._chance.randint(0, line.quantity)
            for some, quantity in zip(parts, (first, line.quantity - first), strict=True):
                part = ShippedLine(
                    sku=line.sku, quantity=quantity, line_number=number, order_line_id=line.order_line_id
                )
                some += [part] if quantity else []
        for some in filter(None, parts):
            self._say(a_shipment(order.order_id, {}, location=STORE, lines=write_parts(some), shipment_id=uuid4()))

    async def send(self) -> None:
        """A shipment goes on; its order follows, unless it is cancelled."""
        going = [row for row in self.shipments.values() if row.status in NEXT]
        if going:
            row = self._chance.choice(going)
            status = self._chance.choice(NEXT[row.status])
            self._say(replace(row, status=status, version=row.version + 1))

    async def hear_shipments(self) -> None:
        await self.memory.shipment(*self._of_shipments.read(self._chance))

    async def book(self) -> None:
        self.shop.book(*self.memory.inbounds.values())

    async def till(self) -> None:
        before = sum(stock.on_hand for stock in self.shop.stocks.values())
        await super().till()
        self._received += sum(stock.on_hand for stock in self.shop.stocks.values()) - before

    async def end(self) -> None:
        self._of_shipments.position = 0
        while not self._of_shipments.is_read:
            await self.memory.shipment(*self._of_shipments.read_on(3))
            await self._note_wishes()
        await super().end()
        await self.book()
        await super().end()

    async def check_end(self) -> None:
        await super().check_end()
        rows = [*self.memory.reservations_by_id.values()]
        for row in rows:
            answer = self.shop.allocations.get(row.reservation_id)
            assert answer is None or (answer.shipped, answer.quantity) == (row.shipped, row.quantity)
        gone = sum(left_units(row) for row in rows)
        back = sum(row.added for row in self.shop.receipt_log)
        assert sum(stock.on_hand for stock in self.shop.stocks.values()) == self._received - gone + back
        for order in self.orders.values():
            self._check_left(order, [row for row in rows if row.order_id == order.order_id])

    def _check_left(self, order: OrderRow, rows: list[ReservationRow]) -> None:
        """What left the ledger is what shipments took: no more, and no fewer unless the store had no free unit."""
        taken = sum(_units(row) for row in self._of(order) if row.status in LEFT)
        left = sum(map(left_units, rows))
        is_kept = order.status != OrderStatus.CANCELLED and "short" not in {row.state for row in rows}
        assert left == taken if is_kept else left <= taken, (order.status, taken, rows)

    def _say(self, row: ShipmentRow) -> None:
        self.shipments[row.shipment_id] = row
        self._shipment_rows.append(row)
        order = self.orders[row.order_id]
        known = [Shipment(each.status, _of_lines(each)) for each in self._of(order)]
        ordered = {line.order_detail_id: line.quantity for line in self.memory.lines_of(order)}
        for command in steps(order.status, reached(ordered, known)) or ():
            order = changed(order, status=after(order.status, command))
            super()._publish(order, [])

    def _of(self, order: OrderRow) -> list[ShipmentRow]:
        return [row for row in self.shipments.values() if row.order_id == order.order_id]


def _units(row: ShipmentRow) -> int:
    return sum(line.quantity for line in read_shipped_lines(row.lines))


def _of_lines(row: ShipmentRow) -> dict[UUID, int]:
    return {line.order_line_id: line.quantity for line in read_shipped_lines(row.lines)}
