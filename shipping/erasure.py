"""Erases deleted customers from their shipments: tracking numbers and recipients are removed, the events stay."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.databases.mysql import Database
from chassis.rest import idempotency
from shipping.orders.settling import AT_ONCE, settle
from shipping.replica import repository as replica
from shipping.times import Clock

_ORDERS = """
SELECT DISTINCT order_id FROM shipment WHERE customer_id = %s AND erased_at IS NULL ORDER BY order_id LIMIT %s
"""


async def erase_customers(database: Database, deleted: Sequence[tuple[UUID, int]], clock: Clock) -> None:
    """Erase customers, each with the version of its deletion. Safe to repeat.

    They are noted first: shipments that are planned from then on are erased as they begin.
    """
    async with database.transaction() as tx:
        replica.note_erased_later(tx, [customer_id for customer_id, _ in deleted], clock())
    for customer_id, version in deleted:
        while orders := await _orders_of(database, customer_id):
            await settle(database, orders, dict.fromkeys(orders, f"customer:{customer_id}:{version}"), clock)
        async with database.transaction() as tx:
            await idempotency.erase_responses(tx, customer_id)


async def _orders_of(database: Database, customer_id: UUID) -> list[UUID]:
    async with database.reading() as connection:
        rows = await connection.fetch_all(_ORDERS, [str(customer_id), AT_ONCE])
    return [UUID(row["order_id"]) for row in rows]
