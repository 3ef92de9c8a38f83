"""The transaction of decisions: locks the availability of some orders, decides each, and writes all of it at once.

All that changes an order's stock runs through here: its rows, its stores' answers, and the sweeps. The availability
rows of all its SKUs are locked meanwhile, so of two processes that decide about the same order the second sees what the
first has written, and has nothing left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from chassis.databases.mysql import Connection, Database, transact
from contracts.inventory.reservations import ReservationRow
from contracts.inventory.restocks import InboundRow
from contracts.inventory.sourcing import SourcingRow
from inventory import availability_rows
from inventory.answers.applying import take_answers, take_stock
from inventory.decisions.rules import StockKey
from inventory.levels import Levels
from inventory.orders import backorders, replica, repository, shipments
from inventory.orders.decision import decide
from inventory.orders.facts import Order, Terms
from inventory.orders.queue import Queue, in_turn
from inventory.orders.scope import Scope, ScopeGrew, Work, read_scope
from inventory.orders.terms import read_terms
from inventory.reservations import in_order
from inventory.restocking.repository import send_later
from inventory.restocking.requesting import request_missing
from inventory.restocking.rules import restocked_for_backorders
from inventory.sku_availability import following

Clock = Callable[[], datetime]


@dataclass
class Outcome:
    """What a transaction has written."""

    sourcings: list[SourcingRow] = field(default_factory=list)
    answered: list[ReservationRow] = field(default_factory=list)


async def settle(database: Database, work: Work, clock: Clock) -> Outcome:
    """Decide these orders in one transaction. Raises Unavailable."""
    while True:
        scope = await read_scope(database, work)
        try:
            return await transact(database, _Transaction(work, scope, clock()).run)
        except ScopeGrew:
            continue


class _Transaction:
    def __init__(self, work: Work, scope: Scope, moment: datetime) -> None:
        self._work, self._scope, self._moment = work, scope, moment

    async def run(self, tx: Connection) -> Outcome:
        if self._scope.holds:
            repository.lock_holds_later(tx, self._scope.holds)
        replica.write_later(tx, self._work.orders, self._work.lines)
        shipments.write_later(tx, self._work.shipments)
        levels = Levels(await availability_rows.lock(tx, self._scope.stock_ids))
        if self._scope.nowhere:
            await following.lock_skus(tx, self._scope.nowhere)
        take_stock(levels, self._work.stocks)
        changes = _Changes()
        order_ids = [*self._work.order_ids]
        if self._work.answers:
            order_ids += await self._answer(tx, levels, changes)
        outcome = Outcome(answered=[*changes.rows.values()])
        order_ids = [*dict.fromkeys([*order_ids, *self._scope.waiting])]
        orders = await repository.orders(tx, [str(each) for each in order_ids]) if order_ids else []
        if orders or self._work.skus:
            outcome.sourcings = await self._decide(tx, orders, levels, changes)
        repository.write_later(tx, in_order(changes.rows.values()), outcome.sourcings)
        send_later(tx, changes.inbounds)
        for hold_id, status, order_id in changes.holds:
            repository.end_hold_later(tx, hold_id, status, order_id, self._moment)
        changed = levels.changed(self._moment)
        if self._work.answers or self._work.stocks or changes.backordered:
            waited_for = [levels.current(key) for key in changes.backordered]
            rows = {row.stock_id: row for row in (*changed, *waited_for)}
            await request_missing(tx, [*rows.values()], self._moment, changes.backordered)
        await availability_rows.write(tx, levels, changed)
        return outcome

    async def _answer(self, tx: Connection, levels: Levels, changes: _Changes) -> list[UUID]:
        """Take over the answers of stores with the units on their shelves. Returns the orders that they concern."""
        ids = [str(row.allocation_id) for row in self._work.answers]
        known = {row.reservation_id: row for row in await repository.reservations_by_id(tx, ids)}
        changes.rows |= take_answers(levels, known, self._work.answers)
        return [row.order_id for row in changes.rows.values() if row.order_id]

    async def _decide(
        self, tx: Connection, orders: Sequence[Order], levels: Levels, changes: _Changes
    ) -> list[SourcingRow]:
        skus = {line.sku for order in orders for line in order.lines}
        restocked = {StockKey(row.store_id, row.sku) for row in self._work.stocks}
        terms = await read_terms(tx, skus, self._moment, restocked=restocked, is_retry=self._work.is_retry)
        await self._check_scope(tx, skus, levels, terms)
        queued = levels.with_backorders() | self._scope.nowhere | {*self._work.skus}
        ids = [order.order_id for order in orders]
        queue = await backorders.read_queue(tx, queued, ids) if queued else Queue()
        sourcings = []
        for order in in_turn(orders):
            decision = decide(changes.applied_to(order), levels, terms, queue)
            changes.rows |= decision.reservations
            changes.inbounds += decision.inbounds
            for inbound in decision.inbounds:
                levels.send(StockKey(inbound.store_id, inbound.sku), inbound.quantity)
            if decision.sourcing:
                sourcings.append(decision.sourcing)
            if decision.hold_status and order.hold_id:
                changes.holds.append((order.hold_id, decision.hold_status, order.order_id))
        await self._note_backorders(tx, queue.skus() | queued, queue, levels)
        waiting = {sku: units for sku in queue.skus() | queued if (units := queue.units(sku))}
        changes.backordered = restocked_for_backorders(waiting, levels, terms.stores, terms.policy)
        backorders.write_later(tx, queue)
        return sourcings

    async def _note_backorders(self, tx: Connection, skus: Iterable[str], queue: Queue, levels: Levels) -> None:
        """Note whether orders wait for these SKUs, in the rows of all stores: none may get one meanwhile."""
        begun_or_ended = [sku for sku in skus if levels.set_backorders(sku, not queue.is_empty(sku))]
        if begun_or_ended and not await availability_rows.lock_stores(tx, begun_or_ended) <= self._scope.stock_ids:
            raise ScopeGrew

    async def _check_scope(self, tx: Connection, skus: Iterable[str], levels: Levels, terms: Terms) -> None:
        unknown = {sku for sku in skus if not levels.knows(sku)}
        if unknown & terms.most_backordered.keys() - self._scope.nowhere:
            raise ScopeGrew
        if unknown and await availability_rows.has_any(tx, unknown):
            raise ScopeGrew


@dataclass
class _Changes:
    """Reservations as they become, each written once; the holds that end; what goes back to stores; and the units that
    orders wait for, by the stock that is restocked for them.
    """

    rows: dict[UUID, ReservationRow] = field(default_factory=dict)
    holds: list[tuple[UUID, str, UUID]] = field(default_factory=list)
    inbounds: list[InboundRow] = field(default_factory=list)
    backordered: dict[StockKey, int] = field(default_factory=dict)

    def applied_to(self, order: Order) -> Order:
        """The order with the reservations as they are now. A hold that another order has taken over is not its own."""
        if not any(row.reservation_id in self.rows for row in (*order.reservations, *order.held)):
            return order
        rows = [self.rows.get(row.reservation_id, row) for row in order.reservations]
        held = [row for row in order.held if row.reservation_id not in self.rows]
        return replace(order, reservations=rows, held=held)
