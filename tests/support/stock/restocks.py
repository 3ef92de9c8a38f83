"""Random histories of one stock that a supplier restocks: records come late, twice and in any order between topics."""

from __future__ import annotations

import random
from collections.abc import Sequence
from uuid import UUID, uuid4

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.restocks import InboundReason, InboundRow, RestockRequestRow, RestockStatus
from contracts.stores import ReceiptRow, StockRow, stock_id
from inventory.answers.applying import take_receipts, take_stock
from inventory.decisions.rules import StockKey
from inventory.levels import Levels
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
        if rows and not any(row.refused for row in rows):
            self._request_missing()

    def supply(self) -> None:
        for row in self.open:
            if command := NEXT.get(RestockStatus(row.status)):
                self._move(row, command)

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
            self._send(inbound_of(moved, NOON))

    def _send(self, inbound: InboundRow) -> None:
        levels = Levels([self.level])
        levels.send(KEY, inbound.quantity)
        self.level = levels.current(KEY)
        self.sent.append(inbound)

    def _request_missing(self) -> None:
        if (units := missing_units(self.level)) and not self.open:
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
        chosen = self._chance.choice(["sell", "put", "supply", "supply", "return", "cancel", *self._logs, *self._logs])
        if chosen in self._logs:
            self._arrive(chosen, self._logs[chosen].read(self._chance))
        elif chosen == "sell":
            self.shop.put(SKU, -self._chance.randint(1, 6))
        elif chosen == "put":
            self.shop.put(SKU, self._chance.randint(1, 10))
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

    def _arrive(self, name: str, rows: Sequence[StockRow | ReceiptRow | InboundRow]) -> None:
        before = self.shop.stocks[SKU].on_hand
        match name:
            case "stock":
                self.inventory.stock(*rows)  # type: ignore[arg-type]
            case "receipts":
                self.inventory.receipt(*rows)  # type: ignore[arg-type]
            case _:
                booked = len(self.shop.receipt_log)
                self.shop.book(*rows)  # type: ignore[arg-type]
                self._check_receipts(before, self.shop.receipt_log[booked:])

    def _check_receipts(self, on_hand: int, receipts: Sequence[ReceiptRow]) -> None:
        """A supplier's units are added up to the level, returned ones all, and none is lost."""
        for row in receipts:
            assert row.added + row.refused == row.quantity
            on_hand += row.added
            if row.reason == InboundReason.RETURN:
                assert row.refused == 0
            elif row.added:
                assert on_hand <= 20
            assert row.on_hand == on_hand

    def _supplies(self) -> bool:
        return any(row.status in NEXT for row in self.inventory.open)
