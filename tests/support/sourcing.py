"""The database of inventory without its processes: rows go in by the real handlers, and what they lead to is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from chassis.chunks.batch import Batch
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.rest import idempotency
from contracts.inventory import AvailabilityRow, ReservationRow, ReservationState, SourcingRow, Wanted
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderRow
from contracts.rows import Row
from contracts.stores import ALLOCATION, STOCK, AllocationRow, StockRow, stock_id
from inventory import settings
from inventory.answers.stock import process_answers, take_over_stock
from inventory.orders.arriving import decide_orders
from inventory.orders.terms import begin_sourcing
from inventory.stored_rows import read_row
from tests.support import rows as order_rows
from tests.support.rows import NOON, a_batch

TABLES = (
    "availability", "reservation", "hold", "sourcing", "replica_order", "replica_order_line", "store", "stock_policy",
    "sourcing_start",
)  # fmt: skip

STORE = "seattle"


class Clock:
    """The time, which a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


class Inventory:
    """The tables of inventory, and its handlers."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, Clock()
        self._orders = decide_orders(database, self.clock)
        self._stock = take_over_stock(database, self.clock)
        self._answers = process_answers(database, self.clock)

    async def order(self, *rows: OrderRow | OrderDetailRow) -> None:
        """A chunk of orders and lines."""
        await self._orders(chunk(rows))

    async def stock(self, *rows: StockRow) -> None:
        """A chunk of stock."""
        await self._stock(a_batch(STOCK, rows))

    async def answer(self, *rows: AllocationRow) -> None:
        """A chunk of answers."""
        await self._answers(a_batch(ALLOCATION, rows))

    async def available(self, sku: str, store_id: str = STORE) -> AvailabilityRow:
        """The availability of a SKU in a store."""
        rows: list[AvailabilityRow]
        rows = await self.rows(AvailabilityRow, "availability", "stock_id = %s", stock_id(store_id, sku))
        return rows[0]

    async def sourcing(self, order: OrderRow) -> SourcingRow | None:
        """The sourcing of an order."""
        rows = await self.rows(SourcingRow, "sourcing", "order_id = %s", str(order.order_id))
        return rows[0] if rows else None

    async def status(self, order: OrderRow) -> str | None:
        """The status of an order's sourcing."""
        row = await self.sourcing(order)
        return row.status if row else None

    async def reservations(self, order: OrderRow) -> list[ReservationRow]:
        """The reservations of an order."""
        return await self.rows(ReservationRow, "reservation", "order_id = %s", str(order.order_id))

    async def rows(self, row: type[Any], table: str, where: str = "TRUE", *values: object) -> list[Any]:
        """The rows of a table."""
        async with self.database.reading() as connection:
            found = await connection.fetch_all(f"SELECT * FROM {table} WHERE {where} ORDER BY 1", values)
        return [read_row(row, each) for each in found]

    async def hold(self, expires_in_s: float = 600, **units: int) -> UUID:
        """A hold of units of SKUs, as `POST /reservations` makes it. Counts them as reserved."""
        hold_id, until = uuid4(), self.clock() + timedelta(seconds=expires_in_s)
        async with self.database.transaction() as tx:
            await tx.execute(
                "INSERT INTO hold VALUES (%s, NULL, 'held', '{}', %s, NULL, %s, %s, 1)",
                (str(hold_id), until, self.clock(), self.clock()),
            )
            for sku, quantity in units.items():
                key = stock_id(STORE, sku)
                await tx.execute(
                    "INSERT INTO reservation (reservation_id, hold_id, stock_id, store_id, sku, quantity, attempt,"
                    " wanted, state, expires_at, version) VALUES (%s, %s, %s, %s, %s, %s, 1, 'hold', 'held', %s, 1)",
                    (str(uuid4()), str(hold_id), key, STORE, sku, quantity, until),
                )
                await tx.execute(
                    "UPDATE availability SET reserved = reserved + %s, version = version + 1 WHERE stock_id = %s",
                    (quantity, key),
                )
        return hold_id


@asynccontextmanager
async def empty_inventory() -> AsyncIterator[Inventory]:
    """The tables without a row, but for the start of sourcing, an hour before noon."""
    database = settings.database()
    try:
        await migrate_mysql(database, idempotency.MIGRATIONS, settings.MIGRATIONS)
        async with database.reading() as connection:
            for table in TABLES:
                await connection.execute(f"DELETE FROM {table}")
        await begin_sourcing(database, NOON - timedelta(hours=1))
        yield Inventory(database)
    finally:
        await database.close()


def chunk(rows: Sequence[Row]) -> Batch:
    """Orders and lines as one chunk of both topics."""
    orders = [row for row in rows if isinstance(row, OrderRow)]
    lines = [row for row in rows if isinstance(row, OrderDetailRow)]
    return replace(a_batch(ORDER, orders), beside=a_batch(ORDER_DETAIL, lines))


def an_order(*lines: tuple[str, int], **changes: Any) -> tuple[OrderRow, list[OrderDetailRow]]:
    """An order of these SKUs and quantities, and its lines."""
    order = order_rows.an_order(line_count=len(lines), **changes)
    return order, lines_of(order, *lines)


def lines_of(order: OrderRow, *lines: tuple[str, int]) -> list[OrderDetailRow]:
    """New lines of an order's current version."""
    return [
        order_rows.a_line(order, number, sku=sku, quantity=quantity) for number, (sku, quantity) in enumerate(lines, 1)
    ]


def changed(order: OrderRow, **changes: Any) -> OrderRow:
    """The next version of an order."""
    return msgspec.structs.replace(order, version=order.version + 1, **changes)


def a_stock(sku: str, on_hand: int, version: int = 1, **changes: Any) -> StockRow:
    """The units of a SKU in the store."""
    values: dict[str, Any] = {
        "stock_id": stock_id(STORE, sku),
        "store_id": STORE,
        "sku": sku,
        "on_hand": on_hand,
        "unsellable": 0,
        "committed": 0,
        "movements": version,
        "updated_at": NOON,
        "version": version,
    }
    return StockRow(**values | changes)


class Shop:
    """A store without a database: answers reservations as a store does, and keeps what it says in the order it did.

    It refuses what its stock does not allow, and its rows never break the rule that a store's stock has.
    """

    def __init__(self, store_id: str = STORE) -> None:
        self.store_id = store_id
        self.shelves: dict[str, StockRow] = {}
        self.allocations: dict[UUID, AllocationRow] = {}
        self.stock_log: list[StockRow] = []
        self.answer_log: list[AllocationRow] = []

    def put(self, sku: str, units: int) -> bool:
        """Receive units, or sell them at the till if there are fewer than 0. Returns whether that was possible."""
        if sku not in self.shelves:
            empty = a_stock(sku, 0, version=0, stock_id=stock_id(self.store_id, sku), store_id=self.store_id)
            self.shelves[sku] = empty
        return self._change(sku, on_hand=units)

    def hear(self, wish: ReservationRow) -> None:
        """Process a reservation: commit, release or ship its units, unless a newer version was processed."""
        known = self.allocations.get(wish.reservation_id)
        if wish.wanted == Wanted.HOLD or (known and known.reservation_version >= wish.version):
            return
        state = known.state if known else None
        if wish.wanted == Wanted.COMMIT and state is None:
            state = "committed" if self._change(wish.sku, committed=wish.quantity) else "refused"
        elif wish.wanted == Wanted.RELEASE and state in (None, "committed"):
            if state == "committed":
                assert self._change(wish.sku, committed=-wish.quantity)
            state = "released"
        elif wish.wanted == Wanted.SHIP and state == "committed":
            assert self._change(wish.sku, on_hand=-wish.quantity, committed=-wish.quantity)
            state = "shipped"
        if known and state == known.state:
            self.allocations[wish.reservation_id] = msgspec.structs.replace(known, reservation_version=wish.version)
            return
        self._say(wish, wish.reservation_id, state or "refused", wish.version)

    def fall_short(self, sku: str) -> None:
        """Find that the newest committed units of a SKU are not there."""
        newest = [row for row in self.allocations.values() if row.sku == sku and row.state == "committed"][-1:]
        for row in newest:
            assert self._change(sku, on_hand=-row.quantity, committed=-row.quantity)
            self._say(row, row.allocation_id, "short", row.reservation_version)

    def _say(self, about: ReservationRow | AllocationRow, id_: UUID, state: str, reservation_version: int) -> None:
        shelf, known = self.shelves.get(about.sku), self.allocations.get(id_)
        answer = AllocationRow(
            allocation_id=id_,
            stock_id=about.stock_id,
            store_id=self.store_id,
            sku=about.sku,
            order_id=about.order_id,
            quantity=about.quantity,
            state=state,
            reservation_version=reservation_version,
            on_hand=shelf.on_hand if shelf else None,
            unsellable=shelf.unsellable if shelf else None,
            committed=shelf.committed if shelf else None,
            stock_version=shelf.version if shelf else None,
            answered_at=NOON,
            version=known.version + 1 if known else 1,
        )
        self.allocations[id_] = answer
        self.answer_log.append(answer)

    def _change(self, sku: str, on_hand: int = 0, committed: int = 0) -> bool:
        shelf = self.shelves.get(sku)
        if shelf is None:
            return False
        new = msgspec.structs.replace(
            shelf,
            on_hand=shelf.on_hand + on_hand,
            committed=shelf.committed + committed,
            version=shelf.version + 1,
            movements=shelf.movements + 1,
        )
        if not 0 <= new.committed <= new.on_hand - new.unsellable:
            return False
        self.shelves[sku] = new
        self.stock_log.append(new)
        return True


async def check_sums(inventory: Inventory) -> None:
    """Check that reserved units are those of the reservations that are held or asked for, and never less than 0."""
    reserved: dict[str, int] = {}
    for row in await inventory.rows(ReservationRow, "reservation"):
        if row.state in (ReservationState.HELD, ReservationState.ASKED):
            reserved[row.stock_id] = reserved.get(row.stock_id, 0) + row.quantity
    for level in await inventory.rows(AvailabilityRow, "availability"):
        assert level.reserved == reserved.pop(level.stock_id, 0), level
        assert level.on_hand >= level.committed + level.unsellable
    assert reserved == {}
