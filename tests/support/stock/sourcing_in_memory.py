"""Inventory without a database: the real decisions on rows in memory, for many random histories in a short time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.reservations import ReservationRow, ReservationState, Wanted
from contracts.inventory.restocks import InboundRow
from contracts.inventory.sourcing import SourcingRow, SourcingStatus
from contracts.orders import OrderDetailRow, OrderRow
from contracts.shipping import ShipmentRow, read_shipped_lines
from contracts.stores import AllocationRow, StockRow, stock_id
from inventory.answers.applying import take_answers, take_stock
from inventory.decisions.rules import Line, StockKey
from inventory.decisions.sourcing_policy import SourcingPolicy
from inventory.levels import Levels
from inventory.orders.decision import decide
from inventory.orders.dispatching import Shipment, ShippedUnits
from inventory.orders.facts import Order, Terms
from inventory.orders.queue import Backorder, Queue, in_turn
from inventory.reservations import given_back
from tests.support.shop.rows import NOON
from tests.support.stock.sourcing import STORE, Clock, check_units


class InventoryInMemory:
    """The tables of inventory as dicts, with the methods of `Inventory`."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.levels: dict[StockKey, AvailabilityRow] = {}
        self.reservations_by_id: dict[UUID, ReservationRow] = {}
        self.sourcings: dict[UUID, SourcingRow] = {}
        self.most_backordered: dict[str, float] = {}
        self.policy = SourcingPolicy()
        self.backordered: dict[UUID, list[Backorder]] = {}
        self._orders: dict[UUID, OrderRow] = {}
        self._lines: dict[UUID, OrderDetailRow] = {}
        self._shipments: dict[UUID, ShipmentRow] = {}
        self.inbounds: dict[UUID, InboundRow] = {}

    async def order(self, *rows: OrderRow | OrderDetailRow) -> None:
        for row in rows:
            if isinstance(row, OrderDetailRow):
                self._lines[row.order_detail_id] = row
            elif row.order_id not in self._orders or self._orders[row.order_id].version < row.version:
                self._orders[row.order_id] = row
        self._settle(dict.fromkeys(row.order_id for row in rows))

    async def shipment(self, *rows: ShipmentRow) -> None:
        for row in rows:
            if row.shipment_id not in self._shipments or self._shipments[row.shipment_id].version < row.version:
                self._shipments[row.shipment_id] = row
        self._settle(dict.fromkeys(row.order_id for row in rows))

    async def stock(self, *rows: StockRow) -> None:
        for row in rows:
            self._make(row.store_id, row.sku)
        levels = Levels(self.levels.values())
        take_stock(levels, rows)
        self._keep(levels)
        self._settle({}, restocked={StockKey(row.store_id, row.sku) for row in rows})

    async def answer(self, *rows: AllocationRow) -> None:
        for row in rows:
            self._make(row.store_id, row.sku)
        levels = Levels(self.levels.values())
        changed = take_answers(levels, self.reservations_by_id, rows)
        self._write(changed)
        self._keep(levels)
        self._settle(dict.fromkeys(row.order_id for row in changed.values() if row.order_id))

    async def sweep(self) -> None:
        rows = [*self.reservations_by_id.values()]
        for row in rows:
            if row.state == ReservationState.HELD and row.expires_at and row.expires_at <= self.clock():
                self._promise(row, -row.quantity)
                self._settle({})
                self._write({row.reservation_id: given_back(row, ReservationState.EXPIRED)})
        late = [row.order_id for row in rows if row.ask_until and row.ask_until <= self.clock()]
        self._settle(dict.fromkeys(each for each in late if each))
        self.source_short()

    def source_short(self) -> None:
        short = [row.order_id for row in self.sourcings.values() if row.status == SourcingStatus.SHORT]
        self._settle(dict.fromkeys(short), is_retry=True)

    async def retry(self, order: OrderRow) -> None:
        """Decide on request."""
        self._settle({order.order_id: None}, is_retry=True)

    async def sourcing(self, order: OrderRow) -> SourcingRow | None:
        return self.sourcings.get(order.order_id)

    async def reservations(self, order: OrderRow) -> list[ReservationRow]:
        return [row for row in self.reservations_by_id.values() if row.order_id == order.order_id]

    async def rows(self, row: type[Any], _: str) -> list[Any]:
        tables: dict[type[Any], list[Any]] = {
            AvailabilityRow: [*self.levels.values()],
            ReservationRow: [*self.reservations_by_id.values()],
            SourcingRow: [*self.sourcings.values()],
        }
        return tables[row]

    async def hold(self, expires_in_s: float = 600, **units: int) -> UUID:
        hold_id = uuid4()
        for sku, quantity in units.items():
            row = ReservationRow(
                reservation_id=uuid4(),
                hold_id=hold_id,
                stock_id=stock_id(STORE, sku),
                store_id=STORE,
                sku=sku,
                quantity=quantity,
                attempt=1,
                wanted=Wanted.HOLD,
                state=ReservationState.HELD,
                expires_at=self.clock() + timedelta(seconds=expires_in_s),
                version=1,
            )
            self._promise(row, quantity)
            self._write({row.reservation_id: row})
        return hold_id

    def _settle(
        self, order_ids: dict[UUID, None], *, restocked: Collection[StockKey] = (), is_retry: bool = False
    ) -> None:
        levels = Levels(self.levels.values())
        terms = Terms(
            self.clock(),
            NOON - timedelta(hours=1),
            {},
            self.policy,
            most_backordered=self.most_backordered,
            restocked=restocked,
            is_retry=is_retry,
        )
        queue = Queue(row for rows in self.backordered.values() for row in rows)
        decided = [
            self._orders[each] for each in {**order_ids, **dict.fromkeys(self.backordered)} if each in self._orders
        ]
        for each in in_turn([self._facts(row) for row in decided]):
            order = self._facts(self._orders[each.order_id])
            decision = decide(order, levels, terms, queue)
            self._write(decision.reservations)
            for inbound in decision.inbounds:
                assert inbound.inbound_id not in self.inbounds, "units come back once"
                self.inbounds[inbound.inbound_id] = inbound
                levels.send(StockKey(inbound.store_id, inbound.sku), inbound.quantity)
            if decision.sourcing:
                self.sourcings[order.order_id] = decision.sourcing
        for order_id in queue.changed:
            self.backordered[order_id] = queue.rows_of(order_id)
        self.backordered = {order_id: rows for order_id, rows in self.backordered.items() if rows}
        for sku in queue.skus():
            levels.set_backorders(sku, not queue.is_empty(sku))
        self._keep(levels)

    def _facts(self, row: OrderRow) -> Order:
        lines = self.lines_of(row)
        reservations = [*reversed(self.reservations_by_id.values())]  # MySQL has them in any order
        return Order(
            order_id=row.order_id,
            status=row.status,
            is_deleted=row.is_deleted,
            lines_version=row.lines_version,
            placed_at=row.placed_at,
            is_whole=len(lines) >= row.line_count,
            lines=[Line(line.order_detail_id, line.sku, line.quantity) for line in lines],
            hold_id=row.reservation_id,
            sourcing=self.sourcings.get(row.order_id),
            reservations=[each for each in reservations if each.order_id == row.order_id],
            held=[
                each
                for each in reservations
                if each.hold_id
                and each.hold_id == row.reservation_id
                and each.order_id is None
                and each.state == ReservationState.HELD
            ],
            shipments=[_shipment(each) for each in self._shipments.values() if each.order_id == row.order_id],
            returned=self.inbounds.keys(),
        )

    def lines_of(self, row: OrderRow) -> list[OrderDetailRow]:
        """The lines of an order that have arrived."""
        of_version = (row.order_id, row.lines_version)
        return [line for line in self._lines.values() if (line.order_id, line.lines_version) == of_version]

    def _promise(self, row: ReservationRow, units: int) -> None:
        levels = Levels(self.levels.values())
        levels.promise(StockKey(row.store_id, row.sku), units)
        self._keep(levels)

    def _make(self, store_id: str, sku: str) -> None:
        row = AvailabilityRow(
            stock_id=stock_id(store_id, sku),
            store_id=store_id,
            sku=sku,
            on_hand=0,
            unsellable=0,
            committed=0,
            reserved=0,
            safety_margin=0,
            stock_version=0,
            updated_at=NOON,
            version=1,
        )
        self.levels.setdefault(StockKey(store_id, sku), row)

    def _keep(self, levels: Levels) -> None:
        for row in levels.changed(self.clock()):
            check_units(row)
            self.levels[StockKey(row.store_id, row.sku)] = msgspec.structs.replace(row, version=row.version + 1)

    def _write(self, rows: dict[UUID, ReservationRow]) -> None:
        """As MySQL does: a row that exists gets the next version."""
        for id_, row in rows.items():
            known = self.reservations_by_id.get(id_)
            version = known.version + 1 if known else row.version
            self.reservations_by_id[id_] = msgspec.structs.replace(row, version=version)


def _shipment(row: ShipmentRow) -> Shipment:
    lines = read_shipped_lines(row.lines)
    units = [ShippedUnits(line.order_line_id, line.sku, line.quantity) for line in lines]
    return Shipment(row.shipment_id, row.status, row.location, units)
