"""A picker misses units while their shipment leaves: whatever is known first, the store that sent them books them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

import pytest
from msgspec.structs import replace

from contracts.inventory.reservations import ReservationRow
from contracts.orders import OrderRow, OrderStatus
from contracts.shipping import ShipmentRow, ShippedLine, write_parts
from inventory.reservations import own_units
from tests.support.shop.shipment_rows import DELIVERED, DISPATCHED, FAILED, PLANNED, RETURNED, a_shipment
from tests.support.stock.sourcing import Shop, an_order, changed
from tests.support.stock.sourcing_in_memory import InventoryInMemory

SENDER, OTHER, UNITS, MISSED = "atlanta", "boston", 3, 1
ON_HAND = {SENDER: 10, OTHER: 5}

SHORT, SHIPPED, LEFT, ENDED, EXCHANGE = "short", "order shipped", "shipment left", "shipment ended", "stores answer"
LOGS = ((SHORT,), (LEFT, ENDED), (SHIPPED,), (EXCHANGE, EXCHANGE, EXCHANGE))
"""What arrives: those of one log in their order."""


class Story:
    """An order of three units that SENDER committed, whose picker misses one while the shipment leaves."""

    def __init__(self, *, is_planned_known: bool, end: str, missed_first: bool) -> None:
        self.inventory = InventoryInMemory()
        self.shops = {store_id: Shop(store_id) for store_id in ON_HAND}
        self.missed = 0
        self._is_planned_known, self._end, self._missed_first = is_planned_known, end, missed_first

    async def begin(self) -> None:
        for store_id, units in ON_HAND.items():
            self.shops[store_id].put("A", units)
            await self.inventory.stock(*self.shops[store_id].stock_log)
        self.order, [self._line] = an_order(("A", UNITS))
        await self.inventory.order(self.order, self._line)
        await self.exchange()
        self.order = changed(self.order, status=OrderStatus.CONFIRMED)
        await self.inventory.order(self.order)
        if self._is_planned_known:
            await self.inventory.shipment(self._shipment(PLANNED, 1))
        if self._missed_first:
            await self.miss()
            await self.exchange()

    async def step(self, what: str) -> None:
        match what:
            case "short":
                await self.miss()
            case "order shipped":
                self.order = changed(self.order, status=OrderStatus.SHIPPED)
                await self.inventory.order(self.order)
            case "shipment left":
                await self.inventory.shipment(self._shipment(DISPATCHED, 2))
            case "shipment ended":
                await self.inventory.shipment(self._shipment(self._end, 4))
            case _:
                await self.exchange()

    async def miss(self) -> None:
        """Possible unless the store has booked the units out."""
        if self.shops[SENDER].miss("A", MISSED):
            self.missed = MISSED

    async def exchange(self) -> None:
        for shop in self.shops.values():
            shop.hear(*self.inventory.reservations_by_id.values())
            shop.book(*(row for row in self.inventory.inbounds.values() if row.store_id == shop.store_id))
            await self.inventory.stock(*shop.stock_log)
            await self.inventory.answer(*shop.answer_log)

    def on_hand(self) -> dict[str, int]:
        return {store_id: shop.stocks["A"].on_hand for store_id, shop in self.shops.items()}

    def committed(self) -> int:
        return sum(shop.stocks["A"].committed for shop in self.shops.values())

    def _shipment(self, status: str, version: int) -> ShipmentRow:
        line = ShippedLine(sku="A", quantity=UNITS, line_number=1, order_line_id=self._line.order_detail_id)
        row = a_shipment(self.order.order_id, {}, location=SENDER, lines=write_parts([line]), status=status)
        return replace(row, shipment_id=self.order.order_id, version=version)


def interleavings(logs: Iterable[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """All orders in which the entries of logs arrive."""
    names = [name for name, log in enumerate(logs) for _ in log]
    for names_in_turn in sorted({*permutations(names)}):
        left = [iter(log) for log in LOGS]
        yield tuple(next(left[name]) for name in names_in_turn)


@pytest.mark.parametrize("end", [DELIVERED, RETURNED, FAILED])
@pytest.mark.parametrize("is_planned_known", [True, False])
@pytest.mark.parametrize("missed_first", [True, False])
async def test_the_store_named_by_the_shipment_books_the_units(
    end: str, is_planned_known: bool, missed_first: bool
) -> None:
    for arrival in interleavings(LOGS):
        story = Story(end=end, is_planned_known=is_planned_known, missed_first=missed_first)
        await story.begin()
        for what in arrival:
            await story.step(what)
        for _ in range(3):
            await story.exchange()

        gone = 0 if end == RETURNED else UNITS
        assert story.on_hand() == {**ON_HAND, SENDER: 10 - story.missed - gone}, arrival
        assert story.committed() == 0, arrival
        assert await _sourced(story.inventory, story.order) == "shipped", arrival
        if is_planned_known:  # then nobody else books anything, not even for a while
            assert {row.store_id for row in story.inventory.inbounds.values()} <= {SENDER}, arrival
        assert _own_units(story.inventory.reservations_by_id.values()) == UNITS, arrival


async def test_nobody_keeps_units_for_an_order_that_has_got_them() -> None:
    story = Story(end=DELIVERED, is_planned_known=True, missed_first=True)
    await story.begin()
    asked = story.committed()
    await story.step(LEFT)
    await story.exchange()

    assert (asked, story.committed()) == (UNITS, 0)
    assert await _sourced(story.inventory, story.order) == "committed"


async def _sourced(inventory: InventoryInMemory, order: OrderRow) -> str | None:
    sourcing = await inventory.sourcing(order)
    return sourcing.status if sourcing else None


def _own_units(rows: Iterable[ReservationRow]) -> int:
    return sum(map(own_units, rows))
