"""Orders that wait for units: the oldest gets them first, partly if there are too few, and nobody overtakes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.sourcing import read_lines
from contracts.orders import OrderRow, OrderStatus
from inventory.decisions.rules import StockKey
from inventory.decisions.sourcing_policy import SourcingPolicy, Split
from inventory.levels import Levels
from inventory.orders.queue import Turn
from inventory.reservations import key_of
from tests.support.shop.rows import NOON
from tests.support.stock.sourcing import Shop, an_order, changed, check_sums, lines_of
from tests.support.stock.sourcing_in_memory import InventoryInMemory

SKUS = ("A", "B")
STORES = ("seattle", "lima")
UNITS = st.integers(1, 4)
LINES = st.lists(st.tuples(st.sampled_from(SKUS), UNITS), min_size=1, max_size=3)
PLACE = st.tuples(st.just("place"), LINES, st.integers(0, 3))
RECEIVE = st.tuples(st.just("receive"), st.sampled_from(STORES), st.sampled_from(SKUS), UNITS)
CANCEL = st.tuples(st.just("cancel"), st.integers(0, 9))
EDIT = st.tuples(st.just("edit"), st.integers(0, 9), LINES)
SELL = st.tuples(st.just("sell"), st.sampled_from(STORES), st.sampled_from(SKUS), UNITS)
HOLD = st.tuples(st.just("hold"), st.sampled_from(SKUS), UNITS)
PASS = st.tuples(st.just("pass"), st.integers(1, 700))
COUNT = st.tuples(st.just("count"), st.sampled_from(STORES), st.sampled_from(SKUS))
EXCHANGE = st.tuples(st.just("exchange"))
HAPPENINGS = st.lists(st.one_of(PLACE, PLACE, RECEIVE, CANCEL, EDIT, SELL, HOLD, PASS, EXCHANGE, COUNT), max_size=25)


class Waiting:
    """Inventory with two stores, and orders that may wait."""

    def __init__(self, most: float = float("inf"), split: Split = Split.UNITS) -> None:
        self.inventory, self.shops = InventoryInMemory(), {name: Shop(name) for name in STORES}
        self.inventory.most_backordered = dict.fromkeys(SKUS, most)
        self.inventory.policy = SourcingPolicy(split=split)
        self.orders: dict[UUID, OrderRow] = {}

    async def happen(self, what: str, *values: Any) -> None:
        await getattr(self, what)(*values)

    async def place(self, lines: list[tuple[str, int]], minutes: int) -> None:
        order, its = an_order(*lines, placed_at=NOON - timedelta(minutes=minutes))
        self.orders[order.order_id] = order
        await self.inventory.order(order, *its)

    async def edit(self, number: int, lines: list[tuple[str, int]]) -> None:
        if order := self._any(number):
            edited = changed(order, lines_version=order.lines_version + 1, line_count=len(lines))
            self.orders[order.order_id] = edited
            await self.inventory.order(edited, *lines_of(edited, *lines))

    async def cancel(self, number: int) -> None:
        if order := self._any(number):
            self.orders[order.order_id] = changed(order, status=OrderStatus.CANCELLED)
            await self.inventory.order(self.orders[order.order_id])

    async def receive(self, store_id: str, sku: str, units: int) -> None:
        """Units that come go to the orders that are short at once, if the store is not giving other units back."""
        self.shops[store_id].put(sku, units)
        await self._tell_stock(self.shops[store_id])
        key, rows = StockKey(store_id, sku), self.inventory.reservations_by_id.values()
        leaving = {row.order_id for row in rows if key_of(row) == key and row.wanted == "release"}
        if self.inventory.policy.split is Split.UNITS and self.shorts(sku) - leaving:
            assert Levels(self.inventory.levels.values()).free([sku])[sku][store_id] <= 0, "units are left"

    async def sell(self, store_id: str, sku: str, units: int) -> None:
        if self.shops[store_id].put(sku, -units):
            await self._tell_stock(self.shops[store_id])

    async def count(self, store_id: str, sku: str) -> None:
        """The store finds that it does not have the units of its newest allocation."""
        if self.shops[store_id].fall_short(sku):
            await self._tell_stock(self.shops[store_id])

    async def hold(self, sku: str, units: int) -> None:
        """A cart of the first store, if it may have the units."""
        level = self.inventory.levels.get(StockKey(STORES[0], sku))
        if level and level.available_to_promise >= units:
            assert sku not in {row.sku for rows in self.inventory.backordered.values() for row in rows}
            await self.inventory.hold(600, **{sku: units})

    async def pass_(self, seconds: int) -> None:
        self.inventory.clock.advance(seconds)
        await self.inventory.sweep()

    async def exchange(self) -> None:
        """Stores read what is wanted of them, and their answers arrive."""
        wishes = sorted(self.inventory.reservations_by_id.values(), key=lambda row: row.wanted != "release")
        for shop in self.shops.values():
            shop.hear(*(row for row in wishes if row.order_id))
            answers, shop.answer_log = shop.answer_log, []
            await self.inventory.answer(*answers)

    def given(self) -> dict[tuple[UUID, str], int]:
        """The units that each order has, by SKU."""
        found: dict[tuple[UUID, str], int] = {}
        for row in self.inventory.reservations_by_id.values():
            if row.order_id and row.state in ("asked", "committed") and row.wanted == "commit":
                found[row.order_id, row.sku] = found.get((row.order_id, row.sku), 0) + row.quantity
        return found

    def turns(self, sku: str) -> set[Turn]:
        """The orders that wait for a SKU, those that are short first."""
        return {row.turn for rows in self.inventory.backordered.values() for row in rows if row.sku == sku}

    def shorts(self, sku: str) -> set[UUID]:
        """The orders that are short of a SKU."""
        return {order_id for is_unpromised, _, order_id in self.turns(sku) if not is_unpromised}

    def promised(self) -> set[UUID]:
        """The orders that were promised all units of their current lines."""
        return {
            order_id
            for order_id, each in self.inventory.sourcings.items()
            if each.status in ("committed", "short") and each.lines_version == self.orders[order_id].lines_version
        }

    async def check(self, before: dict[tuple[UUID, str], int], promised: set[UUID], *, is_split: bool = True) -> None:
        await check_sums(self.inventory)
        for order_id, sourcing in self.inventory.sourcings.items():
            if self.orders[order_id].status != OrderStatus.CANCELLED and sourcing.status != "refused":
                for line in read_lines(sourcing.lines):
                    assert sum(part.quantity for part in line.parts) + line.backordered == line.quantity
                    assert sourcing.status in ("backordered", "short") or not line.backordered
        for (order_id, sku), units in self.given().items():
            if units > before.get((order_id, sku), 0) and order_id not in promised:
                turn = True, self.orders[order_id].placed_at, order_id
                others = {each for each in self.turns(sku) if each[-1] != order_id}
                assert not [older for older in others if older < turn], "overtaken"
        levels: list[AvailabilityRow] = [*self.inventory.levels.values()]
        free = Levels(levels).free(SKUS)
        for sku in SKUS:
            assert {row.has_backorders for row in levels if row.sku == sku} <= {bool(self.turns(sku))}
            if is_split and any(is_unpromised for is_unpromised, *_ in self.turns(sku)) and not self.shorts(sku):
                assert max(free[sku].values(), default=0) <= 0, "units are left while an order waits"

    async def _tell_stock(self, shop: Shop) -> None:
        rows, shop.stock_log = shop.stock_log, []
        await self.inventory.stock(*rows)

    def _any(self, number: int) -> OrderRow | None:
        open_orders = [each for each in self.orders.values() if each.status == OrderStatus.PLACED]
        return open_orders[number % len(open_orders)] if open_orders else None


def play(waiting: Waiting, happenings: list[tuple[Any, ...]], *, is_split: bool = True) -> None:
    async def run() -> None:
        for what, *values in happenings:
            before, promised = waiting.given(), waiting.promised()
            await waiting.happen("pass_" if what == "pass" else what, *values)
            await waiting.check(before, promised, is_split=is_split)

    asyncio.run(run())


@settings(max_examples=200)
@given(HAPPENINGS)
def test_nobody_overtakes_and_no_unit_is_left_while_an_order_waits(happenings: list[tuple[Any, ...]]) -> None:
    play(Waiting(), happenings)


@settings(max_examples=100)
@given(HAPPENINGS, st.sampled_from([Split.LINES, Split.NEVER]))
@example([("receive", "seattle", "A", 1), ("place", [("A", 3)], 3), ("place", [("A", 1)], 0)], Split.LINES)
def test_nobody_overtakes_lines_that_are_not_split(happenings: list[tuple[Any, ...]], split: Split) -> None:
    play(Waiting(split=split), happenings, is_split=False)


@given(st.lists(st.one_of(PLACE, CANCEL), max_size=15), st.integers(1, 6))
def test_orders_wait_for_no_more_units_than_the_limit(happenings: list[tuple[Any, ...]], most: int) -> None:
    waiting = Waiting(most)

    play(waiting, happenings)

    rows = [row for rows in waiting.inventory.backordered.values() for row in rows]
    assert all(sum(row.quantity for row in rows if row.sku == sku) <= most for sku in SKUS)


@given(st.lists(st.tuples(UNITS, st.integers(0, 2)), min_size=1, max_size=6), st.integers(0, 20))
def test_the_queue_is_filled_from_its_head_by_time_and_id(orders: list[tuple[int, int]], units: int) -> None:
    waiting = Waiting()
    play(waiting, [("place", [("A", wanted)], minutes) for wanted, minutes in orders])

    if units:
        play(waiting, [("receive", "seattle", "A", units)])

    left, given_units = units, waiting.given()
    lines = {row.order_id: row for row in waiting.inventory._lines.values()}
    for order in sorted(waiting.orders.values(), key=lambda each: (each.placed_at, each.order_id)):
        wanted = lines[order.order_id].quantity
        assert given_units.get((order.order_id, "A"), 0) == min(wanted, left)
        left -= min(wanted, left)
