"""Erasing a person from the orders: what says where they live goes; the orders and their amounts stay."""

from __future__ import annotations

from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection, Database, Row
from chassis.rest import idempotency
from contracts import json_text
from contracts.customers import AddressRow
from contracts.orders import read_addresses
from orders import history
from orders.life_cycle import ERASE
from orders.rows import now

AT_ONCE = 20
"""Orders that are erased in one transaction: so few that it ends in time, and fits, also when each is very large."""

WHO = "orders-worker"

_BLANK = dict.fromkeys(AddressRow.PERSONAL)
"""What tells of a person in an address is the same here as on its own topic."""

_SELECT = """
SELECT order_id, status, version, delivery_addresses FROM `order`
WHERE customer_id = %s AND erased_at IS NULL ORDER BY placed_at, order_id LIMIT %s FOR UPDATE
"""
_UPDATE = """
UPDATE `order` SET delivery_addresses = %s, erased_at = %s, updated_at = %s, version = version + 1 WHERE order_id = %s
"""


async def erase_customer(database: Database, customer_id: UUID) -> int:
    """Erase a deleted customer from all their orders. Safe to repeat. Returns how many orders were touched.

    The replica must say already that the customer is deleted: from then on no order of theirs can be placed.
    """
    erased, last = 0, AT_ONCE
    while last == AT_ONCE:
        async with database.transaction() as tx:
            orders = await tx.fetch_all(_SELECT, [str(customer_id), AT_ONCE])
            await _erase(tx, orders)
            # Last: a command that was under way has kept its answer by now, since the orders were locked after it.
            await idempotency.erase_responses(tx, customer_id)
        last = len(orders)
        erased += last
    return erased


def coarse(addresses: str) -> str:
    """An order's delivery addresses without their fine parts: city, region and country stay."""
    return json_text.to_json_text([msgspec.structs.replace(address, **_BLANK) for address in read_addresses(addresses)])


async def _erase(tx: Connection, orders: list[Row]) -> None:
    moment = now()
    for order in orders:
        await tx.execute(_UPDATE, [coarse(order["delivery_addresses"]), moment, moment, order["order_id"]])
    erased = [{**order, "version": order["version"] + 1, "updated_at": moment} for order in orders]
    if erased:
        await history.note_all(tx, erased, ERASE, WHO)
