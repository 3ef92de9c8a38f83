"""Erases a person from their orders: addresses are removed, the orders and their amounts stay."""

from __future__ import annotations

from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection, Database, Row
from chassis.rest import idempotency
from contracts import json_text
from contracts.customers import AddressRow
from contracts.orders import read_addresses
from orders.placement.rows import now
from orders.statuses import history
from orders.statuses.life_cycle import ERASE

AT_ONCE = 20
"""Orders per transaction: few enough for the time and size limits even if each is very large."""

WHO = "orders-worker"

_BLANK = dict.fromkeys(AddressRow.PERSONAL)
"""The personal columns of an address are the same here as on its own topic."""

_SELECT = """
SELECT order_id, status, version, delivery_addresses FROM `order`
WHERE customer_id = %s AND erased_at IS NULL ORDER BY placed_at, order_id LIMIT %s FOR UPDATE
"""
_UPDATE = """
UPDATE `order` SET delivery_addresses = %s, erased_at = %s, updated_at = %s, version = version + 1 WHERE order_id = %s
"""


async def erase_customer(database: Database, customer_id: UUID) -> int:
    """Erase a deleted customer from all their orders. Safe to repeat. Returns the number of changed orders.

    The replica must already have the customer as deleted, so that no new order can be placed for them.
    """
    erased, last = 0, AT_ONCE
    while last == AT_ONCE:
        async with database.transaction() as tx:
            orders = await tx.fetch_all(_SELECT, [str(customer_id), AT_ONCE])
            await _erase(tx, orders)
            # Last: concurrent commands have stored their responses by now, since their orders were locked after them.
            await idempotency.erase_responses(tx, customer_id)
        last = len(orders)
        erased += last
    return erased


def coarse(addresses: str) -> str:
    """An order's delivery addresses with only city, region and country."""
    return json_text.to_json_text([msgspec.structs.replace(address, **_BLANK) for address in read_addresses(addresses)])


async def _erase(tx: Connection, orders: list[Row]) -> None:
    moment = now()
    for order in orders:
        await tx.execute(_UPDATE, [coarse(order["delivery_addresses"]), moment, moment, order["order_id"]])
    erased = [{**order, "version": order["version"] + 1, "updated_at": moment} for order in orders]
    if erased:
        await history.note_all(tx, erased, ERASE, WHO)
