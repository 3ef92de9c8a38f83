"""Repairs what is derived: sums are computed again, and rows are published again with a higher version.

The ledger of a store is never changed, and no order is decided here: such violations are left to an operator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from chassis.databases.mysql import Connection, Database, transact
from reconciliation.stock.cache import Cache
from reconciliation.stock.rules import Remedy
from reconciliation.stock.stores_of_sku import name_store
from reconciliation.stock.violations import Violation

_VERSION = "SELECT, UPDATE (version)"
CENTRAL_GRANTS = {
    "availability": "SELECT, UPDATE (reserved, overreserved, incoming, version)",
    "sku_availability": "SELECT, UPDATE (available_at, version)",
    "store": "SELECT",
    "reservation": _VERSION,
    "sourcing": _VERSION,
    "inbound": _VERSION,
    "restock_request": _VERSION,
}
STORE_GRANTS = {"stock": _VERSION, "allocation": _VERSION, "receipt": _VERSION}
"""What the account of the repair may do with the tables of `inventory`, and with those of each store."""

_STATEMENTS: Mapping[Remedy, str] = {
    # Above what central has, which is newer than the store after the store was restored from a backup.
    Remedy.STOCK: """
        UPDATE `{store}`.stock AS s LEFT JOIN inventory.availability AS a USING (stock_id)
        SET s.version = GREATEST(s.version, COALESCE(a.stock_version, 0)) + 1 WHERE s.stock_id = %s
    """,
    Remedy.ALLOCATION: """
        UPDATE `{store}`.allocation AS a JOIN inventory.reservation AS r ON r.reservation_id = a.allocation_id
        SET a.version = GREATEST(a.version, r.answer_version) + 1 WHERE a.allocation_id = %s
    """,
    Remedy.RESERVATION: "UPDATE inventory.reservation SET version = version + 1 WHERE reservation_id = %s",
    Remedy.INBOUND: "UPDATE inventory.inbound SET version = version + 1 WHERE inbound_id = %s",
    Remedy.RECEIPT: "UPDATE `{store}`.receipt SET version = version + 1 WHERE inbound_id = %s",
    Remedy.SOURCING: "UPDATE inventory.sourcing SET version = version + 1 WHERE order_id = %s",
}
_LOCK = """
SELECT committed, GREATEST(0, on_hand - unsellable - committed) AS not_committed FROM inventory.availability
WHERE stock_id = %s FOR UPDATE
"""
_SUM = """
SELECT COALESCE(SUM(quantity), 0) AS promised FROM inventory.reservation
WHERE stock_id = %s AND state IN ('held', 'asked', 'committed') LOCK IN SHARE MODE
"""
_SET_SUM = """
UPDATE inventory.availability SET reserved = %s, overreserved = %s, version = version + 1 WHERE stock_id = %s
"""

_LOCK_DELIVERED = "SELECT delivered FROM inventory.availability WHERE stock_id = %s FOR UPDATE"
_SENT = """
SELECT COALESCE(SUM(quantity), 0) AS sent FROM inventory.inbound WHERE stock_id = %s LOCK IN SHARE MODE
"""
_SET_INCOMING = "UPDATE inventory.availability SET incoming = %s, version = version + 1 WHERE stock_id = %s"


async def repair(writer: Database, violations: Sequence[Violation], cache: Cache | None = None) -> int:
    """Repair all that can be repaired; verify again afterwards. Returns how many were.

    Raises Unavailable, and RedisError.
    """
    repairable = [each for each in violations if each.check.remedy]
    for each in repairable:
        if each.check.remedy is not Remedy.CACHE:
            await transact(writer, partial(_repair, each))
        elif cache is not None:
            await cache.forget(each.sku)
    return len(repairable)


async def _repair(violation: Violation, tx: Connection) -> None:
    if violation.check.remedy is Remedy.RESERVED:
        await _add_up(tx, violation.id)
        return
    if violation.check.remedy is Remedy.INCOMING:
        await _add_up_incoming(tx, violation.id)
        return
    statement = _STATEMENTS[violation.check.remedy].format(store=violation.place.database)
    await tx.execute(statement, [violation.id])


async def _add_up(tx: Connection, stock_id: str) -> None:
    """Set the reserved units to those of the reservations, less what the store has committed. The row is locked first.

    A transaction that has written a reservation and not yet this row is waited for: it is committed, or one is retried.
    """
    locked = await tx.fetch_one(_LOCK, [stock_id])
    row = await tx.fetch_one(_SUM, [stock_id])
    assert row is not None, "an aggregate has one row"
    if locked is None:
        return
    units = max(0, int(row["promised"]) - locked["committed"])
    reserved = min(units, locked["not_committed"])
    await tx.execute(_SET_SUM, [reserved, units - reserved, stock_id])
    await name_store(tx, stock_id)


async def _add_up_incoming(tx: Connection, stock_id: str) -> None:
    """Set the incoming units to those that were sent, less those delivered. The row is locked first, as above."""
    locked = await tx.fetch_one(_LOCK_DELIVERED, [stock_id])
    row = await tx.fetch_one(_SENT, [stock_id])
    assert row is not None, "an aggregate has one row"
    if locked is not None:
        await tx.execute(_SET_INCOMING, [max(0, int(row["sent"]) - locked["delivered"]), stock_id])
