"""Random histories of one stock that a supplier restocks: records come late, twice and in any order between topics."""

from __future__ import annotations

import random
from collections.abc import Sequence
from uuid import UUID, uuid4

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.reservations import ReservationRow
from contracts.inventory.restocks import InboundReason, InboundRow, RestockRequestRow, RestockStatus
from contracts.stores import ReceiptRow, StockRow, stock_id
from inventory.answers.applying import take_receipts, take_stock
from inventory.decisions.rules import Part, StockKey
from inventory.levels import Levels
from inventory.reservations import asked
from inventory.restocking.rules import (
    NEXT,
    OPEN,
    Command,
    NotAllowed,
    after,
    inbound_of,
    missing_units,
    received,
    requested,
)
from stores.rules import Stock
from tests.support.shop.rows import NOON
from tests.support.stock.histories import Log
from tests.support.stock.sourcing import STORE, Shop, check_units

SKU = "A"
KEY = StockKey(STORE, SKU)


class RestocksInMemory:
    """Inventory without a database: the real rules on the rows of one stock."""

    def __init__(self) -> None:
        self.level = AvailabilityRow(
            stock_id=stock_id(*KEY), store_id=STORE, sku=SKU, on_hand=0, unsellable=0, committed=0, reserved=0,
            safety_margin=0, stock_version=0, updated_at=NOON, version=1,
        )  # fmt: skip
        self.requests: dict[UUID, RestockRequestRow] = {}
        self.sent: list[InboundRow] = []
        self.backordered = 0
        """Units that orders wait for; nobody gives them any."""

    @property
    def open(self) -> list[RestockRequestRow]:
        return [row for row in self.requests.values() if row.status in OPEN]

    def stock(self, *rows: StockRow) -> None:
        levels = Levels([self.level])
        take_stock(levels, rows)
        for level in levels.changed(NOON):
            self.level = level
            self._request_missing()

    def receipt(self, *rows: ReceiptRow) -> None:
        levels = Levels([self.level])
        take_receipts(levels, rows)
        self.level = levels.current(KEY)
        for row in rows:
            if row.inbound_id in self.requests:
                self.requests[row.inbound_id] = received(self.requests[row.inbound_id], row, NOON)
        if rows:
            self._request_missing()

    def supply(self) -> None:
        for row in self.open:
            if command := NEXT.get(RestockStatus(row.status)):
                self._move(row, command)

    def wait(self, units: int) -> None:
        """Orders begin to wait for units, or do not any more."""
        self.backordered = units
        self._request_missing()

    def cancel(self) -> None:
        for row in self.open:
            try:
                self._move(row, Command.CANCEL)
            except NotAllowed:
                assert row.status == RestockStatus.COMPLETED

    def send_back(self, units: int, unsellable: int) -> None:
        """A customer returns units to the store."""
        request = requested(uuid4(), self.level.stock_id, STORE, SKU, units, NOON)
        row = inbound_of(request, NOON)
        values = {name: getattr(row, name) for name in row.__struct_fields__}
        self._send(InboundRow(**values | {"reason": InboundReason.RETURN, "unsellable": unsellable}))

    def _move(self, row: RestockRequestRow, command: Command) -> None:
        moved = self.requests[row.restock_request_id] = after(row, command, NOON)
        if moved.status == RestockStatus.COMPLETED:
            self._send(inbound_of(moved, NOON, self.backordered))

    def _send(self, inbound: InboundRow) -> None:
        levels = Levels([self.level])
        levels.send(KEY, inbound.quantity)
        self.level = levels.current(KEY)
        self.sent.append(inbound)

    def _request_missing(self) -> None:
        backordered = max(0, self.backordered - self.level.available)
        if (units := missing_units(self.level, backordered)) and not self.open:
            row = requested(uuid4(), self.level.stock_id, STORE, SKU, units, NOON)
            self.requests[row.restock_request_id] = row


class History:
    """One history. `step` lets anything happen, `end` lets all records arrive."""

    def __init__(self, seed: int) -> None:
        self.inventory, self.shop, self._chance = RestocksInMemory(), Shop(), random.Random(seed)
        self.shop.put(SKU, self._chance.randint(1, 20))
        self.shop.set_levels(SKU, 5, 20)
        self._logs: dict[str, Log] = {
            "stock": Log(self.shop.stock_log),
            "receipts": Log(self.shop.receipt_log),
            "inbound": Log(self.inventory.sent),
        }
        self.has_cancelled = False

    def step(self) -> None:
        chosen = self._chance.choice(
            ["sell", "put", "supply", "supply", "return", "commit", "wait", "cancel", *self._logs, *self._logs]
        )
        if chosen in self._logs:
            self._arrive(chosen, self._logs[chosen].read(self._chance))
        elif chosen == "sell":
            self.shop.put(SKU, -self._chance.randint(1, 6))
        elif chosen == "put":
            self.shop.put(SKU, self._chance.randint(1, 10))
        elif chosen == "commit":
            self.shop.hear(self._wish())
        elif chosen == "wait":
            self.inventory.wait(self._chance.choice([0, self._chance.randint(1, 40)]))
        elif chosen == "supply":
            self.inventory.supply()
        elif chosen == "return":
            units = self._chance.randint(1, 3)
            self.inventory.send_back(units, self._chance.randint(0, units))
        elif self._chance.random() < 0.2:
            self.has_cancelled = True
            self.inventory.cancel()

    def end(self) -> None:
        """All records arrive, and arrive again, and the supplier does all it has to do."""
        for log in self._logs.values():
            log.position = 0
        while not all(log.is_read for log in self._logs.values()) or self._supplies():
            for name, log in self._logs.items():
                self._arrive(name, log.read_on(100))
            self.inventory.supply()

    def check(self) -> None:
        """What holds after each step: one open request, and each unit that was sent is on its way or delivered."""
        level, sent = self.inventory.level, sum(row.quantity for row in self.inventory.sent)
        assert len(self.inventory.open) <= 1
        assert level.incoming + level.delivered == sent
        if level.stock_version:
            said = {row.version: (row.on_hand, row.delivered) for row in self.shop.stock_log}
            said |= {row.stock_version: (row.on_hand, row.delivered) for row in self.shop.receipt_log}
            assert (level.on_hand, level.delivered) == said[level.stock_version]
        check_units(level)

    def _wish(self) -> ReservationRow:
        """An order wants units of the store."""
        part = Part(uuid4(), STORE, SKU, self._chance.randint(1, 6))
        return asked(part, uuid4(), 1, 1, NOON)

    def _arrive(self, name: str, rows: Sequence[StockRow | ReceiptRow | InboundRow]) -> None:
        before = self.shop.stocks[SKU]
        match name:
            case "stock":
                self.inventory.stock(*rows)  # type: ignore[arg-type]
            case "receipts":
                self.inventory.receipt(*rows)  # type: ignore[arg-type]
            case _:
                booked = len(self.shop.receipt_log)
                self.shop.book(*rows)  # type: ignore[arg-type]
                self._check_receipts(before, self.shop.receipt_log[booked:])

    def _check_receipts(self, before: Stock, receipts: Sequence[ReceiptRow]) -> None:
        """A supplier's units are added up to the level and for orders that wait, returned ones all; none is lost."""
        on_hand, backordered = before.on_hand, {row.inbound_id: row.backordered for row in self.inventory.sent}
        for row in receipts:
            assert row.added + row.refused == row.quantity
            on_hand += row.added
            free = row.on_hand - row.unsellable - row.committed
            if row.reason == InboundReason.RETURN:
                assert row.refused == 0
            elif row.refused:
                assert free == max(20, free - row.added) + backordered[row.inbound_id], "refused without a need"
            else:
                assert free <= max(20, free - row.added) + backordered[row.inbound_id]
            assert row.on_hand == on_hand

    def _supplies(self) -> bool:
        return any(row.status in NEXT for row in self.inventory.open)
