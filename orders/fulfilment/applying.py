"""Applies the topic `shipment`: orders follow their shipments. Safe to repeat, in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from prometheus_client import Counter as Metric

from chassis.databases.mysql import Connection, Database, Row, transact
from chassis.logs import logger
from contracts.orders import OrderStatus
from contracts.shipping import ShipmentRow
from orders import repository
from orders.fulfilment import replica
from orders.fulfilment.labels import OUTDATED_LABEL, newly_packed, outdated
from orders.fulfilment.rules import Outcome, is_late, reached, steps
from orders.statuses import history, moving

log = logger(__name__)

AT_ONCE = 200
"""Shipments per transaction: few enough for its time limit."""

CALLER = "shipping"
"""The caller of these commands in the history."""

FOLLOWED = Metric(
    "oms_orders_followed_shipments_total", "Orders with newer shipments, by what became of them", ["outcome"]
)

SHIPPED_AFTER_CANCEL = Metric(
    "oms_orders_shipped_after_cancel_total", "Shipments that left although their order was cancelled before"
)

CORRECTED_AFTER_PACKING = Metric(
    "oms_orders_corrected_after_packing_total", "Shipments that were packed before their address was corrected"
)


@dataclass
class _Applied:
    outcomes: list[Outcome] = field(default_factory=list)
    late: list[ShipmentRow] = field(default_factory=list)
    outdated: list[ShipmentRow] = field(default_factory=list)


async def apply(database: Database, rows: Sequence[ShipmentRow]) -> None:
    """Move the orders of these shipments, at most one row for each shipment. Raises Unavailable."""
    in_turn = sorted(rows, key=lambda row: (row.order_id, row.shipment_id))
    for first in range(0, len(in_turn), AT_ONCE):
        applied = await transact(database, partial(_apply, rows=in_turn[first : first + AT_ONCE]))
        for outcome, number in Counter(applied.outcomes).items():
            FOLLOWED.labels(outcome).inc(number)
        for row in applied.late:
            SHIPPED_AFTER_CANCEL.inc()
            log.warning("shipment left after its order was cancelled", **_ids(row))
        for row in applied.outdated:
            CORRECTED_AFTER_PACKING.inc()
            log.warning("shipment was packed before its address was corrected", **_ids(row))


async def _apply(tx: Connection, rows: Sequence[ShipmentRow]) -> _Applied:
    orders = await repository.lock_orders(tx, sorted({str(row.order_id) for row in rows}))
    newer, known = await replica.newer(tx, rows)
    await replica.upsert(tx, newer)
    ids = sorted({str(row.order_id) for row in newer})
    here = [each for each in ids if each in orders]
    applied = _Applied([Outcome.NO_ORDER] * (len(ids) - len(here)))
    if not here:
        return applied
    shipments = await replica.shipments_of(tx, here)
    ordered = await replica.ordered_units(tx, here)
    packed = [row for row in newly_packed(newer, known) if str(row.order_id) in orders]
    applied.outdated = outdated(packed, await replica.corrections_of(tx, {row.order_id for row in packed}))
    for row in applied.outdated:
        orders[str(row.order_id)] = _note_outdated(tx, orders[str(row.order_id)], row)
    for each in here:
        applied.outcomes.append(_follow(tx, orders[each], reached(ordered[each], shipments[each])))
    statuses = {each: str(orders[each]["status"]) for each in here}
    before = {shipment_id: each.status for shipment_id, each in known.items()}
    applied.late = [
        row
        for row in newer
        if not row.is_deleted and is_late(before.get(row.shipment_id), row.status, statuses.get(str(row.order_id), ""))
    ]
    return applied


def _follow(tx: Connection, order: Row, to: OrderStatus) -> Outcome:
    commands = steps(order["status"], to)
    if commands is None:
        return Outcome.NOT_ALLOWED
    for command in commands:
        order = moving.move(tx, order, command, CALLER)
    return Outcome.MOVED if commands else Outcome.UNCHANGED


def _note_outdated(tx: Connection, order: Row, row: ShipmentRow) -> Row:
    """Note in the order's history that the label of a parcel may have its former address."""
    noted = repository.raise_version(tx, order)
    reason = f"shipment {row.shipment_id} was packed before {row.delivery_address_id} was corrected"
    history.note(tx, noted, OUTDATED_LABEL, CALLER, reason)
    return noted


def _ids(row: ShipmentRow) -> dict[str, str]:
    return {"order_id": str(row.order_id), "shipment_id": str(row.shipment_id)}
