"""The transaction that brings the shipments of orders to what is known about these: all of them, or none.

It locks the orders, then their shipments, by id. Whatever arrives later finds what was done, so nothing is done twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from chassis.databases.mysql import Connection, Database, transact
from chassis.logs import logger
from shipping import settings
from shipping.events.streams import Cause
from shipping.orders.due import Facts, follow
from shipping.replica import repository as replica
from shipping.replica.orders import StoredOrder
from shipping.shipments import repository
from shipping.shipments.events import ShipmentEvent
from shipping.shipments.repository import Stored
from shipping.times import Clock

log = logger(__name__)

AT_ONCE = 25
"""Orders per transaction: few enough for its time limit even if each has 500 lines."""

CALLER = "shipping"
"""The caller of what shipping does by itself."""


async def settle(database: Database, order_ids: Collection[UUID], messages: Mapping[UUID, str], clock: Clock) -> None:
    """Plan, cancel, recall and erase the shipments of these orders, as far as it is due.

    `messages` has what caused it, by order. Raises Unavailable.
    """
    ids = sorted(order_ids)
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        done = await transact(database, partial(_settle, order_ids=some, messages=messages, clock=clock))
        if done:
            log.info("shipments followed their orders", **done)


async def _settle(
    tx: Connection, order_ids: Sequence[UUID], messages: Mapping[UUID, str], clock: Clock
) -> Counter[str]:
    orders = await replica.lock_orders(tx, order_ids, makes=True)
    moment, done = clock(), Counter[str]()
    for facts, known in await read_facts(tx, list(orders.values())):
        changes = follow(facts, settings.LOCATION, moment)
        write_later(tx, facts, known, changes, Cause(CALLER, messages.get(facts.order.order_id)), moment)
        done.update(type(event).__name__ for events in changes.values() for event in events)
    return done


async def read_facts(tx: Connection, orders: Sequence[StoredOrder]) -> list[tuple[Facts, Mapping[UUID, Stored]]]:
    """What is known about locked orders, and their shipments, which are locked as well."""
    known = await repository.lock(tx, [each for order in orders for each in order.shipment_ids])
    sourcings = await replica.read_sourcings(tx, [order.order_id for order in orders])
    first_sourced, since = await replica.read_first_sourced(tx), await replica.read_since(tx)
    erased = await replica.read_erased(tx, {order.customer_id for order in orders})
    found: list[tuple[Facts, Mapping[UUID, Stored]]] = []
    for order in orders:
        of_order = {each: known[each] for each in order.shipment_ids}
        sourcing = sourcings.get(order.order_id)
        has_sourcing = sourcing is not None and not sourcing.is_deleted
        facts = Facts(
            order=order,
            sourcing=sourcing,
            has_inventory=has_sourcing or (first_sourced is not None and first_sourced <= order.placed_at),
            may_be_sourced=settings.INVENTORY and not has_sourcing,
            since=since,
            is_erased=order.customer_id in erased,
            shipments=[each.state for each in of_order.values()],
        )
        found.append((facts, of_order))
    return found


def write_later(
    tx: Connection,
    facts: Facts,
    known: Mapping[UUID, Stored],
    changes: Mapping[UUID, Sequence[ShipmentEvent]],
    cause: Cause,
    moment: datetime,
) -> dict[UUID, Stored]:
    """Write the changes of an order's shipments together with the next statement. Returns the new shipments."""
    new = repository.write_all_later(tx, known, changes, cause, moment)
    if new:
        replica.write_shipments_later(tx, facts.order.order_id, [*facts.order.shipment_ids, *new])
    return new
