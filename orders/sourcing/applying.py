"""Applies the topic `sourcing`: confirms and rejects orders. Safe to repeat, in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from prometheus_client import Counter as Metric

from chassis.databases.mysql import Connection, Database, transact
from chassis.logs import logger
from contracts.inventory.sourcing import SourcingRow
from orders import repository
from orders.sourcing import replica
from orders.sourcing.rules import Outcome, decide, is_without_stock
from orders.statuses import moving
from orders.statuses.life_cycle import Command

log = logger(__name__)

AT_ONCE = 200
"""Orders per transaction: few enough for its time limit."""

CALLER = "inventory"
"""The caller of these commands in the history."""

SOURCED = Metric("oms_orders_sourced_total", "Decisions of inventory about orders, by what became of them", ["outcome"])


async def apply(database: Database, rows: Sequence[SourcingRow]) -> None:
    """Confirm, back-order or reject the orders of these sourcings, at most one for each order, sorted by order."""
    for first in range(0, len(rows), AT_ONCE):
        outcomes = Counter(await transact(database, partial(_apply, rows=rows[first : first + AT_ONCE])))
        for outcome, number in outcomes.items():
            SOURCED.labels(outcome).inc(number)
        if outcomes:
            log.info("sourcing applied to orders", **{each.name.lower(): number for each, number in outcomes.items()})


async def _apply(tx: Connection, rows: Sequence[SourcingRow]) -> list[Outcome]:
    orders = await repository.lock_orders(tx, [str(row.order_id) for row in rows])
    newer = await replica.newer(tx, rows)
    outcomes = []
    for row in newer:
        order = orders.get(str(row.order_id))
        decision = decide(row, order)
        if decision is None:
            continue
        outcomes.append(decision.outcome)
        if is_without_stock(row, order):
            log.warning("confirmed order has no stock", order_id=str(row.order_id), reason=row.reason)
        if order is not None and decision.command is not None:
            reason = None if decision.command is Command.CONFIRM else row.reason
            moving.move(tx, order, decision.command, CALLER, reason)
    await replica.upsert(tx, newer)
    return outcomes
