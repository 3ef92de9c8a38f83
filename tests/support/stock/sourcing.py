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
from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.reservations import ReservationRow, ReservationState
from contracts.inventory.restocks import InboundRow
from contracts.inventory.sourcing import SourcingRow
from contracts.order_returns import ORDER_RETURN, OrderReturnRow
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderRow
from contracts.rows import Row, columns
from contracts.shipping import SHIPMENT, ShipmentRow
from contracts.stores import ALLOCATION, RECEIPT, STOCK, AllocationRow, Reason, ReceiptRow, StockRow, stock_id
from inventory import settings
from inventory.answers.receipts import close_requests
from inventory.answers.stock import process_answers, take_over_stock
from inventory.orders.arriving import decide_orders
from inventory.orders.departing import follow_shipments
from inventory.orders.returning import follow_returns
from inventory.orders.terms import begin_sourcing
from inventory.stored_rows import read_row
from inventory.sweeps import source_short, sweep
from stores.inbound.rules import Receipt, book
from stores.reservations.rules import answer
from stores.rules import Allocation, Refusal, Stock, give_up, move, short
from tests.support.shop import rows as order_rows
from tests.support.shop.rows import NOON, a_batch

TABLES = (
    "availability", "sku_availability", "reservation", "hold", "sourcing", "replica_order", "replica_order_line",
    "store", "stock_policy", "sourcing_start", "restock_request", "inbound", "backorder", "replica_shipment",
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
        self._shipments = follow_shipments(database, self.clock)
        self._returns = follow_returns(database, self.clock)
        self._stock = take_over_stock(database, self.clock)
        self._answers = process_answers(database, self.clock)
        self._receipts = close_requests(database, self.clock)

    async def order(self, *rows: OrderRow | OrderDetailRow) -> None:
        """A chunk of orders and lines."""
        await self._orders(chunk(rows))

    async def shipment(self, *rows: ShipmentRow) -> None:
        """A chunk of shipments."""
        await self._shipments(a_batch(SHIPMENT, rows))

    async def order_return(self, *rows: OrderReturnRow) -> None:
        """A chunk of returns."""
        await self._returns(a_batch(ORDER_RETURN, rows))

    async def stock(self, *rows: StockRow) -> None:
        """A chunk of stock."""
        await self._stock(a_batch(STOCK, rows))

    async def answer(self, *rows: AllocationRow) -> None:
        """A chunk of answers."""
        await self._answers(a_batch(ALLOCATION, rows))

    async def receipt(self, *rows: ReceiptRow) -> None:
        """A chunk of receipts."""
        await self._receipts(a_batch(RECEIPT, rows))

    async def sweep(self) -> None:
        """What is due now, and the orders that are short."""
        await sweep(self.database, self.clock)
        await source_short(self.database, self.clock)

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

    async def rows(self, row: type[Row], table: str, where: str = "TRUE", *values: object) -> list[Any]:
        """The rows of a table."""
        async with self.database.reading() as connection:
            found = await connection.fetch_all(f"SELECT * FROM {table} WHERE {where} ORDER BY 1", values)
        return [read_row(row, {name: each[name] for name in columns(row)}) for each in found]

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
    return msgspec.structs.replace(order, **{"version": order.version + 1, **changes})


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
    """A store without a database, with the rules of the real one. Keeps what it says, in the order it did.

    `stock_log`, `answer_log` and `receipt_log` are what Kafka would have: the rows after each change.
    """

    def __init__(self, store_id: str = STORE) -> None:
        self.store_id = store_id
        self.stocks: dict[str, Stock] = {}
        self.allocations: dict[UUID, Allocation] = {}
        self.stock_log: list[StockRow] = []
        self.answer_log: list[AllocationRow] = []
        self.receipt_log: list[ReceiptRow] = []

    def put(self, sku: str, units: int) -> bool:
        """Receive units, or sell them at the till if there are fewer than 0. Returns whether that was possible."""
        stock = self.stocks.get(sku) or Stock(self.store_id, sku)
        try:
            after, _ = move(stock, units, Reason.RECEIVED if units > 0 else Reason.SOLD)
        except Refusal:
            return False
        self._keep(after)
        return True

    def hear(self, *wishes: ReservationRow) -> None:
        """Answer those reservations that are for this store, in this sequence, in one transaction."""
        answers = answer(self.stocks, self.allocations, [row for row in wishes if row.store_id == self.store_id])
        for sku in sorted(answers.changed_stocks):
            self._keep(answers.stocks[sku])
        for id_ in sorted(answers.changed_allocations):
            self._say(answers.allocations[id_])

    def set_levels(self, sku: str, reorder_at: int | None, reorder_to: int | None) -> None:
        """Set the levels at which more is ordered."""
        stock = self.stocks[sku]
        self._keep(replace(stock, reorder_at=reorder_at, reorder_to=reorder_to, version=stock.version + 1))

    def book(self, *inbounds: InboundRow) -> None:
        """Book what was sent, in this sequence, in one transaction."""
        skus = {row.sku for row in inbounds}
        stocks = {sku: self.stocks.get(sku) or Stock(self.store_id, sku) for sku in skus}
        receipts = book(stocks, {row.inbound_id for row in self.receipt_log}, inbounds)
        for sku in sorted(receipts.changed_stocks):
            self._keep(receipts.stocks[sku])
        self.receipt_log += [self._receipt(each) for each in receipts.receipts]

    @staticmethod
    def _receipt(receipt: Receipt) -> ReceiptRow:
        stock = receipt.stock
        return ReceiptRow(
            inbound_id=receipt.inbound_id,
            stock_id=stock.stock_id,
            store_id=stock.store_id,
            sku=stock.sku,
            reason=receipt.reason,
            quantity=receipt.quantity,
            added=receipt.added,
            refused=receipt.refused,
            on_hand=stock.on_hand,
            unsellable=stock.unsellable,
            committed=stock.committed,
            delivered=stock.delivered,
            stock_version=stock.version,
            received_at=NOON,
            version=1,
        )

    def fall_short(self, sku: str) -> bool:
        """Find that the units of the newest allocation of a SKU are not there. Returns whether there is one."""
        committed = [row for row in self.allocations.values() if (row.sku, row.state) == (sku, "committed")]
        if not committed:
            return False
        after, _ = move(self.stocks[sku], -committed[-1].quantity, Reason.ADJUSTED, may_be_short=True)
        after, given_up = give_up(after, reversed(committed))
        self._keep(after)
        for allocation in given_up:
            self._say(allocation)
        return True

    def miss(self, sku: str, units: int) -> bool:
        """A picker does not find some units of the newest allocation of a SKU. Returns whether there is one."""
        committed = [row for row in self.allocations.values() if (row.sku, row.state) == (sku, "committed")]
        if not committed:
            return False
        stock = self.stocks[sku]
        after, _ = move(replace(stock, committed=stock.committed - committed[-1].quantity), -units, Reason.COUNTED)
        self._keep(after)
        self._say(short(committed[-1], after))
        return True

    def _keep(self, stock: Stock) -> None:
        self.stocks[stock.sku] = stock
        units = {name: getattr(stock, name) for name in ("on_hand", "unsellable", "committed", "delivered")}
        levels: dict[str, Any] = {"reorder_at": stock.reorder_at, "reorder_to": stock.reorder_to}
        assert 0 <= units["unsellable"] + units["committed"] <= units["on_hand"], "what MySQL checks"
        self.stock_log.append(
            a_stock(
                stock.sku, version=stock.version, store_id=self.store_id, stock_id=stock.stock_id, **units, **levels
            )
        )

    def _say(self, allocation: Allocation) -> None:
        self.allocations[allocation.allocation_id] = allocation
        stock = allocation.stock
        self.answer_log.append(
            AllocationRow(
                allocation_id=allocation.allocation_id,
                stock_id=stock_id(self.store_id, allocation.sku),
                store_id=self.store_id,
                sku=allocation.sku,
                order_id=allocation.order_id,
                quantity=allocation.quantity,
                shipped=allocation.shipped,
                state=allocation.state,
                reservation_version=allocation.reservation_version,
                on_hand=stock.on_hand if stock else None,
                unsellable=stock.unsellable if stock else None,
                committed=stock.committed if stock else None,
                delivered=stock.delivered if stock else None,
                stock_version=stock.version if stock else None,
                answered_at=NOON,
                version=allocation.version,
            )
        )


async def check_sums(inventory: Any) -> None:
    """Check that the units of open reservations are those that are reserved or committed, and each counted once.

    And that the units on hand are those that are available, reserved, committed or unsellable.
    """
    promised: dict[str, int] = {}
    for row in await inventory.rows(ReservationRow, "reservation"):
        if row.state in (ReservationState.HELD, ReservationState.ASKED, ReservationState.COMMITTED):
            promised[row.stock_id] = promised.get(row.stock_id, 0) + row.quantity
    for level in await inventory.rows(AvailabilityRow, "availability"):
        assert level.reserved + level.overreserved + level.committed == promised.pop(level.stock_id, 0), level
        check_units(level)
    assert promised == {}


def check_units(level: AvailabilityRow) -> None:
    """Check that each unit on hand is counted once."""
    assert level.on_hand == level.available + level.reserved + level.committed + level.unsellable, level
    assert not (level.available and level.overreserved), level
